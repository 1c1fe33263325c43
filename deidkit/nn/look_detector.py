"""The loop that detectors with a network of deidkit's own share: telling views, sizes of each view, boxes of each size."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import around, rasterise
from deidkit.nn.looks import HIGHEST, MOST_KNOWN, adds, plausible, sizes, telling_views
from deidkit.nn.options import NetworkOptions
from deidkit.nn.turned import turn
from deidkit.types import Context, Region

LINE_ELONGATION, SHORT_LINE_SCORE = 2.5, 0.9
"""How many times as long as high a slanting line is to count whatever its score, and the score that shorter ones need. On 120
clean images of the pool all nine false boxes of turned looks were shorter and scored at most 0.87.
"""


TINY, TINY_SCORE = 150, 0.7
"""Longer side, in pixels, up to which a look is tiny, and the score that its boxes need. On 120 clean images of the pool no box
of retinanet scored as much there; of letters of 20 to 60 % of the frame's height it then finds 57 to 100 %.
"""

TURNED_ENLARGED = 600_000
"""Up to how many pixels a view is enlarged to be turned. Of slanting lines in type of 10 and 12 pixels 84 % were covered with
it, 64 % without; the 1.5 million pixels of straight lines covered 90 % for twice the time.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One box that a network found in a look.

    Args:
        place: (x0, y0, x1, y1) in units of ``unit`` view pixels.
        certain: False for a hint, which counts only where another detector agrees.
        guessed: the box is the guessed end of a line, so that what farther looks find there is still told.
    """

    place: Sequence[float]
    unit: float
    score: float
    certain: bool
    guessed: bool = False


class LookDetector(ABC):
    """Finds lines of text with a network; reads nothing. Subclasses bring ``findings``.

    Args:
        options: margin in pixels, views, and the sizes of looks.
    """

    name: ClassVar[str]
    compares_grown: ClassVar[bool] = False
    """Whether boxes are compared with those of earlier looks after they were grown by the margin."""
    hints_yield: ClassVar[bool] = False
    """Whether hints are dropped where a certain box of the same look covers them."""

    def __init__(self, options: NetworkOptions) -> None:
        self._loop = options

    highest: ClassVar[float] = HIGHEST
    """Up to what share of the shorter side of a frame lines may be high."""

    @abstractmethod
    def findings(self, look: Array, factor: float) -> Iterator[Finding]:
        """What the network finds in one size of a view, best first.

        Args:
            look: uint8 (rows, columns) or (rows, columns, 3).
            factor: view pixels a look pixel.
        """

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Regions of every frame, boxes in stored pixels, scores calibrated.

        Raises:
            StageTimeout: the stage's time is over.
        """
        tiled = "MOSAIC" in (context.header.get("ImageType") or ())
        answers: list[list[Region]] = []
        for frame in frames:
            context.deadline.check(self.name)
            answers.append(self.regions_of(frame, tiled))
        return answers

    def regions_of(self, frame: Frame, tiled: bool = False) -> list[Region]:
        """The regions of one frame: of equal boxes the certain or better one, sorted by box.

        Args:
            tiled: the frame is a mosaic of slices, whose rows look like rows of letters in tiny looks; these are left out.
        """
        best: dict[Box, Region] = {}
        for view in telling_views(frame, self._loop.views):
            straight = list(self._regions_of_view(view, tiled))
            for region in [*straight, *self._slanting(view, [one.box for one in straight if not one.hint])]:
                best[region.box] = max(region, best.get(region.box, region), key=lambda one: (not one.hint, one.score))
        return [region for _, region in sorted(best.items())]

    def _regions_of_view(self, view: Array, tiled: bool) -> Iterator[Region]:
        """What is found in a view, largest size first; what certain boxes of earlier sizes cover is left out."""
        shape, known = (view.shape[0], view.shape[1]), list[Box]()
        for look, factor in sizes(view, self._loop.large, self._loop.enlarged):
            if tiled and max(look.shape[:2]) <= TINY:
                break
            certain = list[Box]()
            for found in self.findings(look, factor):
                box = around(found.place, found.unit, self._loop.margin, shape)
                if box is None or not plausible(box, factor, shape, self.highest) or self._is_doubtful(look, found):
                    continue
                rivals = known + certain if self.hints_yield and not found.certain else known
                if not adds(box if self.compares_grown else _in_view(found), rivals, factor):
                    continue
                if found.certain and not found.guessed:
                    certain.append(box)
                yield Region(box, found.score, self.name, hint=not found.certain)
            known += certain

    @staticmethod
    def _is_doubtful(look: Array, found: Finding) -> bool:
        """Whether a box of a tiny look, where organs are as small as letters, scores too low to be told, even as a hint."""
        return max(look.shape[:2]) <= TINY and found.score < TINY_SCORE

    def _slanting(self, view: Array, known: Sequence[Box]) -> Iterator[Region]:
        """Lines that only turned looks show, each as a chain of small boxes; straight lines are not told again.

        No hints: nobody else looks at slanting lines, so nobody could agree.
        """
        shape = (view.shape[0], view.shape[1])
        told = rasterise(known, shape)
        for degrees in self._loop.turns:
            for size, factor in sizes(view, self._loop.large, min(self._loop.enlarged, TURNED_ENLARGED)):
                if size.shape[0] * size.shape[1] > self._loop.turned:
                    continue
                turned = turn(size, degrees)
                for found in self.findings(turned.look, factor):
                    if not _is_line(found) or not plausible(_in_view(found), factor, shape):
                        continue
                    place = [found.unit / factor * value for value in found.place]
                    chain = [around(piece, factor, self._loop.margin, shape) for piece in turned.chain(place)]
                    boxes = [box for box in chain if box is not None]
                    if sum(_is_known(box, told) for box in boxes) >= MOST_KNOWN * len(boxes):
                        continue
                    told |= rasterise(boxes, shape)
                    yield from (Region(box, found.score, self.name) for box in boxes)


def _is_line(found: Finding) -> bool:
    """Whether what a turned look shows is a line for certain: texture seldom looks like long lines, but often like a letter."""
    x0, y0, x1, y1 = found.place
    elongation = max(x1 - x0, y1 - y0) / max(1.0, min(x1 - x0, y1 - y0))
    return found.certain and not found.guessed and (elongation >= LINE_ELONGATION or found.score >= SHORT_LINE_SCORE)


def _is_known(box: Box, told: NDArray[np.bool_]) -> bool:
    """Whether the middle of a box was told: turned boxes of a straight line reach beyond its edges."""
    return bool(told[(box[1] + box[3]) // 2, (box[0] + box[2]) // 2])


def _in_view(found: Finding) -> Box:
    """The place in whole view pixels, without a margin."""
    x0, y0, x1, y1 = (round(found.unit * value) for value in found.place)
    return x0, y0, x1, y1
