"""A text split into tokens, with what the judges of names and doubts need to know about each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from deidkit.identifiers import fold

TOKEN = re.compile(r"[^\W_]+")
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
        raw = match[0]
        tokens.append(Token(match.start(), match.end(), fold(raw), raw, text[last : match.start()]))
        last = match.end()
    letters = [token for token in tokens if token.raw.isalpha() and len(token.raw) > 1]
    small = sum(not token.capital for token in letters)
    return Passage(text, tuple(tokens), small > 0 and small * 4 >= len(letters))


def tokens_of(text: str) -> tuple[Token, ...]:
    return passage_of(text).tokens
