"""Where a line goes on too faintly to be found by itself. numpy only.

A name that runs from flat ground into texture is sure at one end and hardly seen at the other: beside a line that is certain,
a faint answer at its level is most likely more of it (hysteresis, Canny 1986).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box

FAINT = 0.1
"""From what answer on a line may go on: the mean, across it, of the third that answers most, of whichever map answers most."""
DIRECTED = 1.5
"""From how many times as long as high on a line shows which way it runs."""
NEAR = 1.0
"""Up to how many view pixels a look pixel lines are followed: from afar all edges are blurred."""
SHORTEST = 2
LEAST, FARTHEST, GAP = 0.5, 2.0, 0.5
"""In map pixels and in heights of the line: what is shorter is its blurred edge; how far it is followed; how wide a gap is
stepped over.
"""


def ends(maps: Array, box: Box) -> Iterator[Box]:
    """What goes on before and behind a line, at most one box each; nothing where it is hardly longer than high.

    Args:
        maps: float32 (3, rows, columns), probabilities.
        box: the line's, in map pixels; it runs along its longer side.
    """
    x0, y0, x1, y1 = box
    if max(x1 - x0, y1 - y0) < DIRECTED * min(x1 - x0, y1 - y0):
        return
    upright = y1 - y0 > x1 - x0
    low, high, first, last = (x0, x1, y0, y1) if upright else (y0, y1, x0, x1)
    height = high - low
    start, stop = max(0, first - round(FARTHEST * height)), last + round(FARTHEST * height)
    band = maps[:, start:stop, low:high].max(0).T if upright else maps[:, low:high, start:stop].max(0)
    faint = _faint(band)
    for reached, forward in ((_run(faint[: first - start][::-1], height), False), (_run(faint[last - start :], height), True)):
        if reached >= max(SHORTEST, LEAST * height):
            a, b = (last, last + reached) if forward else (first - reached, first)
            yield (low, a, high, b) if upright else (a, low, b, high)


def _faint(band: Array) -> NDArray[np.bool_]:
    """Of a band (height, length) the places along it that answer at all."""
    few = max(1, len(band) // 3)
    return np.asarray(np.partition(band, len(band) - few, axis=0)[-few:].mean(0) > FAINT)


def _run(faint: NDArray[np.bool_], height: int) -> int:
    """How far the line goes on from the start of ``faint``, over gaps of at most ``GAP`` heights."""
    gap, reached = max(1, int(GAP * height)), 0
    for place in np.flatnonzero(faint):
        if place - reached >= gap:
            break
        reached = int(place) + 1
    return reached
