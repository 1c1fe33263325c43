"""The forms in which one person's name is written, for whoever has to meet it again in headers, pixels or written files."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydicom._uid_dict import UID_dictionary

from deidkit.identity.folding import CJK, SPLIT, fold
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


_PLACEHOLDERS = "anonymous anonymized anonymised unknown none na n/a null noname removed deidentified test other unspecified"


PLACEHOLDERS = frozenset(_PLACEHOLDERS.split())


_TITLES = (
    "dr prof professor doctor md phd mba rn rt msc bsc mr mrs ms miss mister sir herr frau hr fr med dipl ing jr sr ii iii iv "
    "esq von van der den de la le du del della dos das da di el al bin ibn abu st mc mac the and und et y"
)


TITLES = frozenset(_TITLES.split())


def is_identifying(kind: str, value: str) -> bool:
    """Whether ``value`` can point at anybody: not a placeholder, not empty of letters and digits, no registered UID."""
    if kind == "uid":
        return not is_standard_uid(value)
    folded = value.casefold().strip(" ^=.")
    return any(c.isalnum() for c in folded) and folded not in PLACEHOLDERS and set(folded) - set("0. -:") != set()


def is_standard_uid(value: str) -> bool:
    """Whether PS3.6 Annex A registers ``value``: a SOP class, a transfer syntax, a coding scheme, a well-known instance."""
    return value in UID_dictionary


def spellings(part: str) -> frozenset[str]:
    """Other ways to write one part of a name without its accents: Müller as mueller, Mueller as muller, folded."""
    folded, lower = fold(part), part.casefold()
    written_out = fold(lower.translate(WRITTEN_OUT))
    return frozenset({written_out, LETTERS_FOR_ONE.sub(lambda match: match[0][0], folded)}) - {folded}


WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


LETTERS_FOR_ONE = re.compile(r"ae|oe|ue|aa")


def name_tokens(value: str) -> tuple[str, ...]:
    """The folded parts of a person's name that identify: split at ``^ = space , - '``, without titles, initials and digits.

    Ideographic names give the whole component group as well, because family and given name are often written together.
    """
    tokens = [token for token in map(fold, SPLIT.split(value)) if _speaks(token)]
    if CJK.search(value):
        tokens += [
            joined for group in value.split("=") if len(joined := re.sub(r"[\^\s]+", "", group)) > 1 and CJK.search(joined)
        ]
    return tuple(dict.fromkeys(tokens))


def _speaks(token: str) -> bool:
    if token in TITLES or token in PLACEHOLDERS or token.isdigit():
        return False
    return len(token) >= 3 or (len(token) == 2 and (bool(CJK.search(token)) or token.isalpha()))
