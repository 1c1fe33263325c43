"""Numbers whose length or grouping points at somebody or something: accounts, cards, insurance, phones, serial numbers.

Measurements come in rows too (echo times, b-values, matrices). Those run evenly up or down in round steps, and none begins with
a zero; that is what tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from deidkit.identity.dates import VERSION
from deidkit_ps315.text.tokens import Span

GROUPED = re.compile(r"(?<![\w.,/-])\d{1,8}(?:[ -]\d{1,6}){1,8}(?!\w|[.,]\d|[ -]\d|\s?(?:x|mm|ms|cm)\b)")
DOTTED = re.compile(r"(?<![\w.,-])\d{1,4}(?:\.\d{2,4}){2,}(?:-\d{1,2})?(?!\w|[.,]\d)")
MIXED = re.compile(r"(?<![\w.])[A-Za-z\d]+(?:[-/][A-Za-z\d]+){1,6}(?!\w|[-/.]\d)")
BANK = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){2,7}(?:\s?[A-Z\d]{1,4})?\b")
LONG = re.compile(r"(?<![^\W_])(?<!\d[.,])(?:[A-Z]{0,4}\d{7,}[A-Z]{0,2}|[A-Z]{1,4}\d{5,}[A-Z]?)(?![^\W_]|[.,]\d)")
ALTERNATING = re.compile(r"\d+[A-Z]+\d", re.IGNORECASE)
FEWEST, FEWEST_DOTTED, FEWEST_MIXED, FEWEST_BANK = 9, 8, 6, 12
STEP, MOST, LONG_PIECE, CLOCK_HOURS = 5, 20000, 4, 24


def find_numbers(text: str) -> Iterator[Span]:
    """Rows of digits, codes of letters and digits, and single long numbers, in ``text``."""
    if sum(c.isdigit() for c in text) < STEP:
        return
    forms = ((GROUPED, _is_grouped), (DOTTED, _is_dotted), (MIXED, _is_mixed), (BANK, _is_bank))
    for pattern, accept in forms:
        yield from (Span(m.start(), m.end(), "id") for m in pattern.finditer(text) if accept(m))
    yield from (Span(m.start(), m.end(), "id") for m in LONG.finditer(text))


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _is_grouped(match: re.Match[str]) -> bool:
    groups = re.split(r"[ -]", match[0])
    if _digits(match[0]) < FEWEST or any(len(group) < 2 for group in groups[1:]):
        return False
    return not (_is_row(groups) or _is_moment(groups) or (len(groups) == 2 and min(map(len, groups)) < LONG_PIECE))


def _is_row(groups: list[str]) -> bool:
    """Even steps up or down, or round numbers in order."""
    if any(group.startswith("0") for group in groups[1:]):
        return False
    numbers = [int(group) for group in groups]
    steps = [b - a for a, b in pairwise(numbers)]
    ordered = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return ordered and (len(set(steps)) == 1 < len(steps) or all(number % STEP == 0 and number < MOST for number in numbers))


def _is_moment(groups: list[str]) -> bool:
    """A date and a time of day, both packed; the date is judged as one."""
    day, *rest = groups
    return len(day) == 8 and day[:2] in {"19", "20"} and len(rest) == 1 and len(rest[0]) == 6 and int(rest[0][:2]) < CLOCK_HOURS


def _is_dotted(match: re.Match[str]) -> bool:
    return _digits(match[0]) >= FEWEST_DOTTED and VERSION.search(match.string[: match.start()]) is None


def _is_mixed(match: re.Match[str]) -> bool:
    pieces = re.split(r"[-/]", match[0])
    if not any(c.isalpha() for c in match[0]):
        return False
    if len(pieces) > 2 and _digits(match[0]) >= STEP and any(ALTERNATING.search(piece) for piece in pieces):
        return True
    if _digits(match[0]) < FEWEST_MIXED:
        return False
    if any(len(piece) >= LONG_PIECE and piece.isdigit() for piece in pieces):
        numbers = [piece for piece in pieces if piece.isdigit()]
        return not (len(numbers) > 1 and _is_row(numbers))
    return False


def _is_bank(match: re.Match[str]) -> bool:
    return _digits(match[0]) >= FEWEST_BANK
