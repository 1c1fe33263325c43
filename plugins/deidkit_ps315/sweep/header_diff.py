"""Compares the elements of the written header with the input's: by path, by whole token, and dates by element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from deidkit.identity.dates import Dates, find_dates, known_days
from deidkit.identity.names import is_identifying
from deidkit.types import Identifiers
from deidkit_ps315.standard.addresses import is_class_uid
from deidkit_ps315.standard.colour_profiles import is_plain
from deidkit_ps315.standard.table import rows
from deidkit_ps315.standard.value_form import CODES, is_malformed, whole_numbers
from deidkit_ps315.standard.values import DUMMIES
from deidkit_ps315.sweep.leaves import Key, Leaf
from deidkit_ps315.sweep.targets import Targets
from deidkit_ps315.text.cleaner import BIRTH
from deidkit_ps315.text.tokens import find_inside, tokens_of
from deidkit_ps315.text.vocabulary import is_common

PRIVATE, CREATORS, ICC_PROFILE = 0x10000, 0x100, 0x00282000
TEMPORAL_MARK, UNMODIFIED = 0x00280303, "UNMODIFIED"
OWN = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280301, TEMPORAL_MARK})
TEXT = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
CODED = frozenset({"AS", "DA", "DS", "DT", "IS", "TM"})
DATED = TEXT | {"DA", "DT"}
SPOKEN = frozenset(str(value) for value in DUMMIES.values())


def problems(
    before: list[Leaf], after: list[Leaf], targets: Targets, identifiers: Identifiers, touched: Mapping[Key, str]
) -> Iterator[str]:
    """What is wrong with the written header, in words without values. ``touched`` has the action of each change by key."""
    was = {leaf[:2]: leaf for leaf in before}
    dates = known_days(identifiers, BIRTH if _keeps_dates(after) else "")
    for leaf in after:
        key = leaf[:2]
        action = touched.get(key)
        if leaf.tag in OWN or action == "K":
            continue
        yield from _malformed(leaf)
        if leaf.tag & PRIVATE:
            if action is None and leaf.tag & 0xFFFF >= CREATORS:
                yield f"private element {leaf.path} was not asked to stay"
            yield from _numbers(leaf, targets)
        elif leaf.vr == "UI":
            yield from _uids(leaf, targets)
        elif leaf.vr in TEXT or leaf.vr in CODED:
            yield from _text(leaf, was.get(key), action, targets, dates)


def _keeps_dates(after: list[Leaf]) -> bool:
    """Whether the object itself says that its dates are those of the input; a date of birth is none of them."""
    return any(leaf.tag == TEMPORAL_MARK and not leaf.prefix and leaf.text == UNMODIFIED for leaf in after)


def _malformed(leaf: Leaf) -> Iterator[str]:
    """Values that nobody can vouch for, because they are not what their element says."""
    if is_malformed(leaf.element, leaf.element.VR):
        yield f"{leaf.path} is not what its VR and VM say"
    value = leaf.element.value
    if leaf.tag == ICC_PROFILE and value and not (isinstance(value, bytes) and is_plain(value)):
        yield f"the colour profile {leaf.path} may hold text"


def _text(leaf: Leaf, was: Leaf | None, action: str | None, targets: Targets, dates: Dates) -> Iterator[str]:
    text = leaf.text
    if not text:
        return
    old = was.text if was is not None else ""
    if text == old and action != "C" and leaf.tag in _identity() and text not in SPOKEN and is_identifying("value", text):
        yield f"{leaf.path} is as it was"
    if leaf.vr in TEXT and (text != old or not _is_plain(text)):
        yield from _tokens(leaf, text, targets)
    if leaf.vr in DATED and old and text not in SPOKEN:
        yield from _dates(leaf, text, old, dates)


@cache
def _identity() -> frozenset[int]:
    """Tags of Table E.1-1 that no option merely cleans: their value never stays unless an option keeps it."""
    dates = {"retain_long_modified_dates"}
    return frozenset(
        tag
        for row in rows()
        if "C" not in {code for name, code in row.options.items() if name not in dates}
        for tag in row.tags()
    )


def _numbers(leaf: Leaf, targets: Targets) -> Iterator[str]:
    """Numbers in binary that are somebody's; what a standard attribute counts or measures is none."""
    if leaf.vr in CODES:
        kinds = (targets.strings.get(str(number)) for number in whole_numbers(leaf.element, leaf.vr) if number >= 0)
        yield from (f"{kind} in {leaf.path}" for kind in kinds if kind)


def _uids(leaf: Leaf, targets: Targets) -> Iterator[str]:
    if not is_class_uid(leaf.tag) and any(part.strip() in targets.uids for part in leaf.text.split("\\")):
        yield f"a UID of the input in {leaf.path}"


@lru_cache(maxsize=8192)
def _is_plain(text: str) -> bool:
    """Whether a text is nothing but everyday and clinical words, which are never searched for as single tokens."""
    return all(is_common(token.text) for token in tokens_of(text))


def _tokens(leaf: Leaf, text: str, targets: Targets) -> Iterator[str]:
    for token in tokens_of(text):
        kind = targets.tokens.get(token.text)
        if kind:
            yield f"{kind} in {leaf.path}"
    yield from (f"name in {leaf.path}" for _ in find_inside(text, targets.unspaced))


def _dates(leaf: Leaf, text: str, old: str, dates: Dates) -> Iterator[str]:
    """A date counts only where the same element held it before: a shifted date may well fall on another one of this patient."""
    before = {reading for one in find_dates(old) for reading in one.readings}
    if before and any(reading in dates and reading in before for one in find_dates(text) for reading in one.readings):
        yield f"date in {leaf.path}"
