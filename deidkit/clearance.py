"""Boxes of text that goes give way to text that stays, where an empty row lies between them.

Detectors draw their boxes some pixels wide of the glyphs, so that those of two lines overlap and half of a line that a profile
keeps would go with the one above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deidkit.regions import intersection, rasterise
from deidkit.strokes import grey
from deidkit.types import Action, Array, Box, Region

SURE = 0.9
"""Confidence with which a kept text was read; others may hold more than was read."""
TALLEST = 1.75
"""Height of a kept box, in heights of the other one, from which it may hold two lines."""
LEAST_STEP = 12
"""Grey levels."""
PITCH = 0.35
"""How far apart the middles of two lines are at least, in heights of the lower one."""


def overlap(regions: Sequence[Region]) -> bool:
    """Whether a region that is redacted shares pixels with one that is kept, so that ``give_way`` may change something."""
    kept = [region.box for region in regions if region.action is Action.KEEP]
    return any(region.action is Action.REDACT and any(intersection(region.box, box) for box in kept) for region in regions)


def give_way(view: Array, regions: Sequence[Region]) -> tuple[Region, ...]:
    """The regions of one frame, those that are redacted made lower where a kept one reaches into them from above or below.

    What comes into view lies in a kept box of one line, whose text was read surely and understood, or holds no edge at all; the
    middle of a redacted box never does. A region that overlaps a kept one in any other way stays as it is.

    Args:
        view: uint8 display view of the frame.
        regions: decided ones.
    """
    kept = sorted({region.box for region in regions if region.action is Action.KEEP and region.text_score >= SURE})
    edges = _upright_edges(grey(view))
    bare = edges & ~rasterise(kept, (view.shape[0], view.shape[1]))
    return tuple(
        replace(region, box=_lowered(region.box, kept, edges, bare)) if region.action is Action.REDACT else region
        for region in regions
    )


def _upright_edges(picture: Array) -> Array:
    """Boolean ``(rows, columns)``: where grey changes along a row, as on both sides of every stroke but never between lines."""
    steps = np.abs(np.diff(picture.astype(np.int16), axis=1, prepend=picture[:, :1].astype(np.int16)))
    return np.asarray(steps > LEAST_STEP)


def _lowered(box: Box, kept: Sequence[Box], edges: Array, bare: Array) -> Box:
    for other in kept:
        if intersection(box, other):
            box = _between(box, other, edges, bare)
    return box


def _between(box: Box, other: Box, edges: Array, bare: Array) -> Box:
    """``box`` cut along an empty row of what it shares with ``other``, unless edges in no kept box would come into view."""
    x0, y0, x1, y1 = box
    middle, others = (y0 + y1) // 2, (other[1] + other[3]) // 2
    height, others_height = y1 - y0, other[3] - other[1]
    if abs(others - middle) < PITCH * min(height, others_height) or others_height > TALLEST * height:
        return box
    if others > middle:
        made = (x0, y0, x1, _empty_row(edges, max(middle + 1, other[1]), y1, x0, x1) or y1)
        freed = (made[3], y1)
    else:
        made = (x0, (_empty_row(edges, y0, min(middle, other[3]), x0, x1) or y0), x1, y1)
        freed = (y0, made[1])
    return box if bare[freed[0] : freed[1], x0:x1].any() else made


def _empty_row(edges: Array, start: int, end: int, x0: int, x1: int) -> int | None:
    """The row from ``start`` to ``end`` without an edge between ``x0`` and ``x1`` that is nearest to their middle."""
    empty = np.flatnonzero(~edges[start:end, x0:x1].any(axis=1))
    if not empty.size:
        return None
    return start + int(empty[np.argmin(np.abs(empty - (end - start - 1) / 2))])
