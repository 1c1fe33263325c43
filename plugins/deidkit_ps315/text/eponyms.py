"""Things named after people: parts of a text that look like somebody's name and are a sign, a disease or an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from deidkit.identity.folding import fold
from deidkit_ps315.standard.table import TABLES
from deidkit_ps315.text.titles import STRONG, WEAK, is_title
from deidkit_ps315.text.tokens import Passage, passage_of
from deidkit_ps315.text.vocabulary import clinical, english, names

_NOUNS = "disease syndrome sign anomaly palsy classification thyroiditis arteritis criteria maneuver manoeuvre morbus"
NOUNS = frozenset(_NOUNS.split())
CASED = NOUNS | {"fracture", "hernia", "gangrene", "lymphoma", "encephalitis", "gland", "contracture", "osteotomy"}
"""Nouns that after one capitalised word hardly ever follow the patient's name."""


LINK = r"(?:['’]?s)?[- ]"


@cache
def _pattern() -> re.Pattern[str]:
    lines = sorted((TABLES / "compounds.txt").read_text("utf-8").split(), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(line.replace("-", LINK) for line in lines) + r")(?![^\W_])")


def find_eponymous(text: str) -> list[tuple[int, int]]:
    """Names of several people in one (Arnold-Chiari), and one name before a noun such as ``disease``."""
    if "-" not in text and " " not in text:
        return []
    folded = fold(text)
    passage = passage_of(text)
    found = [match.span() for match in _pattern().finditer(folded)] if len(folded) == len(text) else []
    return [span for span in found if not _is_persons(passage, span[0])] + list(_before_nouns(passage))


def _is_persons(passage: Passage, start: int) -> bool:
    """Whether a title or a given name stands before what begins at ``start``."""
    at = next((number for number, token in enumerate(passage.tokens) if token.start == start), 0)
    if not at or set(passage.tokens[at].gap) & set(",.;:\n"):
        return at > 0 and is_title(passage, at - 1)
    before = passage.tokens[at - 1].text
    return before in STRONG or (before in names() and before not in clinical() and before not in english())


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
