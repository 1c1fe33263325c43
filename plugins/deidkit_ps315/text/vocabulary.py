"""Which words are harmless and which are what people are called. Sources and licences: ``tables/LICENCES.md``.

Each list is a dict: Python's garbage collector walks through large sets again and again, and never through dicts of strings.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection
from functools import cache

from deidkit_ps315.standard.table import TABLES


@cache
def clinical() -> Collection[str]:
    """Folded words of code meanings, attribute names and clinical reports that nobody would take for a name."""
    return _flagged("c")


@cache
def english() -> Collection[str]:
    """The common words of English beyond the clinical ones, folded."""
    return _flagged("e")


@cache
def eponyms() -> Collection[str]:
    """Names that stand for a sign, a disease or a device, such as Baker in Baker cyst, folded."""
    return _flagged("p")


@cache
def names() -> Collection[str]:
    """Given names and family names of many languages, folded, in Latin script."""
    return dict.fromkeys(_lines("names.txt.gz"))


@cache
def words() -> Collection[str]:
    return dict.fromkeys((*clinical(), *english()))


def is_common(token: str) -> bool:
    """Whether a folded token is an everyday or clinical word, so that meeting it proves nothing about a person of that name."""
    return token in words()


def _flagged(flag: str) -> Collection[str]:
    return _by_flag()[flag]


@cache
def _by_flag() -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {"c": {}, "e": {}, "p": {}}
    for line in _lines("words.txt.gz"):
        found[line[0]][line[1:]] = None
    return found


def _lines(name: str) -> list[str]:
    return gzip.decompress((TABLES / name).read_bytes()).decode().split("\n")
