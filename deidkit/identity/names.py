"""The forms in which one person's name is written, for whoever has to meet it again in headers, pixels or written files."""

from __future__ import annotations

from collections.abc import Iterable

from deidkit.identifiers import SPLIT, fold, name_tokens, spellings
from deidkit.types import Identifier


def other_spellings(value: str) -> frozenset[str]:
    """The telling parts of a name as they are written where letters have no accents: ``mueller`` and ``muller`` for Müller."""
    parts = name_tokens(value)
    return frozenset(other for piece in SPLIT.split(value) if fold(piece) in parts for other in spellings(piece))


def name_forms(value: str) -> frozenset[str]:
    """The telling parts of a name, folded, in every spelling."""
    return frozenset(name_tokens(value)) | other_spellings(value)


def all_name_forms(items: Iterable[Identifier]) -> frozenset[str]:
    """``name_forms`` of every name among ``items``."""
    return frozenset(form for item in items if item.kind == "name" for form in name_forms(item.value))
