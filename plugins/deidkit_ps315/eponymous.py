"""Things named after people: parts of a text that look like somebody's name and are a sign, a disease or an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deidkit.identifiers import fold
from deidkit_ps315.passage import Passage, passage_of
from deidkit_ps315.table import TABLES
from deidkit_ps315.titles import STRONG, WEAK
from deidkit_ps315.vocabulary import clinical, english

_NOUNS = "disease syndrome sign anomaly palsy classification thyroiditis arteritis criteria maneuver manoeuvre morbus"
NOUNS = frozenset(_NOUNS.split())
CASED = NOUNS | {"fracture", "hernia", "gangrene", "lymphoma", "encephalitis", "gland", "contracture", "osteotomy"}
"""Nouns that after one capitalised word hardly ever follow the patient's name."""


@cache
def _pattern() -> re.Pattern[str]:
    lines = (TABLES / "compounds.txt").read_text("utf-8").split()
    return re.compile(r"(?<!\w)(?:" + "|".join(line.replace("-", "[- ]") for line in lines) + r")(?![^\W_])")


def find_eponymous(text: str) -> list[tuple[int, int]]:
    """Names of several people in one (Arnold-Chiari), and one name before a noun such as ``disease``."""
    if "-" not in text and " " not in text:
        return []
    folded = fold(text)
    found = [match.span() for match in _pattern().finditer(folded)] if len(folded) == len(text) else []
    return found + list(_before_nouns(passage_of(text)))


def _before_nouns(passage: Passage) -> Iterator[tuple[int, int]]:
    tokens = passage.tokens
    for number, token in enumerate(tokens):
        if token.text not in (CASED if passage.cased else NOUNS) or not number or token.gap != " ":
            continue
        at = number - 1 - (tokens[number - 1].text == "s")
        if at >= 0 and tokens[at].raw.isalpha() and tokens[at].capital and not _goes_before(passage, at):
            yield tokens[at].start, tokens[number].end


def _goes_before(passage: Passage, at: int) -> bool:
    """Whether a title or another part of a name stands before."""
    if not at:
        return False
    before, gap = passage.tokens[at - 1], passage.tokens[at].gap
    if before.text in STRONG | WEAK or "," in gap:
        return True
    return not set(gap) & set(".;:\n") and not (before.text in clinical() or before.text in english())
