"""Whether a value can be what its element says: VR, length, multiplicity by PS3.5 6.2 and 6.4 and by the dictionary of PS3.6.

A number field that is too long, or bytes that read as prose, is how text gets past rules that go by the kind of an attribute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from struct import error, pack, unpack
from typing import Any

from pydicom.datadict import dictionary_VM, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.multival import MultiValue
from pydicom.valuerep import VR

from deidkit.headers.raw_elements import TEXT_VRS

VRS = frozenset(str(vr) for vr in VR if len(str(vr)) == 2)
SIZES = {
    "AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8,
    "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2,
}  # fmt: skip
"""Bytes of one value, or of one word of the VRs that hold a single value of any length."""

CODES = {"AT": "L", "FD": "d", "FL": "f", "SL": "l", "SS": "h", "SV": "q", "UL": "L", "US": "H", "UV": "Q"}
NUMBERS = frozenset(CODES)
MOST_ENTRIES = 32
BYTES = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
NUMBER_STRINGS = frozenset({"DS", "IS"})
ANY = 1 << 32
MALFORMED = "PS3.5 6.2"
"""What asks for the removal of a value that cannot be what its element says."""

PIXEL_GROUP = 0x7FE0
DOCUMENTS = frozenset({0x00282000, 0x00420011})
"""ICC profiles and encapsulated documents: texts by their nature, replaced or refused as a whole."""

CHARACTER_SET = 0x00080005
CHARACTER_SETS = re.compile(
    r"(ISO[ _-]?(2022[ _-])?(IR)?[ _-]?\d{1,3}|(ISO[ _-]2022[ _-])?GBK|GB[ _-]?18030|UTF[ _-]?8)?", re.IGNORECASE
)
"""The defined terms of PS3.3 C.12.1.1.2, and what is taken for them; who reads anything else takes the default."""

PROSE = re.compile(rb"(?:[A-Za-z0-9 ^,.'=:;/()@\-]|[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){4,}")
LETTERS = re.compile(r"[^\W\d_]")
WORDS = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])")
PARTS = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}")
"""Letters, words without figures, and those parts of Latin ones that somebody would write."""

VOWELS = frozenset("aeiouy")
SHORTEST_PROSE = 12
SHORTEST = ((1 << 10, SHORTEST_PROSE), (1 << 16, 16), (1 << 32, 24))
"""In values up to so many bytes, from how many bytes on a stretch counts: chance makes longer ones in longer tables."""

LEAST_LETTERS, LEAST_WRITTEN, LEAST_VOWELS, LEAST_TURNS = 0.35, 0.7, 0.2, 0.25


@dataclass(frozen=True, slots=True)
class Form:
    """What the bytes of an element have to be: words of ``size`` bytes, from ``least`` to ``most`` of them in steps.

    ``kind`` says what is wrong whatever the value; empty when nothing is.
    """

    size: int = 1
    least: int = 0
    most: int = ANY
    step: int = 1
    kind: str = ""
    prose: bool = False
    """Whether the value may read as prose."""

    code: str = ""
    """How ``struct`` packs one number."""

    terms: re.Pattern[str] | None = None
    """What every value has to match, where the standard lists all of them."""

    def problem(self, value: Any) -> str:
        """Why ``value`` cannot be what its element says, in words without values; empty when it can, or is empty."""
        if value is None or (hasattr(value, "__len__") and not len(value)):
            return ""
        if self.kind:
            return self.kind
        if self.terms is not None:
            return self._of_terms(value, self.terms)
        if isinstance(value, bytes):
            return self._of_bytes(value)
        values = list(value) if isinstance(value, list | tuple | MultiValue) else [value]
        if not all(isinstance(one, int | float) for one in values):
            return "no number"
        return self._of_count(len(values)) or ("text" if self._says_words(values) else "")

    @staticmethod
    def _of_terms(value: Any, terms: re.Pattern[str]) -> str:
        told = value.decode("latin-1").split("\\") if isinstance(value, bytes) else value
        parts = [told] if isinstance(told, str) else list(told)
        return "" if all(terms.fullmatch(str(part).strip(" \0")) for part in parts) else "no defined term"

    def _says_words(self, values: list[Any]) -> bool:
        """Whether numbers that were decoded already read as prose in either byte order."""
        if not self.code or len(values) * self.size < SHORTEST_PROSE:
            return False
        try:
            return any(reads_as_prose(pack(f"{order}{len(values)}{self.code}", *values)) for order in "<>")
        except (error, OverflowError):
            return True

    def _of_bytes(self, value: bytes) -> str:
        if len(value) % self.size:
            return "length"
        return self._of_count(len(value) // self.size) or ("text" if not self.prose and reads_as_prose(value) else "")

    def _of_count(self, count: int) -> str:
        fits = self.least <= count <= self.most and (count - self.least) % self.step == 0
        return "" if fits else "multiplicity"


@lru_cache(maxsize=8192)
def form_of(tag: int, own: str | None) -> Form | None:
    """The form of an element of this tag that carries the VR ``own`` (None where it is coded implicitly); None for plain text
    and sequences, which are judged by what they say.
    """
    if own is not None and own not in VRS:
        return Form(kind="unknown VR")
    if tag >> 16 == PIXEL_GROUP or tag in DOCUMENTS:
        return None
    named = _dictionary_vrs(tag)
    vr = own if own not in (None, "UN") else named[0] if named else "UN"
    if tag == CHARACTER_SET:
        return Form(terms=CHARACTER_SETS) if vr in TEXT_VRS else Form(kind="VR of another kind")
    if vr == "SQ" or (vr in TEXT_VRS and (not named or not TEXT_VRS.isdisjoint(named) or vr in NUMBER_STRINGS)):
        return None
    if vr in TEXT_VRS or (named and (NUMBERS | BYTES | NUMBER_STRINGS).isdisjoint(named)):
        return Form(kind="VR of another kind")
    if not named:
        return Form(SIZES.get(vr, 1), prose=vr in BYTES, code=CODES.get(vr, ""))
    if vr in NUMBERS:
        size = SIZES[vr]
    else:
        numbers = [one for one in named if one in NUMBERS]
        size = SIZES.get(numbers[0] if numbers and BYTES.isdisjoint(named) else vr, 1)
    if not BYTES.isdisjoint(named):
        return Form(size, code=CODES.get(vr, ""))
    return Form(size, *_multiplicity(dictionary_VM(tag)), code=CODES.get(vr, ""))


def is_malformed(element: DataElement | RawDataElement, own: str | None) -> bool:
    """Whether the value of ``element`` cannot be what an element of its tag with the VR ``own`` holds."""
    form = form_of(int(element.tag), own)
    return form is not None and bool(form.problem(element.value))


def whole_numbers(element: DataElement | RawDataElement, vr: str) -> tuple[int, ...]:
    """The whole numbers that an element of a binary number VR holds, where they are few enough to be entries, not a table."""
    value, size = element.value, SIZES[vr]
    if isinstance(element, RawDataElement):
        if not value or len(value) % size or len(value) > MOST_ENTRIES * size:
            return ()
        order = "<" if element.is_little_endian else ">"
        value = unpack(f"{order}{len(value) // size}{CODES[vr]}", value)
    values = list(value) if isinstance(value, list | tuple | MultiValue) else [value]
    numbers = [one for one in values[: MOST_ENTRIES + 1] if isinstance(one, int | float) and one == one // 1]
    return tuple(map(int, numbers)) if len(values) <= MOST_ENTRIES else ()


def _dictionary_vrs(tag: int) -> tuple[str, ...]:
    try:
        return tuple(dictionary_VR(tag).split(" or "))
    except KeyError:
        return ()


def _multiplicity(text: str) -> tuple[int, int, int]:
    """Least, most and step of a multiplicity such as 1, 1-3, 1-n or 2-2n."""
    first, _, last = text.partition("-")
    least = int(first)
    if not last:
        return least, least, 1
    if last.endswith("n"):
        return least, ANY, int(last[:-1] or 1)
    return least, int(last), 1


def reads_as_prose(value: bytes) -> bool:
    """Whether some stretch of bytes reads as words rather than as numbers.

    Tables of numbers have stretches of letters too: rising or level ones, words whose high bytes stay the same, and by chance.
    In prose letters go up and down, prevail, and make words of one case with vowels.
    """
    shortest = next(shortest for size, shortest in SHORTEST if len(value) <= size)
    return len(value) >= shortest and any(
        _is_prose(run[start : start + 2 * shortest])
        for run in PROSE.findall(value)
        for start in range(0, len(run) - shortest + 1, shortest)
    )


def _is_prose(part: bytes) -> bool:
    if _turns(part) < LEAST_TURNS or not all(_turns(half) for half in (part[::2], part[1::2])):
        return False
    text = part.decode("utf-8", "ignore")
    letters = len(LETTERS.findall(text))
    words = WORDS.findall(text)
    written = "".join(part for word in words for part in (PARTS.findall(word) if word.isascii() else [word]))
    plain = [letter for letter in written.lower() if letter.isascii()]
    vowels = sum(letter in VOWELS for letter in plain)
    return (
        letters >= LEAST_LETTERS * len(text) and len(written) >= LEAST_WRITTEN * letters and vowels >= LEAST_VOWELS * len(plain)
    )


def _turns(part: bytes) -> float:
    """Share of the places between two steps where a rise follows a fall or the other way round."""
    steps = [after - before for before, after in pairwise(part)]
    return sum(one * other < 0 for one, other in pairwise(steps)) / max(1, len(steps) - 1)
