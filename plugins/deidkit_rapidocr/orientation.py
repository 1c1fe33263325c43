"""Reads a line in the orientations it may have: upright first, then turned and mirrored where that reads poorly."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Box
from deidkit_rapidocr.boxes import Candidate
from deidkit_rapidocr.glyphs import around
from deidkit_rapidocr.recognition import Reader, Reading, straighten

GOOD = 0.8
GAIN = 0.15
Picture = NDArray[np.uint8]
PADDINGS = (0.15, 0.35)
SIDES = frozenset("LR")
TURNS: tuple[Callable[[Picture], Picture], ...] = (lambda v: v[::-1, ::-1], lambda v: v[:, ::-1], lambda v: v[::-1])
"""Upside down, mirrored, and both."""


def read_best(image: Picture, found: Sequence[Candidate], reader: Reader) -> list[Reading]:
    """For every candidate its most confident reading among upright, upside down, mirrored, and mirrored upside down.

    ``image`` is uint8 RGB. A quad already runs along its line, so turns by 90 and 270 degrees are among these four.
    """
    crops = [straighten(image, candidate.quad) for candidate in found]
    best = reader.read(crops)
    poor = [i for i, reading in enumerate(best) if reading.confidence < GOOD]
    turned = [turn(crops[i]) for i in poor for turn in TURNS]
    others = reader.read([np.ascontiguousarray(view) for view in turned])
    for n, i in enumerate(poor):
        rival = max(others[len(TURNS) * n : len(TURNS) * (n + 1)], key=_weight)
        if _weight(rival) > _weight(best[i]) + GAIN:
            best[i] = rival
    return best


def read_marks(image: Picture, boxes: Sequence[Box], reader: Reader) -> list[Reading]:
    """For every lone mark its most confident reading: with little and with more ground around it, and, where neither is clear,
    turned and mirrored, which only an L or an R survives.
    """
    crops = [straighten(image, around(box, padding).quad) for box in boxes for padding in PADDINGS]
    read = reader.read(crops)
    best = [max(read[n : n + len(PADDINGS)], key=_confidence) for n in range(0, len(read), len(PADDINGS))]
    unclear = [i for i, reading in enumerate(best) if reading.confidence < GOOD]
    turned = [turn(crops[len(PADDINGS) * i]) for i in unclear for turn in TURNS]
    others = reader.read([np.ascontiguousarray(view) for view in turned])
    for n, i in enumerate(unclear):
        rival = max(others[len(TURNS) * n : len(TURNS) * (n + 1)], key=_confidence)
        if rival.text.strip() in SIDES and rival.confidence > best[i].confidence:
            best[i] = rival
    return best


def _confidence(reading: Reading) -> float:
    return reading.confidence


def _weight(reading: Reading) -> float:
    """Confidence, less for one character alone: many a glyph turned over is another glyph."""
    return reading.confidence * (1.0 if len(reading.text.strip()) > 1 else 0.8)
