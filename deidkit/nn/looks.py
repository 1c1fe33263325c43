"""The sizes and views that a network looks at, and rules between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import covered
from deidkit.types import is_window

EDGE = 0.15
"""By what share of its shorter side a box may err about where a line ends."""


FAR = 2.0
"""From more view pixels a look pixel on a look is a far one, taken only for letters that nearer looks are too near to see."""


LEAST_FAR, MOST_FAR, HIGHEST = 6, 40, 0.25
"""Shorter sides of boxes from afar: from so many look pixels on, since smaller lines are seen better from near, and up to so
many look pixels or that share of the shorter side of the frame, since nothing higher is a line.
"""


MOST_KNOWN = 0.85
"""Of what share of its area a box from afar may be known and still be told."""


def plausible(box: Box, factor: float, shape: tuple[int, int], highest: float = HIGHEST) -> bool:
    """Whether ``box``, grown, in pixels of a frame of ``shape``, may be a line where ``factor`` of them are a look pixel.

    Args:
        highest: the share of the shorter side of the frame up to which lines may be high.
    """
    side = min(box[2] - box[0], box[3] - box[1])
    return factor <= FAR or LEAST_FAR * factor <= side <= max(MOST_FAR * factor, highest * min(shape))


def adds(box: Box, known: Sequence[Box], factor: float) -> bool:
    """Whether ``box``, found where ``factor`` pixels are a look pixel, shows more than ``known``, the boxes of nearer looks.

    From near: more than an edge as narrow as boxes are apart that show the same line. From afar, where a box holds several
    lines and what lies between them: more than 15 % of its area.
    """
    if factor > FAR:
        return covered(box, known) <= MOST_KNOWN
    edge = int(EDGE * min(box[2] - box[0], box[3] - box[1]))
    return covered((box[0] + edge, box[1] + edge, box[2] - edge, box[3] - edge), known) < 1


LEAST_ENLARGED, MOST_ENLARGED = 1.2, 2.0


LOOKS = ("enlarged", "fine", "coarse")
"""Names of the sizes that a network looks at; each errs in its own way and has scores of its own."""


BLOCK = 8


VISIBLE, HIDDEN, FEW_BLOCKS = 24, 8, 2
"""Grey levels of range in a block that show text for certain, that hide it, and how many such blocks matter."""


def sizes(view: Array, large: int, enlarged: int = 0) -> Iterator[tuple[Array, float]]:
    """The view in the sizes that a network looks at, largest first, each with view pixels a pixel of it: up to twice as large
    where that gives no more than ``enlarged`` pixels; as it is; halved again and again while a side is above ``large`` pixels.
    """
    import cv2

    rows, columns = view.shape[:2]
    scale = min(MOST_ENLARGED, (enlarged / (rows * columns)) ** 0.5)
    if scale >= LEAST_ENLARGED:
        size = (round(columns * scale), round(rows * scale))
        yield cv2.resize(view, size, interpolation=cv2.INTER_CUBIC), 1 / scale
    factor = 1.0
    yield view, factor
    while max(view.shape[:2]) > large:
        rows, columns = (max(1, length // 2) for length in view.shape[:2])
        view, factor = cv2.resize(view, (columns, rows), interpolation=cv2.INTER_AREA), 2 * factor
        yield view, factor


def look_of(factor: float) -> str:
    """The name of the look with ``factor`` view pixels a pixel."""
    return LOOKS[0] if factor < 1 else LOOKS[2] if factor > 1 else LOOKS[1]


def telling_views(frame: Frame, choice: str) -> Iterator[Array]:
    """Views to search, the first one first. ``choice`` is default, telling or all."""
    names = frame.views[:1] if choice == "default" else frame.views
    seen = np.zeros(0, np.uint8)
    for i, name in enumerate(names):
        view = frame.view(name)
        if choice == "telling" and len(names) > 1:
            contrast = _contrast(view)
            if i and is_window(name) and np.count_nonzero((contrast >= VISIBLE) & (seen < HIDDEN)) < FEW_BLOCKS:
                continue
            seen = np.maximum(seen, contrast) if seen.size else contrast
        yield view


def _contrast(view: Array) -> Array:
    """Range of grey levels in every block of 8 x 8 pixels."""
    grey = view if view.ndim == 2 else view.max(axis=2)
    whole = np.pad(grey, [(0, -length % BLOCK) for length in grey.shape], mode="edge")
    blocks = whole.reshape(whole.shape[0] // BLOCK, BLOCK, whole.shape[1] // BLOCK, BLOCK)
    return np.asarray(blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3)), np.uint8)
