"""Does a text show one of this patient's identifiers, as a person would still recognise it?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from deidkit.identity.dates import Dates, date_forms, known_days, shows_day
from deidkit.identity.folding import fold
from deidkit.identity.names import name_forms
from deidkit.types import Identifiers
from deidkit_policy.skeleton import distance_within, parts, skeleton
from deidkit_policy.vocabulary import is_common

PARTIAL = 4
SHORT_ID = 3
"""Identifiers of so many characters match whole tokens only; shorter ones, such as a Study ID of 1, identify nobody."""
PLACES = ("institution", "place")


@dataclass(frozen=True, slots=True)
class Known:
    """What is searched for, as skeletons but for ``initials``, which match as they are.

    ``names`` are parts of names; ``whole`` must match a token or the text exactly, ``codes`` also in part, ``places`` only in
    full because their words are often common ones.
    """

    names: frozenset[str] = field(repr=False)
    initials: frozenset[str] = field(repr=False)
    whole: frozenset[str] = field(repr=False)
    codes: frozenset[str] = field(repr=False)
    places: frozenset[str] = field(repr=False)
    dates: frozenset[tuple[str, ...]] = field(repr=False)
    days: Dates = field(repr=False)


@lru_cache(maxsize=64)
def known(identifiers: Identifiers) -> Known:
    """The identifiers of one patient and study made ready for matching."""
    names: set[str] = set()
    initials: set[str] = set()
    whole: set[str] = set()
    codes: set[str] = set()
    places: set[str] = set()
    dates: set[tuple[str, ...]] = set()
    for item in identifiers.items:
        if item.kind == "name":
            names |= {skeleton(form) for form in name_forms(item.value)}
            initials |= _initials(item.value)
        elif item.kind == "date":
            dates |= _date_tokens(item.value)
        elif item.kind not in ("uid", "time"):
            folded = skeleton(item.value)
            if len(folded) > SHORT_ID:
                (places if item.kind in PLACES else codes).add(folded)
            elif len(folded) == SHORT_ID:
                whole.add(folded)
            pieces = {skeleton(part) for part in parts(item.value) if not part.isalpha() and len(part) >= SHORT_ID}
            whole |= pieces if item.kind not in PLACES else set()
            names |= {
                skeleton(part) for part in parts(item.value) if part.isalpha() and len(part) > PARTIAL and not is_common(part)
            }
    return Known(
        names=frozenset(names - {""}),
        initials=frozenset(initials),
        whole=frozenset(whole),
        codes=frozenset(codes),
        places=frozenset(places),
        dates=frozenset(dates),
        days=known_days(identifiers),
    )


def _initials(name: str) -> set[str]:
    """Initials in every order that is in use, folded: at least two letters, because one alone would match every marker."""
    components = [part.split() for part in re.split(r"[\^=,]+", fold(name)) if part.split()]
    first = [component[0][0] for component in components]
    every = [part[0] for component in components for part in re.split(r"[\s.-]+", " ".join(component)) if part]
    orders = [first[:2], first[1::-1], first, first[1:] + first[:1], every, every[::-1]]
    return {"".join(order) for order in orders if len(order) > 1}


def _date_tokens(value: str) -> set[tuple[str, ...]]:
    return {tuple(_digits(part) for part in parts(form)) for form in date_forms(value)}


def _digits(part: str) -> str:
    """A part of a date with letters that look like digits read as digits, and without leading zeros."""
    if any(character.isdigit() for character in part):
        part = part.translate(str.maketrans("olisbzgq", "01158260"))
    return part.lstrip("0") or "0"


def is_known(text: str, who: Known) -> bool:
    """Whether ``text`` shows a name, an identifier or a date of ``who``: in part, misread, reordered or run together."""
    tokens = [skeleton(part) for part in parts(text)]
    joined = skeleton(text)
    if who.whole & {*tokens, joined, joined[::-1]} or who.initials & {*parts(text), "".join(parts(text))}:
        return True
    if any(_shows_code(joined, tokens, code) for code in who.codes) or any(place in joined for place in who.places):
        return True
    if any(_like(token, name) for name in who.names for token in tokens if token):
        return True
    if any(len(name) >= PARTIAL and (name in joined or name in joined[::-1]) for name in who.names):
        return True
    return _shows_date(text, who)


def _like(token: str, name: str) -> bool:
    """Whether a token is a name, a part of one of PARTIAL letters or more, or a name misread."""
    if name in (token, token[::-1]):
        return True
    shorter = min(len(token), len(name))
    if shorter < PARTIAL:
        return False
    if token in name or name in token or token[:PARTIAL] == name[:PARTIAL]:
        return True
    return distance_within(token, name, 1 if shorter < 8 else 2)


def _shows_code(joined: str, tokens: list[str], code: str) -> bool:
    if code in joined or code in joined[::-1]:
        return True
    return any(len(token) >= PARTIAL and token in code for token in (*tokens, joined))


def _shows_date(text: str, who: Known) -> bool:
    tokens = tuple(_digits(part) for part in parts(text))
    return shows_day(text, who.days) or any(
        tokens[start : start + len(date)] == date for date in who.dates for start in range(len(tokens))
    )
