"""Boxes that a reader is sure of and cannot read: each is cut out and read again, larger and in other directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from deidkit.image import Box, Frame
from deidkit.imaging.boxes import covered, grow
from deidkit.types import Region
from deidkit_recheck.judge import NEAR, OUTSIDE
from deidkit_recheck.looks import Sight, picture_frame, sights
from deidkit_recheck.options import RecheckOptions

AGAIN = ("enlarged", "equalised", "turned-45", "turned-90")
MARGIN_PX = 8
LEAST_PX = 6
"""Shorter side of a box: smaller ones are noise, and nobody reads letters of that size."""
ELONGATION = 1.5
"""How many times as long as high strokes in a row are at least; single shapes are no line."""
MOST_AGAIN = 4
"""Boxes of one picture that are read again, the surest first."""


def unread(regions: Iterable[tuple[Region, Box]], kept: Iterable[Box], options: RecheckOptions) -> list[Box]:
    """Boxes of regions, each given with its box in stored pixels, that may be lines, lie outside ``kept`` and were not read."""
    grown = [(x0 - NEAR, y0 - NEAR, x1 + NEAR, y1 + NEAR) for x0, y0, x1, y1 in kept]
    found = [
        (region.score, box)
        for region, box in regions
        if region.score >= options.unread_score
        and region.text_score < options.long_confidence
        and _may_be_line(box)
        and covered(box, grown) <= 1 - OUTSIDE
    ]
    return [box for _, box in sorted(found, reverse=True)]


def _may_be_line(box: Box) -> bool:
    short, long = sorted((box[2] - box[0], box[3] - box[1]))
    return short >= LEAST_PX and long >= ELONGATION * short


def again(frame: Frame, boxes: Sequence[Box], kept: Sequence[Box]) -> Iterator[Sight]:
    """The first view of ``frame`` around each of the surest boxes, enlarged, equalised and turned."""
    view = frame.view()
    for box in boxes[:MOST_AGAIN]:
        around = grow(box, MARGIN_PX, frame.shape)
        if around is None:
            continue
        x0, y0, x1, y1 = around
        cutting = picture_frame(np.ascontiguousarray(view[y0:y1, x0:x1]), frame.index)
        inside = [(left - x0, top - y0, right - x0, bottom - y0) for left, top, right, bottom in kept]
        for sight in sights(cutting, AGAIN, inside):
            yield Sight(sight.name, sight.frame, partial(_moved, sight, (x0, y0)))


def _moved(sight: Sight, by: tuple[int, int], box: Box) -> Box:
    x0, y0, x1, y1 = sight.stored(box)
    return x0 + by[0], y0 + by[1], x1 + by[0], y1 + by[1]
