"""Patient's Age from the date of birth, before that date goes."""

from __future__ import annotations

import re
from datetime import date

from pydicom import Dataset

from deidkit.headers.raw_elements import UNDECLARED, text_of
from deidkit.types import HeaderChange
from deidkit_ps315.scrub.job import spell
from deidkit_ps315.standard.values import put
from deidkit_ps315.text.date_shift import cap_age

PATIENT_AGE, BIRTH_DATE = 0x00101010, 0x00100030
EVENTS = (0x00080020, 0x00080021, 0x00080022, 0x00080023)
"""Study, Series, Acquisition and Content Date: the first that is a date says when the patient was of the age."""

SOURCE = "age_cap"
DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
NEWBORN_DAYS, INFANT_MONTHS = 28, 24
"""Below so many days an age is told in days, below so many months in months."""


def compute(before: Dataset, after: Dataset, cap: int) -> list[HeaderChange]:
    """Puts Patient's Age into ``after``, in place, where ``before`` has the date of birth and no age.

    Args:
        before: the object as it was.
        cap: years; higher ages are written as this one.
    """
    if _text(before, PATIENT_AGE):
        return []
    born, seen = _date(before, BIRTH_DATE), next(filter(None, (_date(before, tag) for tag in EVENTS)), None)
    if born is None or seen is None or seen < born:
        return []
    put(after, PATIENT_AGE, "AS", cap_age(_age(born, seen), cap))
    return [HeaderChange(spell(PATIENT_AGE), "C", SOURCE)]


def _age(born: date, seen: date) -> str:
    """The completed days, months or years as an AS value (PS3.5 6.2)."""
    months = (seen.year - born.year) * 12 + seen.month - born.month - (seen.day < born.day)
    if (days := (seen - born).days) < NEWBORN_DAYS:
        return f"{days:03}D"
    return f"{months:03}M" if months < INFANT_MONTHS else f"{min(months // 12, 999):03}Y"


def _date(header: Dataset, tag: int) -> date | None:
    match = DATE.fullmatch(_text(header, tag))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _text(header: Dataset, tag: int) -> str:
    element = header.get_item(tag)
    return text_of(element, UNDECLARED) if element is not None else ""
