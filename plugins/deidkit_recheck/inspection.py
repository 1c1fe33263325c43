"""The inspection verifier: reads frames that are no picture, which nothing ever alters, and fails a file for a word in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deidkit.components import parts
from deidkit.errors import StageTimeout
from deidkit.nn.weights_used import note
from deidkit.types import Case, Check, Context, Region, Status
from deidkit_recheck.comparison import compare
from deidkit_recheck.comparison import verdict as rendering_verdict
from deidkit_recheck.cuttings import readable, reliefs
from deidkit_recheck.judge import Needles
from deidkit_recheck.looks import picture_frame
from deidkit_recheck.options import InspectionOptions
from deidkit_recheck.pairs import Pairs
from deidkit_recheck.readers import Eyes
from deidkit_recheck.sheets import Picture, sheets

NAME = "inspection"
FAVOURED = ("tesseract", "rapidocr")
"""Tesseract first: the limits of confidence were measured with it, on masks and lesions."""
TURNS = tuple((quarters, mirrored) for mirrored in (False, True) for quarters in range(4))
"""The eight ways in which a grid can be stored; as it is comes first."""
LESS_A_LETTER = 0.15
"""How much less sure a reader may be for each further letter of a word: chance makes long words more rarely than short ones."""
LEAST_VARIETY = 0.4
"""Different letters of a word as a share of all: Barbara has three of seven."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Reading:
    """How much was looked at, and what was read; ``confidence`` is that of the surest."""

    sheets: int = 0
    pictures: int = 0
    words: int = 0
    known: int = 0
    confidence: float = 0.0


class Inspection:
    """Reads every frame and every label, upright, turned and mirrored.

    Raises:
        EnvironmentFault: no installed detector can read a sample.
    """

    def __init__(self, options: InspectionOptions) -> None:
        self._options = options
        self._eyes = Eyes(parts(), options.detector, FAVOURED)

    def verify(self, case: Case) -> list[Check]:
        """One check for what was read, and one for whether another library shows the same samples.

        Raises:
            StageTimeout: the stage's time is over.
        """
        if case.after.frame_count == 0:
            return [Check(NAME, Status.PASSED, "the object has no pixels")]
        with Pairs(case.after, case.path) as pairs:
            rendering = rendering_verdict(case, pairs, compare(case, pairs, compose=False))
            return [_verdict(self._look(case, pairs)), rendering]

    def _look(self, case: Case, pairs: Pairs) -> Reading:
        """Reads until the first word: one is enough to fail the file."""
        reading, needles = Reading(), Needles(case.context.identifiers)
        for picture in self._pictures(case, pairs, reading):
            reading.pictures += 1
            for region in self._read(picture, case.context):
                self._judge(region, needles, reading)
            if reading.words or reading.known:
                break
        return reading

    def _pictures(self, case: Case, pairs: Pairs, reading: Reading) -> Iterator[Picture]:
        """Each sheet as it is, then some, spread over all, in the other directions."""
        kept: list[Picture] = []
        step = 1
        for sheet in sheets(self._cuttings(case, pairs)):
            if reading.sheets % step == 0:
                kept.append(sheet)
            if len(kept) > self._options.turned:
                kept, step = kept[::2], 2 * step
            reading.sheets += 1
            yield sheet
        for sheet in kept[: self._options.turned]:
            yield from (_turned(sheet, quarters, mirrored) for quarters, mirrored in TURNS[1:])

    def _cuttings(self, case: Case, pairs: Pairs) -> Iterator[Picture]:
        yield from readable(case.after, self._options.min_letters, case.context.deadline)
        for plane in pairs.overlays():
            yield from reliefs(plane)

    def _read(self, picture: Picture, context: Context) -> Sequence[Region]:
        """What the first detector reads that answers in time."""
        frame = picture_frame(picture, 0)
        for eye, _ in self._eyes.order(()):
            context.deadline.check(NAME)
            note(eye.weights)
            try:
                return eye.detector.detect([frame], context)[0]
            except StageTimeout:
                continue
        raise StageTimeout("time-limit", "no detector could read the frames in time")

    def _judge(self, region: Region, needles: Needles, reading: Reading) -> None:
        text, score = region.text or "", region.text_score
        known = score >= self._options.known_confidence and needles.hit(text)
        if known or any(score >= self._needed(word) for word in _WORD.findall(text)):
            reading.known += known
            reading.words += not known
            reading.confidence = max(reading.confidence, score)

    def _needed(self, word: str) -> float:
        """The confidence from which on a word counts; none does of few letters repeated, as rows of rings and rods read."""
        if len(word) < self._options.min_letters or len(set(word.casefold())) <= LEAST_VARIETY * len(word):
            return 2.0
        extra = len(word) - self._options.min_letters
        return max(self._options.long_confidence, self._options.min_confidence - LESS_A_LETTER * extra)


def _turned(picture: Picture, quarters: int, mirrored: bool) -> Picture:
    return np.ascontiguousarray(np.rot90(picture[:, ::-1] if mirrored else picture, quarters))


def _verdict(reading: Reading) -> Check:
    measured = {
        "sheets": float(reading.sheets),
        "pictures": float(reading.pictures),
        "words": float(reading.words),
        "known": float(reading.known),
        "confidence": round(reading.confidence, 3),
    }
    if reading.known:
        return Check(NAME, Status.FAILED, "the samples spell something like an identifier of this patient", measured)
    if reading.words:
        return Check(NAME, Status.FAILED, "the samples spell a word", measured)
    return Check(NAME, Status.PASSED, "the samples spell no word", measured)
