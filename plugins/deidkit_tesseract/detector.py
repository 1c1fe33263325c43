"""The tesseract detector: each frame's views are read by the program; words come back as lines with their text."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.image import Frame
from deidkit.imaging.boxes import grow, union
from deidkit.types import Context, Deadline, Region
from deidkit_tesseract.options import TesseractOptions
from deidkit_tesseract.program import Program, Word

FAVOURED_SIDE = 1600
LARGEST_FACTOR = 2.0
SMALLEST_PICTURE = 8
JOINED = 1.5
ALIKE = 0.25
"""Words of one line are told apart where their confidence differs by more, so that garbage does not drag a name down."""
MIDDLE = 128


class TesseractDetector:
    """Finds words with tesseract. Every region is a line or part of one, with its text and the mean confidence of its words.

    Raises:
        EnvironmentFault: the program or a language is missing.
    """

    def __init__(self, options: TesseractOptions) -> None:
        self._options = options
        self._program = Program(options.languages, options.psm, options.thresholding == "tiles")

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Regions in stored pixels.

        Raises:
            StageTimeout: a run of the program took longer than its limit or than the stage has left.
        """
        return [self._detect(frame, context) for frame in frames]

    def _detect(self, frame: Frame, context: Context) -> list[Region]:
        names = frame.views if self._options.views == "all" else frame.views[:1]
        regions = []
        for name in names:
            context.deadline.check("tesseract")
            regions += self._look(frame.view(name), Deadline.after(min(self._options.seconds, context.deadline.left())))
        return regions

    def _look(self, view: NDArray[np.uint8], deadline: Deadline) -> list[Region]:
        rows, columns = view.shape[:2]
        if min(rows, columns) < SMALLEST_PICTURE:
            return []
        factor = min(LARGEST_FACTOR, FAVOURED_SIDE / max(rows, columns))
        method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
        picture = np.asarray(cv2.resize(on_light_ground(view), size, interpolation=method), np.uint8)
        words = [word for word in self._program.read(picture, deadline) if word.confidence >= self._options.min_confidence]
        regions = []
        for line in lines(words):
            x0, y0, x1, y1 = union([word.box for word in line])
            scaled = (int(x0 / factor), int(y0 / factor), int(np.ceil(x1 / factor)), int(np.ceil(y1 / factor)))
            if box := grow(scaled, self._options.margin, (rows, columns)):
                confidence = float(np.average([w.confidence for w in line], weights=[len(w.text) for w in line]))
                text = " ".join(word.text for word in line)
                regions.append(Region(box, confidence, "tesseract", text=text, text_score=confidence))
        return regions


def on_light_ground(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey (rows, columns), turned to its negative where most of it is dark: tesseract was trained on printed pages."""
    brightest = view if view.ndim == 2 else view.max(axis=2)
    if np.median(brightest) < MIDDLE:
        return np.asarray(255 - brightest, np.uint8)
    return view if view.ndim == 2 else np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8)


def lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words put together that tesseract holds for one line and that stand less than JOINED line heights apart."""
    joined: list[list[Word]] = []
    for word in words:
        last = joined[-1][-1] if joined else None
        height = word.box[3] - word.box[1]
        alike = last is not None and abs(last.confidence - word.confidence) <= ALIKE
        if last and alike and last.line == word.line and word.box[0] - last.box[2] <= JOINED * height:
            joined[-1].append(word)
        else:
            joined.append([word])
    return joined
