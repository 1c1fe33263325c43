"""Hard negatives: crops of clean images of the pool's training part in which a network sees text. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from deidkit.image import Array
from deidkit.registry import installed
from deidkit_training.recipe import Recipe

SIDE = 320
LEAST_AREA = 30
EMPTY_SEED = 40_000


def mine(recipe: Recipe, network: Any, conditions: dict[str, Any], folder: Path, most: int) -> int:
    """Writes at most ``most`` PNG crops of ``SIDE`` pixels around what the network covers by mistake; returns how many.

    Crops come from tiles without text of the generator's training part, so that no image of another part is ever seen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {**conditions, "part": "train", "mined": None, "empty": 1.0, "size": 2 * SIDE}
    count = 0
    for tile in installed().build("generator", "tiles").generate(most * 8, EMPTY_SEED, chosen):
        for crop in mistakes(tile.image, recipe.coverage(network, tile)):
            cv2.imwrite(str(folder / f"{count:05}.png"), crop[..., ::-1])
            count += 1
            if count >= most:
                return count
    return count


def mistakes(image: Array, covered: Array) -> Iterator[Array]:
    """Crops around the parts of ``covered``, the largest three of an image, none overlapping another's centre."""
    parts, _, stats, centres = cv2.connectedComponentsWithStats(covered.astype(np.uint8))
    order = sorted(range(1, parts), key=lambda part: -int(stats[part][4]))[:3]
    taken: list[tuple[float, float]] = []
    for part in order:
        x, y = (float(v) for v in centres[part])
        if stats[part][4] < LEAST_AREA or any(abs(x - a) < SIDE / 2 and abs(y - b) < SIDE / 2 for a, b in taken):
            continue
        taken.append((x, y))
        top = int(np.clip(y - SIDE / 2, 0, max(0, image.shape[0] - SIDE)))
        left = int(np.clip(x - SIDE / 2, 0, max(0, image.shape[1] - SIDE)))
        yield np.ascontiguousarray(image[top : top + SIDE, left : left + SIDE])
