"""Boxes that could be spared: all that can be seen of them is in smaller boxes too.

Several looks and several detectors box one text more than once, some of them loosely or together with the lines around it.
Where the smaller boxes hold the same ink, the large one hides image for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deidkit.regions import area, grow
from deidkit.types import Array, Box, Region

LEAST_STEP = 2
"""Grey levels of any colour in any view by which a pixel differs visibly, or might, from one ``REACHES`` pixels beside it."""
REACHES = (1, 2, 4)


def without_spare(views: Sequence[Array], regions: Sequence[Region]) -> list[Region]:
    """The regions of one frame but those, unread, whose ink is in others too, tried from the largest to the smallest.

    A region goes when others touch it and no two pixels of it and its rim that none of them covers differ in any view. Only for
    profiles that keep no text: a name is told by what stands beside it, which a large box may hold and small ones do not.

    Args:
        views: all uint8 display views of the frame, ``(rows, columns)`` or ``(rows, columns, 3)``.
        regions: in any order, which is kept.
    """
    order = sorted(range(len(regions)), key=lambda n: -area(regions[n].box))
    left = np.array([region.box for region in regions], np.int64).reshape(-1, 4)
    alive = np.ones(len(regions), np.bool_)
    for n in order:
        box, shape = regions[n].box, (views[0].shape[0], views[0].shape[1])
        window = grow(box, max(REACHES), shape)
        if regions[n].text is not None or window is None:
            continue
        touching = alive & _touches(left, window)
        touching[n] = False
        if touching.any():
            bare = _bare(window, [regions[int(i)].box for i in np.flatnonzero(touching)])
            alive[n] = _seen([view[window[1] : window[3], window[0] : window[2]] for view in views], bare)
    return [region for n, region in enumerate(regions) if alive[n]]


def _touches(boxes: NDArray[np.int64], window: Box) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = boxes.T
    return np.asarray((x0 < window[2]) & (x1 > window[0]) & (y0 < window[3]) & (y1 > window[1]))


def _bare(window: Box, boxes: Sequence[Box]) -> NDArray[np.bool_]:
    """Which pixels of ``window`` no box covers."""
    x, y = window[:2]
    bare = np.ones((window[3] - y, window[2] - x), np.bool_)
    for x0, y0, x1, y1 in boxes:
        bare[max(0, y0 - y) : max(0, y1 - y), max(0, x0 - x) : max(0, x1 - x)] = False
    return bare


def _seen(views: Sequence[Array], bare: NDArray[np.bool_]) -> bool:
    """Whether two pixels of ``bare`` that are close to each other in a row or column differ in any view."""
    return bool(bare.any()) and any(
        _steps(np.moveaxis(view, axis, 0).astype(np.int16), np.moveaxis(bare, axis, 0), reach)
        for view in views
        for axis in (0, 1)
        for reach in REACHES
    )


def _steps(values: NDArray[np.int16], bare: NDArray[np.bool_], reach: int) -> bool:
    both = bare[reach:] & bare[:-reach]
    return bool((np.abs(values[reach:][both] - values[:-reach][both]) > LEAST_STEP).any())
