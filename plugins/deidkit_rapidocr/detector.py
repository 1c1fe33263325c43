"""The rapidocr detector: candidates from the detection network, judged by what the recognition network reads in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Box, Frame
from deidkit.imaging.boxes import area, covered, intersection, rasterise
from deidkit.types import Context, Region
from deidkit_rapidocr.boxes import Candidate
from deidkit_rapidocr.evidence import is_glyph, is_text, line_height
from deidkit_rapidocr.glyphs import around, lone_glyphs
from deidkit_rapidocr.models import network
from deidkit_rapidocr.options import RapidOcrOptions
from deidkit_rapidocr.orientation import read_best, read_marks
from deidkit_rapidocr.recognition import Reader, Reading
from deidkit_rapidocr.search import as_rgb, search, search_fine
from deidkit_rapidocr.views import telling_views

SMALLEST_FRAME = 8
MARK_PADDING = 0.2


class RapidOcrDetector:
    """Finds lines of text with the PP-OCR networks of the rapidocr wheel. Every region carries what was read there.

    Raises:
        EnvironmentFault: rapidocr or its networks are missing.
    """

    def __init__(self, options: RapidOcrOptions) -> None:
        self._options = options
        self._finder = network("det")
        self._reader = Reader(network("rec"))

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Regions in stored pixels, one list a frame.

        Raises:
            StageTimeout: the stage's deadline passed between two looks.
        """
        return [self._detect(frame, context) for frame in frames]

    def _detect(self, frame: Frame, context: Context) -> list[Region]:
        regions: list[Region] = []
        if min(frame.shape) < SMALLEST_FRAME:
            return regions
        for telling in telling_views(frame, self._options.views):
            context.deadline.check("rapidocr")
            regions += self._look(as_rgb(frame.view(telling.name)), telling.news)
        return without_repeats(regions)

    def _look(self, image: NDArray[np.uint8], news: NDArray[np.bool_] | None) -> list[Region]:
        """Whole, then in tiles where there is more to see, then for lone characters; each step leaves out what is known."""
        regions = self._judged(image, search(image, self._finder, self._options.side))
        worth = ~rasterise([region.box for region in regions], (image.shape[0], image.shape[1]))
        worth &= True if news is None else news
        regions += self._judged(image, search_fine(image, self._finder, self._options.side, worth))
        if self._options.glyphs:
            regions = self._with_glyphs(image, regions)
        return [region for region in regions if region.text_score >= self._options.min_confidence]

    def _with_glyphs(self, image: NDArray[np.uint8], regions: list[Region]) -> list[Region]:
        """Adds lone characters, and puts one in place of what the network read in a box around nothing but that character."""
        marks = lone_glyphs(image, [region.box for region in regions if not is_lone(region)])
        readings = read_marks(image, marks, self._reader)
        found = [around(mark, MARK_PADDING) for mark in marks]
        read = list(zip(self._regions(found, readings, image.shape), readings, strict=True))
        glyphs = [region for region, reading in read if is_glyph(reading)]
        everything = [region.box for region, _ in read]
        return [_named(region, glyphs, everything) if is_lone(region) else region for region in regions] + glyphs

    def _judged(self, image: NDArray[np.uint8], found: Sequence[Candidate]) -> list[Region]:
        readings = read_best(image, found, self._reader)
        regions = self._regions(found, readings, image.shape)
        told = zip(found, readings, regions, strict=True)
        return [region for candidate, reading, region in told if is_text(candidate, reading, image.shape[:2])]

    def _regions(self, found: Sequence[Candidate], readings: Sequence[Reading], shape: tuple[int, ...]) -> list[Region]:
        return [self._region(one, reading, (shape[0], shape[1])) for one, reading in zip(found, readings, strict=True)]

    def _region(self, candidate: Candidate, reading: Reading, shape: tuple[int, int]) -> Region:
        margin = self._options.margin * line_height(candidate)
        x0, y0 = np.clip(np.floor(candidate.quad.min(axis=0) - margin).astype(int), 0, (shape[1] - 1, shape[0] - 1))
        x1, y1 = np.clip(np.ceil(candidate.quad.max(axis=0) + margin).astype(int), (x0 + 1, y0 + 1), (shape[1], shape[0]))
        text = reading.text.strip() or None
        score = min(1.0, max(candidate.score, reading.confidence))
        box = (int(x0), int(y0), int(x1), int(y1))
        return Region(box, score, "rapidocr", text=text, text_score=reading.confidence if text else 0.0)


def is_lone(region: Region) -> bool:
    """Whether the network read at most one character."""
    return len(region.text or "") <= 1


def _named(lone: Region, glyphs: Sequence[Region], marks: Sequence[Box]) -> Region:
    """``lone`` with the text of the one glyph inside it; as it was when there are more marks or none."""
    inside = [box for box in marks if intersection(box, lone.box) >= 0.5 * area(box)]
    match = [glyph for glyph in glyphs if glyph.box in inside]
    if len(inside) != 1 or len(match) != 1 or match[0].text_score <= lone.text_score:
        return lone
    return replace(lone, text=match[0].text, text_score=match[0].text_score)


def without_repeats(regions: Sequence[Region]) -> list[Region]:
    """Regions less those that a better read one with the same text covers; different readings of one place all stay."""
    kept: list[Region] = []
    for region in sorted(regions, key=lambda one: -one.text_score):
        twins = [other.box for other in kept if other.text == region.text]
        if covered(region.box, twins) < 1.0:
            kept.append(region)
    return kept
