"""Names of structures by the rules of AAPM TG-263, and words of protocols: names of things, put together from known parts."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from deidkit.identity.folding import fold
from deidkit_ps315.standard.table import TABLES
from deidkit_ps315.text.doubtful_words import CAMEL, is_word
from deidkit_ps315.text.tokens import Passage, Token, passage_of
from deidkit_ps315.text.vocabulary import clinical, names

PARTS = re.compile(r"[^\W\d_]+|\d+")
PREFIX = re.compile(r"z(?=[A-Z])|z?(?:[IC]?[GC]TV|[IP]TV|PRV)(?=[A-Z]?[a-z])")
"""A structure made for planning alone begins with z, one around a target with the kind of the target."""

SHORT, MOST_FIGURES = 3, 4


def find_nomenclature(text: str) -> list[tuple[int, int]]:
    """Where names of structures and words of protocols stand (``BrachialPlex``, ``OpticNrv``, ``zRing``, ``moco``)."""
    passage = passage_of(text)
    return [
        (token.start, token.end)
        for number, token in enumerate(passage.tokens)
        if _is_made_of_parts(token.raw) and not (token.text in names() and _is_beside_a_name(passage, number))
    ]


@lru_cache(maxsize=8192)
def _is_made_of_parts(raw: str) -> bool:
    """Whether a token is put together from parts of the list, and from words beside at least one part or prefix."""
    parts = PARTS.findall(raw)
    if "".join(parts) != raw or sum(len(part) for part in parts if part.isdigit()) > MOST_FIGURES:
        return False
    written = [part for part in parts if not part.isdigit()]
    bare = [part if _listed(part) else PREFIX.sub("", part) for part in written]
    pieces = [piece for part in bare for piece in ([part] if _listed(part) else CAMEL.findall(part))]
    known = bare != written or any(map(_listed, pieces))
    return known and all(len(piece) < SHORT or _listed(piece) or is_word(fold(piece)) for piece in pieces)


def _listed(part: str) -> bool:
    return part in _exact() or part.lower() in _words()


def _is_beside_a_name(passage: Passage, number: int) -> bool:
    """Whether what people are called, too, stands next to another such word: then it is somebody's name."""
    return any(map(_names, passage.tokens[max(0, number - 1) : number] + passage.tokens[number + 1 : number + 2]))


def _names(token: Token) -> bool:
    return token.text in names() and token.text not in clinical() and not _is_made_of_parts(token.raw)


@cache
def _words() -> frozenset[str]:
    return frozenset(word for word in _entries() if word.islower())


@cache
def _exact() -> frozenset[str]:
    return frozenset(word for word in _entries() if not word.islower())


@cache
def _entries() -> tuple[str, ...]:
    """Every word of the list, without the line of each paragraph that says what it is about."""
    paragraphs = (TABLES / "nomenclature.txt").read_text("utf-8").split("\n\n")[1:]
    return tuple(word for paragraph in paragraphs for word in paragraph.partition("\n")[2].split())
