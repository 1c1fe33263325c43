"""Case, accents and scripts folded, so that different spellings compare equal."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def _marks() -> str:
    """Combining marks and invisible characters as ranges of a character class; a word goes on behind them."""
    spans: list[list[int]] = []
    for code in range(0x80, 0x10000):
        if unicodedata.category(chr(code)) in {"Mn", "Mc", "Me", "Cf"}:
            if spans and spans[-1][1] == code - 1:
                spans[-1][1] = code
            else:
                spans.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in spans)


MARKS = _marks()


SPLIT = re.compile(rf"(?:[^\w{MARKS}]|_)+")


CJK = re.compile(r"[぀-ヿ㐀-鿿豈-﫿가-힯]")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Case and diacritics folded, so that Müller, MULLER and müller compare equal (and ø, ß, ł as o, ss, l)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(UNDECOMPOSED))
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not _is_accent(c)))


@lru_cache(maxsize=4096)
def _is_accent(character: str) -> bool:
    """A mark that may be left out when a name is written: accents, tones, points; not the vowels that some scripts write so.

    Characters that cannot be seen (soft hyphens, joiners, marks of direction) count as well.
    """
    if unicodedata.category(character) == "Cf":
        return True
    return unicodedata.combining(character) not in VOWEL_CLASSES and character not in VOICED


VOWEL_CLASSES = frozenset({0, 9, 103, 118})
"""Canonical combining classes of letters, of virama signs, and of the vowels u of Thai and Lao."""


VOICED = "\u3099\u309a"


UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d", "þ": "th", "ı": "i", "ـ": ""}
)
