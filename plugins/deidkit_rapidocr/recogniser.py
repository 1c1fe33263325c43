"""The rapidocr recogniser: reads regions that a detector found but did not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deidkit.image import Box, Frame
from deidkit.types import Context, Region
from deidkit_rapidocr.boxes import Candidate
from deidkit_rapidocr.models import network
from deidkit_rapidocr.options import ReaderOptions
from deidkit_rapidocr.orientation import read_best
from deidkit_rapidocr.recognition import Reader
from deidkit_rapidocr.search import as_rgb

TALL = 1.5


class RapidOcrRecogniser:
    """Fills in text for unread regions, in whatever orientation and view reads best.

    Raises:
        EnvironmentFault: rapidocr or its networks are missing.
    """

    def __init__(self, options: ReaderOptions) -> None:
        self._options = options
        self._reader = Reader(network("rec"))

    def read(self, frame: Frame, regions: Sequence[Region], context: Context) -> list[Region]:
        """The same regions in the same order; those that have text already are returned as they came.

        Raises:
            StageTimeout: the deadline passed between two views.
        """
        result = list(regions)
        open_ = [i for i, region in enumerate(regions) if region.text is None]
        for name in frame.views if open_ else ():
            context.deadline.check("rapidocr recogniser")
            image = as_rgb(frame.view(name))
            readings = read_best(image, [_candidate(regions[i].box) for i in open_], self._reader)
            for i, reading in zip(open_, readings, strict=True):
                if reading.text.strip() and reading.confidence > result[i].text_score:
                    result[i] = replace(result[i], text=reading.text.strip(), text_score=reading.confidence)
        return result


def _candidate(box: Box) -> Candidate:
    x0, y0, x1, y1 = box
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    if y1 - y0 >= TALL * (x1 - x0):
        corners = [corners[3], *corners[:3]]
    return Candidate(np.array(corners, np.float32), 1.0)
