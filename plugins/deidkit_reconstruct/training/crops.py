"""Redacted crops with the strokes that they hide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging.boxes import grow, rasterise
from deidkit.registry import installed
from deidkit_reconstruct.training.redactions import Redaction

LEAST_STROKE = 30
MARGIN = 6
"""Boxes are grown by less than this, as redactors and detectors do, so that where text stands in a box can be learned."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """One tile: ``plane`` uint8 with its text, ``strokes`` boolean, the grown ``boxes`` of its lines, ``redacted`` planes."""

    plane: Array
    strokes: Array
    boxes: tuple[Box, ...]
    redacted: Mapping[str, Array]

    @property
    def mask(self) -> Array:
        return rasterise(self.boxes, (self.plane.shape[0], self.plane.shape[1]))


def draw(count: int, seed: int, conditions: Mapping[str, Any], ways: Mapping[str, Redaction]) -> Iterator[Hidden]:
    """Up to ``count`` tiles of the generator ``tiles`` that hold legible text, redacted in all ``ways``."""
    rng = np.random.default_rng([seed, 23])
    for tile in installed().build("generator", "tiles").generate(count, seed, {**conditions, "empty": 0.0}):
        tight = [line.box for line in tile.instances if line.legible]
        plane = np.ascontiguousarray(tile.image[..., int(np.argmax(tile.image.mean((0, 1))))])
        strokes = (tile.stroke > 0) & rasterise(tight, plane.shape)
        margin = int(rng.integers(MARGIN))
        boxes = tuple(box for box in (grow(one, margin, plane.shape) for one in tight) if box is not None)
        if int(strokes.sum()) >= LEAST_STROKE:
            yield Hidden(plane, strokes, boxes, {name: redact(plane, boxes) for name, redact in ways.items()})
