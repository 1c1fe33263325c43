"""Box geometry: clip, grow, merge, rasterise. Boxes are (x0, y0, x1, y1), half open, in stored pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Box


def clip(box: Box, shape: tuple[int, int]) -> Box | None:
    """The part of ``box`` inside a frame of ``shape`` (rows, columns); None when nothing is left."""
    rows, columns = shape
    x0, y0, x1, y1 = max(0, box[0]), max(0, box[1]), min(columns, box[2]), min(rows, box[3])
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def grow(box: Box, margin: int, shape: tuple[int, int]) -> Box | None:
    """``box`` with ``margin`` pixels added on every side, clipped to the frame."""
    return clip((box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin), shape)


def around(box: Sequence[float], scale: float, margin: int, shape: tuple[int, int]) -> Box | None:
    """Whole pixels around ``box``, whose numbers are ``scale`` pixels each, grown by ``margin`` and a tenth of its shorter side
    and clipped to the frame.
    """
    x0, y0, x1, y1 = (float(v) * scale for v in box)
    extra = margin + min(x1 - x0, y1 - y0) / 10
    return clip((math.floor(x0 - extra), math.floor(y0 - extra), math.ceil(x1 + extra), math.ceil(y1 + extra)), shape)


def area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def intersection(a: Box, b: Box) -> int:
    """Shared area in pixels."""
    return area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))


def covered(box: Box, boxes: Iterable[Box]) -> float:
    """Share of ``box`` that the union of ``boxes`` covers, in [0, 1]."""
    size = area(box)
    if not size:
        return 1.0
    mask = rasterise(
        [(b[0] - box[0], b[1] - box[1], b[2] - box[0], b[3] - box[1]) for b in boxes if intersection(box, b)],
        (box[3] - box[1], box[2] - box[0]),
    )
    return float(mask.sum()) / size


def rasterise(boxes: Iterable[Box], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Boolean mask of ``shape`` (rows, columns), true inside any box."""
    mask = np.zeros(shape, np.bool_)
    for x0, y0, x1, y1 in boxes:
        mask[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
    return mask


def union(boxes: Sequence[Box]) -> Box:
    """Smallest box around all of them."""
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def merge(boxes: Iterable[Box], overlap: float = 0.0) -> list[Box]:
    """Boxes joined, repeatedly, where they share more than ``overlap`` of the smaller one's area.

    The result covers at least what the input covered, in a stable order (top to bottom, left to right).
    """
    left = [box for box in boxes if area(box)]
    merged: list[Box] = []
    while left:
        current = left.pop()
        touching = [b for b in left + merged if intersection(current, b) > overlap * min(area(current), area(b))]
        if touching:
            left = [b for b in left if b not in touching]
            merged = [b for b in merged if b not in touching]
            left.append(union([current, *touching]))
        else:
            merged.append(current)
    return sorted(merged, key=lambda b: (b[1], b[0], b[3], b[2]))
