"""Shifting dates by whole days, so that every interval between two events of a patient stays what it was."""

from __future__ import annotations

import re

from deidkit.identity.dates import earlier

DATE = re.compile(r"(\d{4})([.]?)(\d{2})\2(\d{2})")
PARTIAL = re.compile(r"(\d{4})(\d{2})?(.*)")


def shift_date(value: str, days: int) -> str | None:
    """A DA value, also in the old form YYYY.MM.DD and as a range, ``days`` earlier. None when it is no date."""
    if "-" in value:
        parts = [shift_date(part, days) if part else "" for part in value.split("-")]
        return None if None in parts else "-".join(part or "" for part in parts)
    match = DATE.fullmatch(value.strip())
    moved = match and earlier(int(match[1]), int(match[3]), int(match[4]), days)
    return f"{moved.year:04}{match[2]}{moved.month:02}{match[2]}{moved.day:02}" if match and moved else None


def shift_datetime(value: str, days: int) -> str | None:
    """A DT value ``days`` earlier; time of day, fraction and offset from UTC stay as written (PS3.5 6.2).

    A value without a day or month is moved from the middle of what it leaves open, and keeps its precision.
    """
    text = value.strip()
    match = DATE.match(text)
    if match and not match[2]:
        moved = earlier(int(match[1]), int(match[3]), int(match[4]), days)
        return f"{moved:%Y%m%d}".rjust(8, "0") + text[8:] if moved and _is_time(text[8:]) else None
    partial = PARTIAL.fullmatch(text)
    if partial is None or not re.fullmatch(r"([+-]\d{4})?", partial[3]):
        return None
    moved = earlier(int(partial[1]), int(partial[2] or 7), 15, days)
    if moved is None:
        return None
    return f"{moved.year:04}" + (f"{moved.month:02}" if partial[2] else "") + partial[3]


def _is_time(rest: str) -> bool:
    return re.fullmatch(r"(\d{2}){0,3}(\.\d{1,6})?([+-]\d{4})?", rest) is not None


OLDEST = 90
"""Years from which on an age tells too much of who it is (HIPAA 45 CFR 164.514(b)(2)(i)(C))."""


def cap_age(value: str, cap: int = OLDEST) -> str:
    """An AS value, with everything from ``cap`` years on written as this age. Empty when it is no age."""
    match = re.fullmatch(r"(\d{1,3})([DWMY])", value.strip())
    if not match:
        return ""
    years = int(match[1]) * {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}[match[2]]
    return f"{cap:03}Y" if years >= cap else match[0]
