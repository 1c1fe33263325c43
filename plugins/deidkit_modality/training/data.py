"""From a folder of labelled images to feature vectors of varied and of ruined copies, with groups that never cross a split.

The folder has ``images/`` and ``manifest.csv`` with at least the columns file, class, repo, group and licence.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from deidkit.errors import UsageError
from deidkit_modality.features import LENGTH, features
from deidkit_modality.training.augment import SPOILERS, vary
from deidkit_modality.training.patterns import pattern, scene
from deidkit_modality.uniform import Pixels, uniform

CLASSES = ("CR", "CT", "MR", "PT", "SM", "US", "XC", "document", "screen")
QUALITIES = ("good", "blurred", "dark", "bright", "empty", "pattern", "not_medical")
FOLDS = 5
_MEANT = {"ES": "XC", "OP": "XC", "SC": "screen", "SCR": "screen", "DOC": "document"}
_MORE = {"PT": 3.0, "XC": 3.0, "US": 5.0, "screen": 1.5, "CT": 1.5}
_USED_SIDE = 448
DRAWN_AS = {"ultrasound": "US", "doppler": "US", "spectral": "US", "radiograph": "CR", "endoscopy": "XC"}
"""Kind of a procedural image -> the class that it stands for; the others look like no class in particular."""
MADE_UP = -1
PER_COPY, _DRAWN_SIDE = 20, 320
Maker = Callable[[Generator, int], Pixels]


@dataclass(frozen=True, slots=True)
class Samples:
    """One row a picture: features (n, LENGTH) float32; class, quality and fold (n,) int64; ``source`` the image's row in the
    manifest; ``original`` whether it is the image itself rather than a copy. Procedural ones have fold and source MADE_UP.
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
    return [row for row in rows if meant(row) in CLASSES]


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


def draw(
    folder: Path, rows: list[dict[str, str]], copies: int, seed: int, makers: Mapping[str, Maker] | None = None
) -> Samples:
    """Features of every image, of ``copies`` varied ones (more for rare classes), of ruined and of procedural ones."""
    split = folds(rows)
    made: list[tuple[NDArray[Any], int, int, int, int, bool]] = []
    for index, row in enumerate(rows):
        pixels = read(folder / "images" / row["file"])
        name = meant(row)
        pictures = _pictures(pixels, name, index, copies, np.random.default_rng([seed, index]))
        for number, (picture, quality) in enumerate(pictures):
            vector = features(uniform(picture))
            made.append((vector, CLASSES.index(name), QUALITIES.index(quality), split[index], index, number == 0))
    for name, picture in procedural(makers or {}, seed, PER_COPY * copies):
        made.append((features(uniform(picture)), CLASSES.index(name), QUALITIES.index("good"), MADE_UP, MADE_UP, False))
    vectors, *others = zip(*made, strict=True)
    return Samples(np.stack(vectors), *(np.array(column) for column in others))


def procedural(makers: Mapping[str, Maker], seed: int, count: int) -> Iterator[tuple[str, Pixels]]:
    """Class and a varied picture, ``count`` of each kind in DRAWN_AS that there is a maker for."""
    for number, (kind, name) in enumerate(sorted(DRAWN_AS.items())):
        random = np.random.default_rng([seed, 2, number])
        for _ in range(count if kind in makers else 0):
            yield name, vary(np.asarray(makers[kind](random, _DRAWN_SIDE), np.uint8), name, random)


def _pictures(pixels: Pixels, name: str, index: int, copies: int, random: np.random.Generator) -> list[tuple[Pixels, str]]:
    """The image first, then copies; pages and screens are not ruined, since unreadable ones do not matter."""
    base = smaller(pixels) if index % 3 else pixels
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


def meant(row: dict[str, str]) -> str:
    """The class of the network that a row of the manifest belongs to."""
    return _MEANT.get(row["class"], row["class"])


def read(path: Path) -> Pixels:
    """RGB (rows, columns, 3) uint8.

    Raises:
        UsageError: missing or no image.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise UsageError("an image that the manifest names cannot be read")
    return np.ascontiguousarray(np.asarray(image, np.uint8)[:, :, ::-1])


def smaller(pixels: Pixels, side: int = _USED_SIDE) -> Pixels:
    """Shrunk to at most ``side`` on the long side."""
    factor = side / max(pixels.shape[:2])
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
