"""A text split into tokens, with what the judges of names and doubts need to know about each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from deidkit.identity.folding import MARKS, fold

TOKEN = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
PIECE = re.compile(rf".[{MARKS}\uff9e\uff9f]*", re.DOTALL)
UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\uff66-\uff9f\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
"""Scripts that put no blank between words."""
MARKED = re.compile(r"\[(?:NAME|ID|DATE|PLACE|CONTACT|INSTITUTION|DEVICE|UID|REMOVED)\]")


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a text, half open, and the kind of identifier that it holds."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits: where it stands, folded, as written, and the characters between it and the one before."""

    start: int
    end: int
    text: str
    raw: str
    gap: str

    @property
    def capital(self) -> bool:
        return self.raw[0].isupper()


@dataclass(frozen=True, slots=True)
class Passage:
    """``cased`` says that capitals mean something here, because enough words begin with small letters."""

    text: str
    tokens: tuple[Token, ...]
    cased: bool

    def opens_sentence(self, number: int) -> bool:
        """Whether token ``number`` begins a sentence, so that its capital says nothing."""
        return number == 0 or any(c in ".!?:;\n\r*" for c in self.tokens[number].gap)


@lru_cache(maxsize=8192)
def passage_of(text: str) -> Passage:
    """``text`` in tokens; marks that an earlier cleaning left, such as [NAME], are none."""
    tokens: list[Token] = []
    last = 0
    for match in TOKEN.finditer(MARKED.sub(lambda m: "\0" * len(m[0]), text)):
        raw = match[0] if match[0].isascii() else _composed(match[0])
        tokens.append(Token(match.start(), match.end(), fold(raw), raw, text[last : match.start()]))
        last = match.end()
    letters = [token for token in tokens if token.raw.isalpha() and len(token.raw) > 1]
    small = sum(not token.capital for token in letters)
    return Passage(text, tuple(tokens), small > 0 and small * 4 >= len(letters))


def _composed(raw: str) -> str:
    """With letters and their marks in one character where there is one, and without what cannot be seen."""
    return unicodedata.normalize("NFC", "".join(c for c in raw if unicodedata.category(c) != "Cf"))


@lru_cache(maxsize=2048)
def _folded(text: str) -> tuple[str, tuple[int, ...]]:
    """``text`` folded, and for each of its characters and the end the place in ``text`` that it came from."""
    out: list[str] = []
    places: list[int] = []
    for match in PIECE.finditer(text):
        piece = fold(match[0])
        out.append(piece)
        places += [match.start()] * len(piece)
    return "".join(out), (*places, len(text))


def find_inside(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where folded ``names`` are in a text of a script that puts no blanks between words."""
    if not UNSPACED.search(text):
        return
    folded, places = _folded(text)
    for name in names:
        at = folded.find(name)
        while at >= 0:
            yield places[at], places[at + len(name)]
            at = folded.find(name, at + 1)


def tokens_of(text: str) -> tuple[Token, ...]:
    return passage_of(text).tokens
