"""Tiles from the generator as a stream of training examples. Imports torch."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from deidkit.image import Array
from deidkit.registry import installed
from deidkit_training.recipe import Example, Recipe

KEPT = 400
ENDLESS = 1 << 40
VALIDATION_SEED, CALIBRATION_SEED = 20_000, 30_000
CALIBRATION_SIDE = 640
SOURCES = ("pool", "fonts")
"""Conditions that validation and calibration share with training."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands: the device's rank, the batches that each device has seen, and the examples of a batch."""

    rank: int = 0
    batches: int = 0
    batch: int = 1

    def stream(self, worker: int, workers: int) -> tuple[int, int]:
        """Which stream of examples a worker goes on with, and how many of them were used: batches go round the workers."""
        turn = (worker + self.batches) % workers
        return self.rank * workers + turn, self.batch * len(range(turn, self.batches, workers))


class Examples(IterableDataset[tuple[torch.Tensor, ...]]):
    """Endless examples; every tile is used twice, the second time mirrored or turned, because drawing is dear.

    Args:
        recipe: makes arrays of a tile; only where all are maps (channels, rows, columns) are they mirrored.
        conditions: options of the ``tiles`` generator.
        seed: of the tiles; each worker of each device derives its own.
        place: what was used before is drawn again and left out, so a resumed run sees what an undisturbed one would.
    """

    def __init__(self, recipe: Recipe, conditions: dict[str, Any], seed: int, place: Place = Place()) -> None:
        super().__init__()
        self.recipe, self.conditions, self.seed, self.place = recipe, conditions, seed, place

    def __iter__(self) -> Iterator[tuple[torch.Tensor, ...]]:
        torch.set_num_threads(1)
        info = get_worker_info()
        stream, used = self.place.stream(*((info.id, info.num_workers) if info else (0, 1)))
        for example in islice(self._drawn(self.seed * 1000 + stream), used, None):
            yield tuple(torch.from_numpy(a) for a in example)

    def _drawn(self, seed: int) -> Iterator[Example]:
        rng = np.random.default_rng([seed, 11])
        kept: list[Example] = []
        for tile in installed().build("generator", "tiles").generate(ENDLESS, seed, self.conditions):
            example = self.recipe.example(tile)
            yield example
            if len(kept) < KEPT:
                kept.append(example)
                continue
            at = int(rng.integers(KEPT))
            old, kept[at] = kept[at], example
            way = int(rng.integers(4)) if all(a.ndim == 3 for a in old) else 0
            yield _turned(old, way)


def _turned(example: Example, way: int) -> Example:
    views = [(a, a[:, :, ::-1], a[:, ::-1], a.transpose(0, 2, 1))[way] if a.ndim == 3 and way else a for a in example]
    return tuple(np.ascontiguousarray(a) for a in views)


def loader(examples: Examples, batch: int, workers: int) -> DataLoader[tuple[torch.Tensor, ...]]:
    """Batches of examples, drawn ahead by ``workers`` processes."""
    ahead = {"prefetch_factor": 16, "persistent_workers": True} if workers else {}
    return DataLoader(examples, batch_size=batch, num_workers=workers, **ahead)


def _sources(conditions: dict[str, Any]) -> dict[str, Any]:
    return {name: conditions[name] for name in SOURCES if name in conditions}


def calibration_tiles(count: int, conditions: dict[str, Any]) -> Iterator[Any]:
    """Tiles of the validation part that are not in the fixed validation set, large enough to be looked at from afar too."""
    chosen = _sources(conditions) | {"part": "validation", "size": CALIBRATION_SIDE}
    return iter(installed().build("generator", "tiles").generate(count, CALIBRATION_SEED, chosen))


def clean_images(conditions: dict[str, Any], most: int) -> Iterator[Array]:
    """At most ``most`` whole images of the pool that hold no text, evenly over its manifest, uint8 (rows, columns, 3) RGB."""
    pool = conditions.get("pool")
    if pool is None:
        return
    with (Path(pool) / "manifest.csv").open(newline="") as stream:
        files = sorted(row["file"] for row in csv.DictReader(stream) if row["has_text"] == "no")
    for file in files[:: max(1, -(-len(files) // most))]:
        pixels = cv2.imread(str(Path(pool) / "images" / file), cv2.IMREAD_COLOR)
        if pixels is not None:
            yield np.ascontiguousarray(pixels[..., ::-1])


def validation_tiles(count: int, conditions: dict[str, Any]) -> Iterator[Any]:
    """The fixed validation set: the same tiles for every model on one machine, whatever tiles it was trained on."""
    chosen = _sources(conditions) | {"part": "validation"}
    return iter(installed().build("generator", "tiles").generate(count, VALIDATION_SEED, chosen))
