"""Text that identifies whoever it belongs to: dates, times, long numbers, ages, and labels and titles that announce a name."""

from __future__ import annotations

import re

from deidkit.identity.calendars import ANY_NAME
from deidkit.identity.dates import find_dates
from deidkit.identity.folding import fold

_MONTH = (
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|mrz|maer|okt|dez|ene|abr|ago|dic|avr|aou|fev|set|out|juin|juil|"
    r"gen|mag|giu|lug|ott)[a-z]*|"
    rf"(?:{ANY_NAME})(?![^\W\d_]))"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NUMBER_OF_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:\d\d|(?:18|19|20)\d\d)"
_GAP = r"\s*[./:\\-]\s*"
_WINDOW = re.compile(r"(?<![a-z])(w[wl]?\s*[:=]\s*)-?\d{1,5}(\s*[,/]?\s*[lc]\s*[:=]\s*)-?\d{1,5}(?!\d)")
"""Width and level of a window, whose figures may look like a year or a number of somebody."""
_LABELS = (
    r"name|patient|pat|pid|mrn|dob|d\.o\.b|birth\w*|born|geb\w*|sex|gender|age|acc(?:ession)?|physician|doctor|operator|oper|"
    r"technologist|technician|sonographer|hospital|clini[ck]\w*|klinik\w*|institut\w*|universi\w*|univ|cent(?:er|re|ro)|"
    r"medical|radiolog\w*|address|phone|tel|fax|email|referr?\w*|requested|exam\s?id|ssn|nhs|vorname|nachname|nom|prenom|"
    r"nombre|apellidos?|cognome|nome|study\s*(?:date|time|id)|img\s*tm"
)
_TITLES = r"prof|mr|mrs|ms|miss|sir|herr|frau|madame|monsieur|senor|senora|docteur|professor"
_PATTERNS = {
    "date": (
        rf"(?<!\d){_DAY}\s*([./:\\-])\s*{_NUMBER_OF_MONTH}\s*\1\s*{_YEAR}(?!\d)",
        rf"(?<!\d){_NUMBER_OF_MONTH}\s*([./:\\-])\s*{_DAY}\s*\2\s*{_YEAR}(?!\d)",
        rf"(?<!\d)(?:0[1-9]|[12]\d|3[01]){_GAP}(?:0[1-9]|[12]\d|3[01]){_GAP}{_YEAR}(?!\d)",
        rf"(?<!\d){_DAY}{_GAP}{_DAY}{_GAP}(?:18|19|20)\d\d(?!\d)",
        rf"(?<!\d){_YEAR}{_GAP}{_NUMBER_OF_MONTH}{_GAP}{_DAY}(?!\d)",
        rf"(?<!\d)(?:18|19|20)\d\d\s+{_NUMBER_OF_MONTH}\s+{_DAY}(?!\d)",
        rf"(?<!\d){_DAY}\s+{_NUMBER_OF_MONTH}\s+(?:18|19|20)\d\d(?!\d)",
        r"(?<![\d.])(?:0[1-9]|[12]\d|3[01])\s+(?:0[1-9]|1[0-2])\s+\d\d(?![\d.])",
        rf"\d{{1,4}}[\s./,-]*{_MONTH}[\s./,-]*\d{{2,4}}",
        rf"(?<![a-z]){_MONTH}[\s./-]*\d{{1,2}}(?!\d)[\s,]+\d{{2,4}}",
        rf"(?<!\d){_DAY}[\s./-]+{_MONTH}(?![a-z])",
        rf"(?<!\d){_NUMBER_OF_MONTH}[/-](?:19|20)\d\d(?!\d)",
        r"(?<![\d.])(?:0[1-9]|[12]\d|3[01])[/-](?:0[1-9]|1[0-2])(?![\d.])",
        r"(?<![\d.])(?:0[1-9]|1[0-2])[/-](?:0[1-9]|[12]\d|3[01])(?![\d.])",
        r"(?<![\d.,])(?:19[2-9]\d|20[0-3]\d)(?![\d.,])(?!\s*(?:[mk]?hz|[kmd]b|[kmc]?v|mas?|ms|mm|cm|hu|%))",
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?<![a-z])(?:mon|tue|wed|thu|fri|sat|sun)(?![a-z])\s*[,#\d]",
    ),
    "time": (
        r"(?<![\d.])(?:[01]?\d|2[0-4])\s*[:.h]\s*[0-5]\d\s*[:.m]\s*[0-5]\d",
        r"(?<!\d)(?:[01]?\d|2[0-4])\s*[:h]\s*[0-5]\d(?!\d)",
        r"(?<![\d.])[0-5]\d\s*:\s*[0-5]\d(?!\d)",
        r"\d\s*[ap]\.?m(?![a-z])",
    ),
    "number": (r"\d{5,}", r"(?<![\d.])\d{3,4}\s\d{4}(?![\d.])", r"\d(?:[\s_-]\d){5,}", r"\d{3,}[-_/ ]\d{2,}[-_/ ]\d"),
    "age": (
        r"(?<![\d.])\d{1,3}\s*(?:y|yr|yrs|years?|jahre|ans|anni|anos|yo|y/o)(?![a-z])",
        r"(?<![a-z])[mf]\s*[/,]?\s*(?:[1-9]\d|1[01]\d)(?![\d.])(?!\s*[a-z%°])",
        r"(?<![\d.])(?:[1-9]\d|1[01]\d)\s*[/,]?\s*[mf]$",
        r"(?<![\d.])0\d\d\s?[ymwd](?![a-z])",
        r"adult\D{0,3}(?:9\d|1[0-2]\d)(?!\d)",
    ),
    "label": (
        rf"(?<![a-z])(?:{_LABELS})(?![a-z])",
        rf"(?<![a-z])(?:{_TITLES})(?![a-z])",
        r"(?<![a-z])dr(?![a-z])\.?(?!\s*[:=]?\s*\d)",
        r"(?<![a-z])(?:ex|id|hosp)\s*[:#.]",
        r"@|www\.|https?:",
    ),
    "initials": (r"(?<![a-z])[a-z]\.\s*[a-z]\.(?!\d)", r"^[a-z]\.(?:\s+[a-z]{2,}|[a-z]{3,})"),
}
_COMPILED = {kind: re.compile("|".join(f"(?:{one})" for one in many)) for kind, many in _PATTERNS.items()}


def identifying(text: str) -> str | None:
    """Which pattern of an identifying text ``text`` shows: date, time, number, age, label or initials; None for none."""
    folded = _WINDOW.sub(r"\1\2", fold(text))
    if any(one.whole for one in (*find_dates(text), *find_dates(folded))):
        return "date"
    return next((kind for kind, pattern in _COMPILED.items() if pattern.search(folded)), None)
