"""Finds many strings in many bytes: in every encoding, upper and lower case alike, in one pass whatever their number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html.entities import codepoint2name
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from deidkit.headers.raw_elements import Codecs, encode
from deidkit.identity.folding import fold

SMALL = 1 << 18
CHUNK = 1 << 22
TABLE_BITS = 16
GRAM = 4
SHORTEST = 2 * GRAM
DISTINCT = 5
UNIVERSAL = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
PADDING = {"utf-16-le": slice(None, -1), "utf-16-be": slice(1, None)}
"""Without the outermost zero the two byte orders of ASCII text are the same bytes."""
BLANKED = np.uint32(0x20202020)
SPREAD = np.uint32(0x9E3779B1)


@dataclass(frozen=True, slots=True)
class Needle:
    """Bytes to look for, ASCII letters in lower case, and what they stand for."""

    raw: bytes
    text: str
    kind: str
    wide: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a needle was found."""

    start: int
    needle: Needle


def needles_of(strings: dict[str, str], declared: Codecs) -> list[Needle]:
    """Each string in UTF-8, Latin-1, UTF-16 and the declared character sets, as written, folded, and in upper case; letters
    beyond ASCII also as links and HTML escape them.
    """
    made = {needle.raw: needle for string, kind in strings.items() for needle in _needles(string, kind, declared)}
    return list(made.values())


@lru_cache(maxsize=16384)
def _needles(string: str, kind: str, declared: Codecs) -> tuple[Needle, ...]:
    if string.isascii():
        raw = string.lower().encode()
        return Needle(raw, string, kind, False), Needle(string.lower().encode("utf-16-le")[:-1], string, kind, True)
    made: dict[bytes, Needle] = {}
    written = (string, string.lower(), string.upper(), string.title(), fold(string))
    for form in dict.fromkeys(unicodedata.normalize(how, one) for one in written for how in ("NFC", "NFD")):
        for codec in dict.fromkeys((*UNIVERSAL, *declared)):
            raw = _encoded(form, codec)[PADDING.get(codec, slice(None)) if form.isascii() else slice(None)].lower()
            if raw:
                made.setdefault(raw, Needle(raw, string, kind, codec.startswith("utf-16")))
        for raw in _escaped(form):
            made.setdefault(raw, Needle(raw, string, kind, False))
    return tuple(made.values())


def _escaped(text: str) -> Iterator[bytes]:
    """A text with letters beyond ASCII as links (RFC 3986) and as HTML and XML write it, in ASCII."""
    yield quote(text).lower().encode()
    for write in (_decimal, _hexadecimal, _named):
        yield "".join(c if c.isascii() else write(c) for c in text).lower().encode()


def _decimal(letter: str) -> str:
    return f"&#{ord(letter)};"


def _hexadecimal(letter: str) -> str:
    return f"&#x{ord(letter):x};"


def _named(letter: str) -> str:
    return f"&{codepoint2name[ord(letter)]};" if ord(letter) in codepoint2name else _decimal(letter)


def _encoded(text: str, codec: str) -> bytes:
    if codec.startswith(("iso2022", "iso_2022")):
        raw = encode(text, (codec,))
        return b"" if b"?" in raw else raw
    try:
        return text.encode(codec)
    except (UnicodeError, LookupError):
        return b""


def scan(data: NDArray[np.uint8], needles: Iterable[Needle], pixels: bool = False) -> Iterator[Hit]:
    """Occurrences of ``needles`` in ``data``, letters compared without case; see ``Finder``."""
    return Finder(needles, pixels).within(data)


class Finder:
    """Needles made ready for any number of pieces of data.

    In pixel data only needles count that chance cannot make: at least eight bytes of five or more kinds.
    """

    def __init__(self, needles: Iterable[Needle], pixels: bool = False) -> None:
        self._needles = [needle for needle in needles if not pixels or _is_telling(needle)]
        self.reach = max((len(needle.raw) for needle in self._needles), default=1)

    @cached_property
    def _short(self) -> list[Needle]:
        return [needle for needle in self._needles if len(needle.raw) < SHORTEST]

    @cached_property
    def _table(self) -> _Table:
        return _Table([needle for needle in self._needles if len(needle.raw) >= SHORTEST])

    def within(self, data: NDArray[np.uint8]) -> Iterator[Hit]:
        """Occurrences in an array in memory."""
        if len(data) <= SMALL:
            yield from _find(data.tobytes().lower(), 0, self._needles)
            return
        yield from self._table.hits(data)
        for start in range(0, len(data) if self._short else 0, CHUNK):
            yield from _find(data[start : start + CHUNK + SHORTEST].tobytes().lower(), start, self._short)

    def among(self, windows: Iterable[tuple[int, bytes]], step: int) -> Iterator[Hit]:
        """Occurrences in (offset, bytes) of windows ``step`` apart that overlap by ``reach`` - 1 bytes; each is told once."""
        for offset, window in windows:
            for hit in self.within(np.frombuffer(window, np.uint8)):
                if hit.start < step:
                    yield Hit(offset + hit.start, hit.needle)


def _is_telling(needle: Needle) -> bool:
    return len(needle.text) >= SHORTEST and len(set(needle.text)) >= DISTINCT and not short_number(needle)


def short_number(needle: Needle) -> bool:
    """Digits that the grey values of smooth tissue could spell."""
    return needle.text.isdigit() and len(needle.text) < SHORTEST + GRAM


def _find(folded: bytes, base: int, needles: Iterable[Needle]) -> Iterator[Hit]:
    for needle in needles:
        at = folded.find(needle.raw)
        while at >= 0:
            yield Hit(base + at, needle)
            at = folded.find(needle.raw, at + 1)


class _Table:
    """Every needle of eight bytes holds an aligned word of four; words are looked up in a table, and the few left compared."""

    def __init__(self, needles: list[Needle]) -> None:
        self._grams: dict[int, list[tuple[Needle, int]]] = {}
        for needle in needles:
            for offset in range(GRAM):
                word = int.from_bytes(needle.raw[offset : offset + GRAM], "little") | int(BLANKED)
                self._grams.setdefault(word, []).append((needle, offset))
        self._wanted = np.fromiter(sorted(self._grams), np.uint32, len(self._grams))
        self._slots = np.zeros(1 << TABLE_BITS, np.bool_)
        self._slots[_slot(self._wanted)] = True

    def hits(self, data: NDArray[np.uint8]) -> Iterator[Hit]:
        for start in range(0, len(data) if self._grams else 0, CHUNK):
            part = data[start : start + CHUNK]
            words = part[: len(part) // GRAM * GRAM].view("<u4") | BLANKED
            at = np.flatnonzero(self._slots[_slot(words)])
            at = at[np.isin(words[at], self._wanted)]
            yield from _compared(data, ((start + int(i) * GRAM, int(words[i])) for i in at), self._grams)


def _slot(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.asarray((words * SPREAD) >> np.uint32(32 - TABLE_BITS), np.uint32)


def _compared(
    data: NDArray[np.uint8], found: Iterable[tuple[int, int]], grams: dict[int, list[tuple[Needle, int]]]
) -> Iterator[Hit]:
    for position, word in found:
        for needle, offset in grams[word]:
            start = position - offset
            if start >= 0 and data[start : start + len(needle.raw)].tobytes().lower() == needle.raw:
                yield Hit(start, needle)


WORD_BYTES = re.compile(rb"[0-9a-z\x80-\xff]")


def surroundings(cut: Callable[[int, int], bytes], hit: Hit, reach: int = 32) -> tuple[str, str]:
    """The letters and digits directly before and after a hit, folded; of 16-bit text every other byte.

    Args:
        cut: gives the bytes between two positions of the data, as far as there are any.
    """
    step = 2 if hit.needle.wide else 1
    end = hit.start + len(hit.needle.raw)
    before = cut(max(0, hit.start - reach * step), hit.start)[::-1][step - 1 :: step].lower()
    after = cut(end, end + reach * step)[::step].lower()
    return _run(before)[::-1], _run(after)


def _run(raw: bytes) -> str:
    text = raw.decode("latin-1")
    length = next((i for i, c in enumerate(text) if not c.isalnum() and c != "."), len(text))
    return text[:length]
