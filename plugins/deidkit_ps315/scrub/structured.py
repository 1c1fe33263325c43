"""Content items (PS3.3 10.2, C.17.3): what happens to each by its concept, after PS3.15 Table E.3.4-1."""

from __future__ import annotations

from pydicom import Dataset

from deidkit.rawtext import UNDECLARED, Codecs, text_of
from deidkit_ps315.scrub.job import Job, Place
from deidkit_ps315.scrub.plan import decide
from deidkit_ps315.standard.iod import settle
from deidkit_ps315.standard.table import concepts
from deidkit_ps315.standard.values import DUMMIES, put
from deidkit_ps315.text.date_shift import shift_date, shift_datetime

VALUE_TYPE, CONCEPT_NAME, CODE_VALUE, SCHEME = 0x0040A040, 0x0040A043, 0x00080100, 0x00080102
TEXT_VALUE, PERSON, DATE, TIME, DATETIME, UID = 0x0040A160, 0x0040A123, 0x0040A121, 0x0040A122, 0x0040A120, 0x0040A124
VALUES = {TEXT_VALUE: "UT", PERSON: "PN", DATE: "DA", TIME: "TM", DATETIME: "DT", UID: "UI"}
MEASURED, NUMERIC_VALUE, AGE_UNIT = 0x0040A300, 0x0040A30A, 0x004008EA
SUBJECT_NAME, SUBJECT_AGE = "121029", "121033"
OLDEST = 90
REQUIRED_BY_TEMPLATE = "1"


def is_content(item: Dataset) -> bool:
    return VALUE_TYPE in item and CONCEPT_NAME in item


def scrub_item(job: Job, place: Place) -> frozenset[int] | None:
    """Treats the value of one content item.

    Returns:
        The tags that are settled by it; None when the whole item has to go.
    """
    item = place.dataset
    code, scheme = _concept(item)
    row = concepts().get((code, scheme, _text(item, VALUE_TYPE, UNDECLARED)))
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
        _cap_age(item)
    return settled


def _treat(job: Job, place: Place, tag: int, action: str, code: str) -> str:
    """The action that was taken; empty when there was nothing to do."""
    item, old = place.dataset, _text(place.dataset, tag, place.codecs)
    if action == "K":
        new = _kept(job, tag, old)
        action = "K" if new == old and old else "C"
    else:
        new = _cleaned(job, tag, old) if action == "C" else _dummy(job, tag, old, code)
    if new != old:
        put(item, tag, VALUES[tag], new)
    return action if new != old or action == "K" else ""


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
    return old if tag == TIME else _dummy(job, tag, old, "")


def _dummy(job: Job, tag: int, old: str, code: str) -> str:
    if tag == UID:
        return job.uid(old)
    if tag == PERSON and code == SUBJECT_NAME:
        return job.pseudonym(job.patient, job.plan.options.patient_name)
    return str(DUMMIES[VALUES[tag]])


def _concept(item: Dataset) -> tuple[str, str]:
    for name in item[CONCEPT_NAME].value or ():
        return _text(name, CODE_VALUE, UNDECLARED), _text(name, SCHEME, UNDECLARED)
    return "", ""


def _text(item: Dataset, tag: int, codecs: Codecs) -> str:
    element = item.get_item(tag)
    return text_of(element, codecs) if element is not None else ""


def _cap_age(item: Dataset) -> None:
    """Ages of 90 years and more become 90."""
    for measured in item[MEASURED].value or () if MEASURED in item else ():
        units = measured[AGE_UNIT].value if AGE_UNIT in measured else []
        value = _text(measured, NUMERIC_VALUE, UNDECLARED)
        if any(_text(unit, CODE_VALUE, UNDECLARED) == "a" for unit in units) and value and float(value) >= OLDEST:
            put(measured, NUMERIC_VALUE, "DS", str(OLDEST))
