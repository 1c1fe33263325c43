"""Boxes that could be spared: what is in them is hidden by other boxes too, and the rest of them is blank.

Several looks and several detectors box one text more than once, some of them loosely or together with the lines around it.
Where others hold the same ink, the large one hides image for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box
from deidkit.imaging.boxes import area, grow, intersection, rasterise
from deidkit.types import Action, Region

RANGE = 2
"""How far values of blank pixels may lie apart, in any colour of any view and in what is stored."""
RIM = 4
"""Pixels around a box that have to be as blank as what is left of it, so that nothing ends at its edge."""
MANY = 400
"""From so many regions on none is spared: each is compared with all that touch it."""


def without_spare(planes: Sequence[Array], regions: Sequence[Region]) -> tuple[Region, ...]:
    """The regions of one frame but those to be redacted that others to be redacted make superfluous, from the largest on.

    A region is superfluous when others cover all of it, or touch it and the rest of it and of its rim is of one value. A small
    range says more than the lack of edges, which large soft letters do not have either.

    Args:
        planes: all uint8 display views of the frame and its stored samples, ``(rows, columns)`` or with a last axis of colours.
        regions: decided ones, in any order, which is kept.
    """
    doomed = [n for n, region in enumerate(regions) if region.action is Action.REDACT]
    if not 1 < len(doomed) < MANY:
        return tuple(regions)
    boxes = {n: regions[n].box for n in sorted(doomed, key=lambda n: -area(regions[n].box))}
    for n, box in list(boxes.items()):
        window = grow(box, RIM, (planes[0].shape[0], planes[0].shape[1]))
        others = [other for m, other in boxes.items() if m != n and window and intersection(other, window)]
        if not others or not window:
            continue
        if not _bare(box, others).any() or _blank(planes, window, _bare(window, others)):
            del boxes[n]
    return tuple(region for n, region in enumerate(regions) if n in boxes or region.action is not Action.REDACT)


def _bare(window: Box, boxes: Sequence[Box]) -> NDArray[np.bool_]:
    """Which pixels of ``window`` no box covers."""
    x, y, end, bottom = window
    return ~rasterise([(x0 - x, y0 - y, x1 - x, y1 - y) for x0, y0, x1, y1 in boxes], (bottom - y, end - x))


def _blank(planes: Sequence[Array], window: Box, bare: NDArray[np.bool_]) -> bool:
    """Whether the ``bare`` pixels of ``window`` are alike in every plane."""
    x0, y0, x1, y1 = window
    return all(_range(plane[y0:y1, x0:x1][bare]) <= RANGE for plane in planes)


def _range(values: Array) -> int:
    """Largest difference between values of one colour; 0 of none."""
    return int((values.max(axis=0).astype(np.int64) - values.min(axis=0)).max()) if values.size else 0
