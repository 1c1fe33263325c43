"""The codes detector: a region for every barcode and matrix code."""

from __future__ import annotations

from collections.abc import Sequence

from deidkit.image import Box, Frame
from deidkit.nn.looks import telling_views
from deidkit.types import Context, Region
from deidkit_codes.options import CodesOptions
from deidkit_codes.reading import Code, boxes_of, codes_in, grey

NAME = "codes"
DECODED, BARS = 1.0, 0.9
"""Scores: what was decoded had a right checksum, what looks like bars had none."""


class CodesDetector:
    """Finds codes and throws away what they say. Regions are of the kind ``code``, with empty text: nobody reads them."""

    def __init__(self, options: CodesOptions) -> None:
        self._options = options

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Regions of every frame, boxes in stored pixels. A code that leans has several.

        Raises:
            StageTimeout: the stage's time is over.
        """
        return [self._frame(frame, context) for frame in frames]

    def _frame(self, frame: Frame, context: Context) -> list[Region]:
        scores: dict[Box, float] = {}
        for view in telling_views(frame, self._options.views):
            context.deadline.check(NAME)
            for code in codes_in(grey(view)):
                for box in self._boxes(code, frame.shape):
                    scores[box] = max(scores.get(box, 0.0), DECODED if code.decoded else BARS)
        return [Region(box, score, NAME, kind="code", text="") for box, score in sorted(scores.items())]

    def _boxes(self, code: Code, shape: tuple[int, int]) -> list[Box]:
        return boxes_of(code.quad, self._options.margin, shape) if code.decoded or self._options.undecoded else []
