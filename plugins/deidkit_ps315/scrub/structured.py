"""Content items (PS3.3 10.2, C.17.3): what happens to each by its concept, after PS3.15 Table E.3.4-1."""

from __future__ import annotations

import re

from pydicom import Dataset

from deidkit.headers.raw_elements import UNDECLARED, Codecs, text_of
from deidkit_ps315.scrub.job import Job, Place
from deidkit_ps315.scrub.plan import decide
from deidkit_ps315.standard.iod import settle
from deidkit_ps315.standard.table import Row, concepts
from deidkit_ps315.standard.values import DUMMIES, put
from deidkit_ps315.text.date_shift import shift_date, shift_datetime
from deidkit_ps315.text.tokens import tokens_of

VALUE_TYPE, CONCEPT_NAME, CODE_VALUE, SCHEME = 0x0040A040, 0x0040A043, 0x00080100, 0x00080102
TEXT_VALUE, PERSON, DATE, TIME, DATETIME, UID = 0x0040A160, 0x0040A123, 0x0040A121, 0x0040A122, 0x0040A120, 0x0040A124
CODE_MEANING = 0x00080104
VALUES = {TEXT_VALUE: "UT", PERSON: "PN", DATE: "DA", TIME: "TM", DATETIME: "DT", UID: "UI"}
MEASURED, NUMERIC_VALUE, AGE_UNIT = 0x0040A300, 0x0040A30A, 0x004008EA
TIME_FORM = re.compile(r"\d{2}(:?\d{2}){0,2}(\.\d{1,6})?")
SUBJECT_NAME, SUBJECT_AGE = "121029", "121033"
NAMING = ("PNAME", "TEXT", "UIDREF", "DATETIME", "DATE", "TIME")
"""Value types that may stand for one another, the one that identifies most first."""
REQUIRED_BY_TEMPLATE = "1"


_ROLES = (
    "observer physician physicians doctor radiologist cardiologist surgeon sonographer technologist technician radiographer "
    "operator nurse reader reviewer interpreter author verifier transcriptionist dictator consultant resident fellow assistant "
    "guardian spouse mother father arzt untersucher befunder medecin medico"
)
ROLES = frozenset(_ROLES.split())
_BESIDE = "name names person s of the performing referring requesting ordering reporting reading attending responsible primary"
BESIDE = frozenset(_BESIDE.split())
STRANGER = Row("", "", "D", {}, "names a person")


def is_content(item: Dataset) -> bool:
    return VALUE_TYPE in item and CONCEPT_NAME in item


def scrub_item(job: Job, place: Place) -> frozenset[int] | None:
    """Treats the value of one content item.

    Returns:
        The tags that are settled by it; None when the whole item has to go.
    """
    item = place.dataset
    code, scheme = _concept(item)
    row = _row(code, scheme, _text(item, VALUE_TYPE, UNDECLARED)) or (STRANGER if names_somebody(place) else None)
    if row is None:
        return frozenset()
    decision = decide(row, job.plan.chosen)
    action = settle(decision.action, REQUIRED_BY_TEMPLATE if "D" in decision.action else "3")
    if action == "X":
        return None
    if action == "U":
        return frozenset()
    settled = frozenset(tag for tag in VALUES if tag in item)
    for tag in settled:
        done = _treat(job, place, tag, action, code)
        if done:
            job.note(place.path, tag, done, decision.source)
    if code == SUBJECT_AGE:
        _cap_age(item, job.plan.oldest)
    return settled


def _row(code: str, scheme: str, value_type: str) -> Row | None:
    """The row of a concept; what a writer puts into another type of value than the table has says the same.

    So a Person Observer Name is a name also where it is a TEXT.
    """
    if value_type not in NAMING:
        return concepts().get((code, scheme, value_type))
    return next(filter(None, (concepts().get((code, scheme, kind)) for kind in (value_type, *NAMING))), None)


def names_somebody(place: Place, value: int = TEXT_VALUE) -> bool:
    """Whether the concept of an item with such a value, of any scheme, says no more than that a person follows.

    ``Reading Physician`` does.
    """
    item = place.dataset
    if value not in item or CONCEPT_NAME not in item:
        return False
    said = {
        token.text for name in item[CONCEPT_NAME].value or () for token in tokens_of(_text(name, CODE_MEANING, place.codecs))
    }
    return bool(said & ROLES) and said <= ROLES | BESIDE


def _treat(job: Job, place: Place, tag: int, action: str, code: str) -> str:
    """The action that was taken; empty when there was nothing to do. A time that stays beside shifted dates is cleaned, too."""
    item, old = place.dataset, _text(place.dataset, tag, place.codecs)
    if action == "K":
        new = _kept(job, tag, old)
        action = "K" if new == old and old else "C"
    else:
        new = _cleaned(job, tag, old) if action == "C" else _dummy(job, tag, old, code)
    if new != old:
        put(item, tag, VALUES[tag], new)
    return action if new != old or action == "K" or (action == "C" and tag == TIME and old) else ""


def _kept(job: Job, tag: int, old: str) -> str:
    """What the profile retains, free of who the patient is."""
    if tag == UID:
        return job.uid.kept(old)
    return job.text.sweep(old) if tag in {TEXT_VALUE, PERSON} else old


def _cleaned(job: Job, tag: int, old: str) -> str:
    if tag == TEXT_VALUE:
        return job.text.clean(old)
    if tag in {DATE, DATETIME}:
        moved = shift_date(old, job.days) if tag == DATE else shift_datetime(old, job.days)
        return moved or str(DUMMIES[VALUES[tag]])
    if tag == TIME and TIME_FORM.fullmatch(old):
        return old
    return _dummy(job, tag, old, "")


def _dummy(job: Job, tag: int, old: str, code: str) -> str:
    if tag == UID:
        return job.uid(old)
    if tag in {PERSON, TEXT_VALUE} and code == SUBJECT_NAME:
        return job.pseudonym(job.patient, job.plan.options.patient_name)
    return str(DUMMIES[VALUES[tag]])


def _concept(item: Dataset) -> tuple[str, str]:
    for name in item[CONCEPT_NAME].value or ():
        return _text(name, CODE_VALUE, UNDECLARED), _text(name, SCHEME, UNDECLARED)
    return "", ""


def _text(item: Dataset, tag: int, codecs: Codecs) -> str:
    element = item.get_item(tag)
    return text_of(element, codecs) if element is not None else ""


def _cap_age(item: Dataset, oldest: int) -> None:
    """Higher ages become ``oldest``, in years."""
    for measured in item[MEASURED].value or () if MEASURED in item else ():
        units = measured[AGE_UNIT].value if AGE_UNIT in measured else []
        value = _text(measured, NUMERIC_VALUE, UNDECLARED)
        if any(_text(unit, CODE_VALUE, UNDECLARED) == "a" for unit in units) and value and float(value) >= oldest:
            put(measured, NUMERIC_VALUE, "DS", str(oldest))
