"""What the image network learns from: varied copies of a pool's images, uniform and square, and procedural ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from deidkit_modality.training.augment import vary
from deidkit_modality.training.data import CLASSES, MADE_UP, Maker, folds, meant, procedural, read, smaller
from deidkit_modality.uniform import Pixels, picture, uniform

PER_CLASS, FEWEST, MOST, PER_KIND = 2400, 6, 60, 150
_BASE_SIDE = 320


@dataclass(frozen=True, slots=True)
class Pictures:
    """``pixels`` (n, SIDE, SIDE, 3) uint8 RGB; label, fold and source (n,) int64; source and fold are
    MADE_UP for procedural ones; ``original`` whether it is the image itself.
    """

    pixels: NDArray[np.uint8]
    label: NDArray[Any]
    fold: NDArray[Any]
    source: NDArray[Any]
    original: NDArray[Any]

    def __len__(self) -> int:
        return len(self.label)


def draw(folder: Path, rows: list[dict[str, str]], makers: Mapping[str, Maker], seed: int, share: float = 1.0) -> Pictures:
    """Every image and about ``share`` x PER_CLASS copies a class, and PER_KIND procedural images a kind."""
    split, counts = folds(rows), Counter(meant(row) for row in rows)
    made: list[tuple[Pixels, int, int, int, bool]] = []
    for index, row in enumerate(rows):
        name = meant(row)
        copies = int(np.clip(PER_CLASS / counts[name], FEWEST, MOST) * share)
        pixels, random = read(folder / "images" / row["file"]), np.random.default_rng([seed, 1, index])
        base = smaller(pixels, _BASE_SIDE)
        views = [pixels, *(vary(base, name, random) for _ in range(copies))]
        made += [
            (picture(uniform(view)), CLASSES.index(name), split[index], index, number == 0) for number, view in enumerate(views)
        ]
    made += [
        (picture(uniform(view)), CLASSES.index(name), MADE_UP, MADE_UP, False)
        for name, view in procedural(makers, seed, int(PER_KIND * share))
    ]
    shown, *others = zip(*made, strict=True)
    return Pictures(np.stack(shown), *(np.array(column) for column in others))


def save(pictures: Pictures, path: Path) -> None:
    np.savez(path, **{name: getattr(pictures, name) for name in Pictures.__slots__})


def load(path: Path) -> Pictures | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        return Pictures(**{name: stored[name] for name in Pictures.__slots__})


def jittered(pixels: NDArray[np.uint8], random: Generator) -> NDArray[np.uint8]:
    """A batch shifted, mirrored, toned and with a patch left out, each picture on its own; cheap enough for every step."""
    out = np.empty_like(pixels)
    side = pixels.shape[1]
    for number, one in enumerate(pixels):
        scale, (dx, dy) = random.uniform(0.85, 1.2), random.uniform(-0.06, 0.06, 2) * side
        angle = random.uniform(-8, 8) if random.random() < 0.5 else 0.0
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(angle), float(scale))
        turn[:, 2] += (dx, dy)
        moved = cv2.warpAffine(one, turn, (side, side), flags=cv2.INTER_LINEAR)
        gain, shift = random.uniform(0.85, 1.15), random.uniform(-10, 10)
        moved = cv2.convertScaleAbs(moved, alpha=float(gain), beta=float(shift) if moved.any() else 0.0)
        if random.random() < 0.3:
            top, left = random.integers(0, side - side // 4, 2)
            moved[top : top + side // 4, left : left + side // 4] = random.integers(0, 256)
        out[number] = moved
    return out
