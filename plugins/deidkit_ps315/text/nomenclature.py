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
BESIDE = 3
COILS = re.compile(r"(?<![\w;])(?P<prefix>[A-Z]{1,2}:)?(?P<parts>[A-Z]{1,3}[\d,-]{0,6}(?:;[A-Z]{1,3}[\d,-]{0,6})*)(?![\w;])")
COIL = re.compile(
    r"(?:BC|BL|BO|BR|FA|FL|FO|FS|H[ABCEPW]|HE[AP]|HE|KN|L|LO|NE[AP]?|NC|P[AFHLV]|R|SC|SH[LS]?|SP|TE?|TO|TR|WR|[A-Z])[\d,-]*"
)
"""Elements of the coils of Siemens machines, as Receive Coil Name joins them: ``C:HEA;HEP``."""


def find_nomenclature(text: str) -> list[tuple[int, int]]:
    """Where names of structures and words of protocols stand (``BrachialPlex``, ``OpticNrv``, ``zRing``, ``moco``)."""
    passage = passage_of(text)
    joined = COILS.finditer(text) if ":" in text or ";" in text else ()
    return [match.span() for match in joined if _are_coils(match)] + [
        (token.start, token.end)
        for number, token in enumerate(passage.tokens)
        if (_is_made_of_parts(token.raw) or _is_small_sequence(passage, number))
        and not (token.text in names() and _is_beside_a_name(passage, number))
    ]


def _are_coils(match: re.Match[str]) -> bool:
    parts = match["parts"].split(";")
    return (len(parts) > 1 or match["prefix"] is not None) and all(COIL.fullmatch(part) for part in parts)


def _is_small_sequence(passage: Passage, number: int) -> bool:
    """A sequence in small letters (``3D ute tra``), where all beside it are words of protocols and codes."""
    token = passage.tokens[number]
    if not token.raw.islower() or token.raw.upper() not in _exact() or token.text not in names():
        return False
    beside = (*passage.tokens[max(0, number - BESIDE) : number], *passage.tokens[number + 1 : number + 1 + BESIDE])
    return bool(beside) and all(one.text in clinical() or one.raw[0].isdigit() or _is_made_of_parts(one.raw) for one in beside)


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
