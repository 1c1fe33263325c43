"""Dates and names in every form are known alike to scrubber, policy and recheck."""

from __future__ import annotations

import pytest

from deidkit.identity.calendars import CALENDARS
from deidkit.identity.dates import find_dates, known_days
from deidkit.identity.names import name_forms
from deidkit.types import Identifier, Identifiers
from deidkit_policy.identity import is_known, known
from deidkit_policy.patterns import identifying
from deidkit_ps315.text.cleaner import Style, TextCleaner
from deidkit_ps315.text.known_identifiers import known_of
from deidkit_recheck.judge import Needles

WHO = Identifiers(
    frozenset({Identifier("name", "PatientName", "Müller^Jürgen"), Identifier("date", "StudyDate", "20170314")}), 1
)
MARCH = tuple(dict.fromkeys(calendar.split()[2] for calendar in CALENDARS))
FORMS = ("14 {} 2017", "14. {} 2017", "14-{}-2017", "14{}2017", "{} 14, 2017", "2017-{}-14", "14 DE {} DE 2017")
NUMBERS = (
    "14.03.2017",
    "3/14/17",
    "2017-03-14",
    "14 03 2017",
    "20170314",
    "14.III.2017",
    "2017年3月14日",
    "2017. 3. 14",
    "2017년 3월 14일",
)


def scrubbed(text: str) -> str:
    return TextCleaner.of(WHO, known_of(WHO), Style(None), lambda uid: uid).sweep(text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", MARCH)
def test_scrubber_policy_and_recheck_know_a_date_in_every_calendar(name: str, form: str) -> None:
    text = form.format(name.title())
    assert scrubbed(f"seen {text}") == "seen [DATE]"
    assert is_known(text, known(WHO))
    assert identifying(text) is not None
    assert Needles(WHO).hit(text)
    assert Needles(WHO).surely_hit(text)


@pytest.mark.parametrize("text", NUMBERS)
def test_scrubber_policy_and_recheck_know_a_date_in_numbers(text: str) -> None:
    assert "[DATE]" in scrubbed(f"seen {text}")
    assert is_known(text, known(WHO))
    assert identifying(text) is not None
    assert Needles(WHO).hit(text)


@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_month_of_a_calendar_is_read(calendar: str) -> None:
    months = calendar.split()
    assert len(months) == 12
    read = [find_dates(f"14 {name} 2017") for name in months]
    assert all(len(found) == 1 and found[0].whole for found in read)


@pytest.mark.parametrize("text", ["seen 5 August 2017", "5 mars 2016", "120 kV 250 mAs", "MAR 14 kHz", "May", "R 14 mm"])
def test_other_dates_and_settings_are_not_the_patients(text: str) -> None:
    assert scrubbed(text) == text
    assert not Needles(WHO).hit(text)


@pytest.mark.parametrize("text", ["MUELLER JUERGEN", "Muller, Jurgen", "müller", "Mu\u0308ller"])
def test_scrubber_policy_and_recheck_know_a_name_in_every_spelling(text: str) -> None:
    assert "ller" not in scrubbed(text).lower()
    assert is_known(text, known(WHO))
    assert Needles(WHO).hit(text)


def test_forms_of_a_name_and_days() -> None:
    assert name_forms("Müller^Jürgen^^Dr.") == {"muller", "mueller", "jurgen", "juergen"}
    assert known_days(WHO) == {(2017, 3, 14)}
