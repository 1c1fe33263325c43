"""Which words are harmless and which are what people are called. Sources and licences: ``tables/LICENCES.md``."""

from __future__ import annotations

import gzip
from functools import cache

from deidkit_ps315.table import TABLES


@cache
def clinical() -> frozenset[str]:
    """Folded words of code meanings, attribute names and clinical reports that nobody would take for a name."""
    return _flagged("c")


@cache
def english() -> frozenset[str]:
    """The common words of English beyond the clinical ones, folded."""
    return _flagged("e")


@cache
def eponyms() -> frozenset[str]:
    """Names that stand for a sign, a disease or a device, such as Baker in Baker cyst, folded."""
    return _flagged("p")


@cache
def names() -> frozenset[str]:
    """Given names and family names of many languages, folded, in Latin script."""
    return frozenset(_lines("names.txt.gz"))


@cache
def words() -> frozenset[str]:
    return clinical() | english()


def is_common(token: str) -> bool:
    """Whether a folded token is an everyday or clinical word, so that meeting it proves nothing about a person of that name."""
    return token in words()


def _flagged(flag: str) -> frozenset[str]:
    return frozenset(line[1:] for line in _lines("words.txt.gz") if line[0] == flag)


def _lines(name: str) -> list[str]:
    return gzip.decompress((TABLES / name).read_bytes()).decode().split("\n")
