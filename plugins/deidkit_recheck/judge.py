"""Which of the texts that were read count as left behind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deidkit.identity.dates import date_forms, known_days, shows_day
from deidkit.identity.folding import fold
from deidkit.identity.names import all_name_forms
from deidkit.image import Box
from deidkit.imaging.boxes import covered
from deidkit.types import Identifiers, Region
from deidkit_recheck.options import RecheckOptions

NEAR = 4
OUTSIDE = 0.4
"""A text counts once this share of its box lies outside kept regions."""
LONG = 4
LONG_TEXT = 5
LONG_CODE = 6

_CONFUSED = str.maketrans("0158", "olsb")
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Left:
    """How much readable text was found in one picture: ``known`` of its texts are like an identifier.

    ``confidence`` is the highest one; ``boxes`` lie around one text each, in stored pixels.
    """

    texts: int = 0
    known: int = 0
    confidence: float = 0.0
    boxes: tuple[Box, ...] = ()

    def __add__(self, other: Left) -> Left:
        confidence = max(self.confidence, other.confidence)
        return Left(self.texts + other.texts, self.known + other.known, confidence, self.boxes + other.boxes)


class Needles:
    """Identifiers of the patient, of four characters and more, folded so that common misreadings compare equal."""

    def __init__(self, identifiers: Identifiers) -> None:
        codes = {item.value for item in identifiers.of("id", "contact")}
        dates = {form for item in identifiers.of("date") for form in date_forms(item.value)}
        wanted = {_plain(value) for value in (*all_name_forms(identifiers.items), *codes, *dates)}
        self._needles = frozenset(value for value in wanted if len(value) >= LONG)
        names = {_plain(value) for value in all_name_forms(identifiers.items)}
        self._days = known_days(identifiers)
        self._telling = frozenset(value for value in self._needles if len(value) >= LONG_CODE or value in names)

    def hit(self, text: str) -> bool:
        plain = _plain(text)
        return any(needle in plain for needle in self._needles) or shows_day(text, self._days)

    def surely_hit(self, text: str) -> bool:
        """The same without short dates and numbers, which figures of settings may spell."""
        plain = _plain(text)
        return any(needle in plain for needle in self._telling) or shows_day(text, self._days, surely=True)


def _plain(text: str) -> str:
    return "".join(_LETTERS.findall(fold(text))).translate(_CONFUSED)


def left_behind(found: Sequence[tuple[Region, Box]], kept: Iterable[Box], needles: Needles, options: RecheckOptions) -> Left:
    """Judges regions, each with its box in stored pixels. ``kept`` are boxes whose text may stay unless it is known."""
    grown = [(x0 - NEAR, y0 - NEAR, x1 + NEAR, y1 + NEAR) for x0, y0, x1, y1 in kept]
    total = Left()
    for region, box in found:
        text = (region.text or "").strip()
        inside = covered(box, grown) > 1 - OUTSIDE
        hit = needles.surely_hit(text) if inside else needles.hit(text)
        if hit and region.text_score >= options.known_confidence:
            total += Left(0, 1, region.text_score, (box,))
        elif not inside and _speaks(text, region.text_score, options):
            total += Left(1, 0, region.text_score, (box,))
    return total


def _speaks(text: str, confidence: float, options: RecheckOptions) -> bool:
    """Whether ``text`` is long and sure enough, and not one character over and over as rulers and hatching give."""
    characters = [c for c in text if unicodedata.category(c)[0] in "LN"]
    if len(characters) < options.min_characters or len(set(characters)) < 2:
        return False
    least = min(options.long_confidence, options.min_confidence) if len(characters) >= LONG_TEXT else options.min_confidence
    return confidence >= least
