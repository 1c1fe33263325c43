"""From a folder of labelled images to feature vectors of varied and of ruined copies, with groups that never cross a split.

The folder has ``images/`` and ``manifest.csv`` with at least the columns file, class, repo, group and licence.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.errors import UsageError
from deidkit_modality.augment import SPOILERS, vary
from deidkit_modality.features import LENGTH, features
from deidkit_modality.patterns import pattern, scene
from deidkit_modality.uniform import Pixels, uniform

CLASSES = ("CR", "CT", "MR", "PT", "SM", "US", "XC", "document", "screen")
QUALITIES = ("good", "blurred", "dark", "bright", "empty", "pattern", "not_medical")
FOLDS = 5
_MEANT = {"ES": "XC", "OP": "XC", "SC": "screen", "SCR": "screen", "DOC": "document"}
_MORE = {"PT": 3.0, "XC": 3.0, "US": 5.0, "screen": 1.5, "CT": 1.5}
_USED_SIDE = 448


@dataclass(frozen=True, slots=True)
class Samples:
    """One row a picture: features (n, LENGTH) float32; class, quality and fold (n,) int64; ``source`` the image's row in the
    manifest; ``original`` whether it is the image itself rather than a copy.
    """

    features: NDArray[Any]
    label: NDArray[Any]
    quality: NDArray[Any]
    fold: NDArray[Any]
    source: NDArray[Any]
    original: NDArray[Any]

    def __len__(self) -> int:
        return len(self.label)


def read_manifest(folder: Path) -> list[dict[str, str]]:
    """The rows whose class is one that the network learns.

    Raises:
        UsageError: no manifest, or one without the needed columns.
    """
    try:
        with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except OSError:
        raise UsageError("the data folder has no manifest.csv that can be read") from None
    needed = {"file", "class", "repo", "group", "licence"}
    if not rows or not needed <= set(rows[0]):
        raise UsageError(f"manifest.csv needs the columns {', '.join(sorted(needed))}")
    return [row for row in rows if _MEANT.get(row["class"], row["class"]) in CLASSES]


def folds(rows: list[dict[str, str]]) -> list[int]:
    """A fold for every row. Whole repositories go to one fold, but where one gives over 40 % of a class, whole groups do."""
    out = [0] * len(rows)
    for name in sorted({row["class"] for row in rows}):
        members = [index for index, row in enumerate(rows) if row["class"] == name]
        counts = Counter(rows[index]["repo"] for index in members)
        small = 0
        for repo, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            mine = [index for index in members if rows[index]["repo"] == repo]
            split = count > 0.4 * len(members) or len(counts) < 3
            groups = sorted({rows[index]["group"] for index in mine})
            for index in mine:
                out[index] = (groups.index(rows[index]["group"]) if split else small) % FOLDS
            small += 0 if split else 1
    return out


def draw(folder: Path, rows: list[dict[str, str]], copies: int, seed: int) -> Samples:
    """Features of every image, of ``copies`` varied ones (more for rare classes) and of ruined ones."""
    split = folds(rows)
    made: list[tuple[NDArray[Any], int, int, int, int, bool]] = []
    for index, row in enumerate(rows):
        pixels = _read(folder / "images" / row["file"])
        name = _MEANT.get(row["class"], row["class"])
        pictures = _pictures(pixels, name, index, copies, np.random.default_rng([seed, index]))
        for number, (picture, quality) in enumerate(pictures):
            vector = features(uniform(picture))
            made.append((vector, CLASSES.index(name), QUALITIES.index(quality), split[index], index, number == 0))
    vectors, *others = zip(*made, strict=True)
    return Samples(np.stack(vectors), *(np.array(column) for column in others))


def _pictures(pixels: Pixels, name: str, index: int, copies: int, random: np.random.Generator) -> list[tuple[Pixels, str]]:
    """The image first, then copies; pages and screens are not ruined, since unreadable ones do not matter."""
    base = _smaller(pixels) if index % 3 else pixels
    out = [(pixels, "good")]
    out += [(vary(base, name, random), "good") for _ in range(int(copies * _MORE.get(name, 1.0)))]
    if name not in {"document", "screen"}:
        out += [(SPOILERS[kind](vary(base, name, random), random), kind) for kind in ("blurred", "dark", "bright")]
    if index % 3 == 0:
        out.append((SPOILERS["empty"](base, random), "empty"))
    if index % 2 == 0:
        rows, columns = (int(side) for side in random.integers(64, 700, 2))
        out += [(pattern(rows, columns, random), "pattern"), (scene(rows, columns, random), "not_medical")]
    return out


def _read(path: Path) -> Pixels:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise UsageError("an image that the manifest names cannot be read")
    return np.ascontiguousarray(np.asarray(image, np.uint8)[:, :, ::-1])


def _smaller(pixels: Pixels) -> Pixels:
    factor = _USED_SIDE / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    shape = (max(8, round(pixels.shape[1] * factor)), max(8, round(pixels.shape[0] * factor)))
    return np.asarray(cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA), np.uint8)


def save(samples: Samples, path: Path) -> None:
    np.savez(path, **{name: getattr(samples, name) for name in Samples.__slots__})


def load(path: Path) -> Samples | None:
    """What ``save`` wrote; None when it is not there or was made by other features."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        samples = Samples(**{name: stored[name] for name in Samples.__slots__})
    return samples if samples.features.shape[1] == LENGTH else None
