"""Finds many strings in many bytes: in every encoding, upper and lower case alike, in one pass whatever their number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deidkit.identifiers import fold
from deidkit.rawtext import Codecs, encode

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
    """Each string in UTF-8, Latin-1, UTF-16 and the declared character sets, as written, folded, and in upper case."""
    made = {needle.raw: needle for string, kind in strings.items() for needle in _needles(string, kind, declared)}
    return list(made.values())


@lru_cache(maxsize=16384)
def _needles(string: str, kind: str, declared: Codecs) -> tuple[Needle, ...]:
    if string.isascii():
        raw = string.lower().encode()
        return Needle(raw, string, kind, False), Needle(string.lower().encode("utf-16-le")[:-1], string, kind, True)
    made: dict[bytes, Needle] = {}
    for form in (string, string.lower(), string.upper(), string.title(), fold(string)):
        for codec in dict.fromkeys((*UNIVERSAL, *declared)):
            raw = _encoded(form, codec)[PADDING.get(codec, slice(None)) if form.isascii() else slice(None)].lower()
            if raw:
                made.setdefault(raw, Needle(raw, string, kind, codec.startswith("utf-16")))
    return tuple(made.values())


def _encoded(text: str, codec: str) -> bytes:
    if codec.startswith(("iso2022", "iso_2022")):
        raw = encode(text, (codec,))
        return b"" if b"?" in raw else raw
    try:
        return text.encode(codec)
    except (UnicodeError, LookupError):
        return b""


def scan(data: NDArray[np.uint8], needles: Iterable[Needle], pixels: bool = False) -> Iterator[Hit]:
    """Occurrences of ``needles`` in ``data``, letters compared without case.

    In pixel data only needles count that chance cannot make: at least eight bytes of five or more kinds.
    """
    chosen = [
        n for n in needles if not pixels or (len(n.text) >= SHORTEST and len(set(n.text)) >= DISTINCT and not short_number(n))
    ]
    if len(data) <= SMALL:
        yield from _find(data.tobytes().lower(), 0, chosen)
        return
    long = [needle for needle in chosen if len(needle.raw) >= SHORTEST]
    short = [needle for needle in chosen if len(needle.raw) < SHORTEST]
    yield from _filtered(data, long)
    overlap = SHORTEST
    for start in range(0, len(data) if short else 0, CHUNK):
        yield from _find(data[start : start + CHUNK + overlap].tobytes().lower(), start, short)


def short_number(needle: Needle) -> bool:
    """Digits that the grey values of smooth tissue could spell."""
    return needle.text.isdigit() and len(needle.text) < SHORTEST + GRAM


def _find(folded: bytes, base: int, needles: Iterable[Needle]) -> Iterator[Hit]:
    for needle in needles:
        at = folded.find(needle.raw)
        while at >= 0:
            yield Hit(base + at, needle)
            at = folded.find(needle.raw, at + 1)


def _filtered(data: NDArray[np.uint8], needles: list[Needle]) -> Iterator[Hit]:
    """Every needle of eight bytes holds an aligned word of four; words are looked up in a table, and the few left compared."""
    grams: dict[int, list[tuple[Needle, int]]] = {}
    for needle in needles:
        for offset in range(GRAM):
            word = int.from_bytes(needle.raw[offset : offset + GRAM], "little") | int(BLANKED)
            grams.setdefault(word, []).append((needle, offset))
    if not grams:
        return
    wanted = np.fromiter(sorted(grams), np.uint32, len(grams))
    table = np.zeros(1 << TABLE_BITS, np.bool_)
    table[_slot(wanted)] = True
    for start in range(0, len(data), CHUNK):
        part = data[start : start + CHUNK]
        words = part[: len(part) // GRAM * GRAM].view("<u4") | BLANKED
        at = np.flatnonzero(table[_slot(words)])
        at = at[np.isin(words[at], wanted)]
        yield from _compared(data, ((start + int(i) * GRAM, int(words[i])) for i in at), grams)


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


def surroundings(data: NDArray[np.uint8], hit: Hit, reach: int = 32) -> tuple[str, str]:
    """The letters and digits directly before and after a hit, folded; of 16-bit text every other byte."""
    step = 2 if hit.needle.wide else 1
    end = hit.start + len(hit.needle.raw)
    before = data[max(0, hit.start - reach * step) : hit.start][::-1][step - 1 :: step].tobytes().lower()
    after = data[end : end + reach * step][::step].tobytes().lower()
    return _run(before)[::-1], _run(after)


def _run(raw: bytes) -> str:
    text = raw.decode("latin-1")
    length = next((i for i, c in enumerate(text) if not c.isalnum() and c != "."), len(text))
    return text[:length]
