"""Dates as people write them in text: found, read, and written again in the same form.

Year first, day first, month first, with dots, strokes, hyphens, blanks or nothing between; months by number, in Roman figures
or by a name of the calendars; Chinese, Japanese and Korean forms; years of two digits. Versions (``VE 11.2.20``) and longer
dotted numbers are not taken for dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from deidkit.identity.calendars import ANY_NAME, CALENDARS, MONTHS
from deidkit.types import Identifiers

NAME = rf"(?P<name>{ANY_NAME})(?![^\W\d_])"
ROMAN = "(?P<name>(?-i:I{1,3}|IV|VI{0,3}|IX|XI{0,2}))"
STORED = re.compile(r"(\d{4})([.-]?)(\d{2})\2(\d{2})")
"""A DA, also in the old form with stops, or the date of a DT."""
YEAR = r"(?P<y>(?:19|20)\d{2})"
ANY_YEAR = r"(?P<y>(?:19|20)\d{2}|'?\d{2})"
D, M = r"(?P<d>0?[1-9]|[12]\d|3[01])", r"(?P<m>0?[1-9]|1[0-2])"
A, B = r"(?P<a>0?[1-9]|[12]\d|3[01])", r"(?P<b>0?[1-9]|[12]\d|3[01])"
START, END = r"(?<![\d.])(?<!\d[-/])", r"(?![-./]?\d)"
ORDINAL = r"(?:st|nd|rd|th|er|[º°ª])?"
TIME = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?"
FULL = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\d.]){YEAR}(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?=(?:[T_]?{TIME})?(?!\d))",
        rf"{START}{YEAR}(?P<s>\s?[-./_·]\s?|\s){M}(?P=s){D}(?![-./]\d|\d)",
        rf"{START}{A}(?P<s>\s?[-./_·]|\s)\s?{B}(?P=s)\s?{YEAR}{END}",
        rf"{START}{A}(?P<s>[-./]){B}(?P=s)(?P<y>'?\d{{2}}){END}",
        rf"{START}{D}{ORDINAL}\.?(?:\s(?:of|de))?[-./ ]{{0,2}}{NAME}\.?(?:\sde)?[-./, ]{{0,2}}{ANY_YEAR}{END}",
        rf"(?<![^\W\d_]){NAME}\.?[-./ ]{{0,2}}{D}{ORDINAL}[-./, ]{{1,2}}{ANY_YEAR}{END}",
        rf"{START}{D}(?P<r>[-./ ]){ROMAN}(?P=r){YEAR}{END}",
        rf"{START}{YEAR}[-./ ]{NAME}\.?[-./ ]{D}{ORDINAL}(?!\d)",
        rf"(?<!\d){YEAR}\s?[年년]\s?{M}\s?[月월]\s?{D}\s?[日일]",
    )
)
PACKED = re.compile(r"(?<![\d.])(?P<a>0[1-9]|[12]\d|3[01])(?P<b>0[1-9]|[12]\d|3[01])(?P<y>(?:19|20)\d{2})(?!\d)")
PARTIAL = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:令和|平成|昭和)\s?(?:元|\d{1,2})\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日",
        rf"\bQ[1-4][/ -]?{YEAR}(?!\d)",
        rf"(?<![^\W\d_]){NAME}\.?(?:\s(?:of|de|del))?[-/, ]{{1,2}}{YEAR}(?!\d)",
        rf"(?<![\d./-])(?P<m>0[1-9]|1[0-2])[/.-]{YEAR}(?![./-]?\d)",
        rf"(?<![\d./-]){YEAR}[/-](?P<m>0[1-9]|1[0-2])(?![./-]?\d)",
        rf"{START}{D}(?:st|nd|rd|th|\.)?\s(?:of\s|de\s)?{NAME}",
        rf"(?<![^\W\d_]){NAME}\.?\s{D}{ORDINAL}(?![\d./-]|\s?(?:mm|cm|ml|mg|mSv|MHz|Hz|%))",
    )
)
SIX = re.compile(r"(?<![\w.])\d{6}(?![\w.]*\d)")
VERSION = re.compile(
    r"\b(?:v[abde]?|ver|version|vers|release|rel|rev|revision|sw|software|firmware|build|syngo(?:[ .]\w+)?)[.:\s_-]*$",
    re.IGNORECASE,
)


Dates = frozenset[tuple[int, int, int]]
"""Days as (year, month, day)."""


def earlier(year: int, month: int, day: int, days: int) -> date | None:
    """The calendar date ``days`` before; None when there is no such date or it would lie before year 1."""
    try:
        return date(year, month, day) - timedelta(days)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Written:
    """A date in a text: where, what it may mean (two readings where day and month could be swapped), and how it is written."""

    start: int
    end: int
    readings: tuple[tuple[int, int, int], ...]
    match: re.Match[str]
    whole: bool

    def means(self, known: Dates) -> bool:
        return any(reading in known for reading in self.readings)

    def recalls(self, known: Dates) -> bool:
        """Whether it is one of the dates, or would be in another century where it gives two digits of the year alone."""
        if self.means(known):
            return True
        year = (self.match.groupdict().get("y") or "").lstrip("'")
        return len(year) == 2 and any((y % 100, m, d) == (b % 100, n, e) for y, m, d in self.readings for b, n, e in known)

    def shifted(self, days: int, known: Dates) -> str | None:
        """The same form with the date ``days`` earlier, None where it cannot be read as a whole date.

        Of two readings the one that is a known date of this patient counts, else day first for dots and hyphens, month first
        for strokes.
        """
        if not self.whole:
            return None
        best = next((r for r in self.readings if r in known), self.readings[0])
        moved = earlier(*best, days)
        return _rewrite(self.match, best, moved) if moved else None


@lru_cache(maxsize=4096)
def find_dates(text: str) -> tuple[Written, ...]:
    """Dates in ``text``, whole ones and parts of dates (a month of a year, a day of a month), without overlaps, in order."""
    if not any(c.isdigit() for c in text):
        return ()
    found: list[Written] = []
    for patterns, whole in (((*FULL, PACKED), True), (PARTIAL, False)):
        for pattern in patterns:
            for match in pattern.finditer(text):
                if all(match.end() <= other.start or other.end <= match.start() for other in found):
                    found += _read(match, text, whole)
    return tuple(sorted(found, key=lambda one: one.start))


def _read(match: re.Match[str], text: str, whole: bool) -> Iterator[Written]:
    if not whole:
        yield Written(match.start(), match.end(), (), match, False)
        return
    numeric = "name" not in match.groupdict()
    if numeric and not text[match.start()].isdigit():
        return
    if numeric and match["y"] and len(match["y"].lstrip("'")) == 2 and VERSION.search(text[: match.start()]):
        return
    readings = tuple(reading for reading in _readings(match) if earlier(*reading, 0))
    if readings:
        yield Written(match.start(), match.end(), readings, match, True)


def _readings(match: re.Match[str]) -> Iterator[tuple[int, int, int]]:
    groups = match.groupdict()
    year = _year(groups["y"])
    if groups.get("name"):
        yield year, MONTHS[groups["name"].lower()][0], int(groups["d"])
    elif groups.get("a"):
        pairs = [(int(groups["b"]), int(groups["a"])), (int(groups["a"]), int(groups["b"]))]
        if (groups.get("s") or "").strip() == "/":
            pairs.reverse()
        yield from ((year, month, day) for month, day in dict.fromkeys(pairs) if month <= 12)
    else:
        yield year, int(groups["m"]), int(groups["d"])


def short_dates(text: str, known: Dates) -> Iterator[Written]:
    """Six digits that are one of the ``known`` dates in some order; nothing but that tells them from other numbers."""
    for match in SIX.finditer(text):
        one, two, three = (int(match[0][n : n + 2]) for n in (0, 2, 4))
        readings = tuple(
            day for day in known if (day[0] % 100, *day[1:]) in {(one, two, three), (three, two, one), (three, one, two)}
        )
        if readings:
            yield Written(match.start(), match.end(), readings, match, False)


def _year(text: str) -> int:
    digits = text.lstrip("'")
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) < 50 else 1900)


def _rewrite(match: re.Match[str], reading: tuple[int, int, int], moved: date) -> str:
    """The matched text with day, month and year replaced in place, each as wide and as written as before."""
    groups = match.groupdict()
    parts = {"y": f"{moved.year:04}", "d": str(moved.day), "m": str(moved.month)}
    if groups.get("a"):
        day_first = int(groups["a"]) == reading[2] and int(groups["b"]) == reading[1]
        parts["a"], parts["b"] = (parts["d"], parts["m"]) if day_first else (parts["m"], parts["d"])
    if groups.get("name"):
        parts["name"] = _like(MONTHS[groups["name"].lower()][1][moved.month - 1], groups["name"])
    text, base = match[0], match.start()
    spans = sorted(((match.span(k), v) for k, v in parts.items() if groups.get(k)), reverse=True)
    for (start, end), value in spans:
        old = text[start - base : end - base]
        text = text[: start - base] + _fit(value, old) + text[end - base :]
    return text


def _fit(value: str, old: str) -> str:
    if not old[-1].isdigit():
        return value
    if len(value) == 4 and len(old) < 4:
        return ("'" if old.startswith("'") else "") + value[2:]
    return value.zfill(2) if old.startswith("0") or len(old) > 1 else value


def _like(name: str, model: str) -> str:
    return name.upper() if model.isupper() else name.capitalize() if model[0].isupper() else name


ENGLISH = tuple(CALENDARS[1].split())


@lru_cache(maxsize=4096)
def date_forms(value: str) -> frozenset[str]:
    """How a DICOM date (DA, or the date part of DT) is written in text and on screens, folded to lower case.

    Year first, day first and month first, with ``.``, ``/``, ``-``, space or nothing between; month names; years of two digits.
    Empty when ``value`` holds no whole date.
    """
    match = re.match(r"(\d{4})[.\-]?(\d{2})[.\-]?(\d{2})", value)
    if not match or not (1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31):
        return frozenset()
    year, month, day = match.groups()
    name, plain_day, plain_month = ENGLISH[int(month) - 1], str(int(day)), str(int(month))
    forms = {f"{year}{month}{day}", f"{day}{month}{year}", f"{month}{day}{year}"}
    for separator in "./- ":
        for y in (year, year[2:]):
            forms |= {separator.join(p) for p in ((y, month, day), (day, month, y), (month, day, y))}
            forms |= {
                separator.join(p)
                for p in ((plain_day, plain_month, y), (plain_month, plain_day, y), (y, plain_month, plain_day))
            }
            forms |= {separator.join(p) for p in ((day, name, y), (plain_day, name, y), (name, day, y), (name, plain_day, y))}
    forms |= {f"{day}{name}{year}", f"{day}{name}{year[2:]}", f"{name} {plain_day}, {year}", f"{name} {day}, {year}"}
    return frozenset(forms)


def known_days(identifiers: Identifiers, keyword: str = "") -> Dates:
    """(year, month, day) of every DA and DT among the identifiers whose keyword begins with ``keyword``."""
    matches = (STORED.match(item.value) for item in identifiers.of("date") if item.keyword.startswith(keyword))
    return frozenset((int(match[1]), int(match[3]), int(match[4])) for match in matches if match)


def shows_day(text: str, known: Dates, *, surely: bool = False) -> bool:
    """Whether ``text`` has one of the ``known`` days in it, written in any way; ``surely`` asks for the whole year."""
    return any(one.means(known) if surely else one.recalls(known) for one in find_dates(text))
