"""Boxes of text that goes give way to text that stays, where an empty row lies between them.

Detectors draw their boxes some pixels wide of the glyphs, so that those of two lines overlap and half of a line that a profile
keeps would go with the one above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging.boxes import intersection, rasterise
from deidkit.types import Action, Region

SURE = 0.9
"""Confidence with which a kept text was read; others may hold more than was read."""
TALLEST = 1.75
"""Height of a kept box, in heights of the other one, from which it may hold two lines."""
LEAST_STEP = 8
"""Grey levels of any colour in any view by which a stroke differs from what is beside it."""
REACHES = (1, 2, 4)
"""Pixels to either side at which it does: edges may be soft."""
PITCH = 0.35
"""How far apart the middles of two lines are at least, in heights of the lower one."""
MOST_FREED = 0.6
"""Share of the kept line's own height that may come into view."""


def overlap(regions: Sequence[Region]) -> bool:
    """Whether a region that is redacted shares pixels with one that is kept, so that ``give_way`` may change something."""
    kept = [region.box for region in regions if region.action is Action.KEEP]
    return any(region.action is Action.REDACT and any(intersection(region.box, box) for box in kept) for region in regions)


def give_way(views: Sequence[Array], regions: Sequence[Region]) -> tuple[Region, ...]:
    """The regions of one frame, those that are redacted made lower where a kept one reaches into them from above or below.

    What comes into view is part of one line that goes on outside the redacted box, inside a kept box that was read surely and
    understood, or holds no edge in any view; the middle of a redacted box never does. A region that overlaps a kept one in any
    other way, and one that is taller than wide, as turned text is, stays as it is.

    Args:
        views: all uint8 display views of the frame.
        regions: decided ones.
    """
    kept = sorted({region.box for region in regions if region.action is Action.KEEP and region.text_score >= SURE})
    edges = np.logical_or.reduce([_upright_edges(view) for view in views])
    bare = edges & ~rasterise(kept, (edges.shape[0], edges.shape[1]))
    return tuple(
        replace(region, box=_lowered(region.box, kept, edges, bare)) if region.action is Action.REDACT else region
        for region in regions
    )


def _upright_edges(view: Array) -> Array:
    """Boolean ``(rows, columns)``: where values change along a row, as around every stroke but never between lines."""
    values = (view if view.ndim == 3 else view[..., None]).astype(np.int16)
    found = np.zeros(values.shape[:2], np.bool_)
    for reach in REACHES:
        if values.shape[1] > reach:
            step = (np.abs(values[:, reach:] - values[:, :-reach]) > LEAST_STEP).any(axis=2)
            found[:, reach:] |= step
            found[:, :-reach] |= step
    return found


def _lowered(box: Box, kept: Sequence[Box], edges: Array, bare: Array) -> Box:
    """What is left of ``box`` when every kept box has cut it, each as if alone."""
    x0, top, x1, bottom = box
    if bottom - top > x1 - x0:
        return box
    for other in kept:
        if intersection(box, other):
            start, end = _between(box, other, edges, bare)
            top, bottom = max(top, start), min(bottom, end)
    return (x0, top, x1, bottom)


def _between(box: Box, other: Box, edges: Array, bare: Array) -> tuple[int, int]:
    """First and last row of ``box`` cut along an empty row of what it shares with ``other``, or as they were."""
    x0, y0, x1, y1 = box
    middle, others = (y0 + y1) // 2, (other[1] + other[3]) // 2
    height, others_height = y1 - y0, other[3] - other[1]
    if abs(others - middle) < PITCH * min(height, others_height) or others_height > TALLEST * height:
        return y0, y1
    if others > middle:
        cut = _empty_row(edges, max(middle + 1, other[1]), y1, x0, x1)
        if cut is None or bare[cut:y1, x0:x1].any() or not _goes_on(edges[cut : other[3], other[0] : other[2]], y1 - cut):
            return y0, y1
        return y0, cut
    cut = _empty_row(edges, y0, min(middle, other[3]), x0, x1)
    if cut is None or bare[y0:cut, x0:x1].any():
        return y0, y1
    return (cut, y1) if _goes_on(edges[other[1] : cut, other[0] : other[2]][::-1], cut - y0) else (y0, y1)


def _empty_row(edges: Array, start: int, end: int, x0: int, x1: int) -> int | None:
    """The row from ``start`` to ``end`` without an edge between ``x0`` and ``x1`` that is nearest to their middle."""
    empty = np.flatnonzero(~edges[start:end, x0:x1].any(axis=1))
    if not empty.size:
        return None
    return start + int(empty[np.argmin(np.abs(empty - (end - start - 1) / 2))])


def _goes_on(edges: Array, freed: int) -> bool:
    """Whether the first line in ``edges``, seen from the cut, goes on well beyond the ``freed`` rows."""
    rows = np.asarray(edges.any(axis=1))
    inked = np.flatnonzero(rows)
    if not inked.size or inked[0] >= freed:
        return True
    rest = np.flatnonzero(~rows[inked[0] :])
    height = int(rest[0]) if rest.size else rows.size - int(inked[0])
    return freed - int(inked[0]) <= MOST_FREED * height
