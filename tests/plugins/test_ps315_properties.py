"""Properties over random nested data sets: no canary survives, a second scrub changes nothing else, UIDs and intervals hold."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ps315_corpus import ROOT, base, person
from ps315_running import CLEAN, KEYS, holds, reread, scrubbed, written
from pydicom import Dataset
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from deidkit_ps315.standard.addresses import is_class_uid, keyword_of
from deidkit_ps315.standard.values import DISTINCT
from deidkit_ps315.sweep.leaves import leaves

CANARY = "Zembrostu"
SLOW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
TEXT_TAGS = [t for t, e in DicomDictionary.items() if e[0] in {"LO", "SH", "PN", "LT", "ST", "UT", "UC", "AE"} and t >> 16 > 8]
SEQUENCES = [t for t, e in DicomDictionary.items() if e[0] == "SQ" and 8 <= t >> 16 < 0x4000]
DATES = [t for t, e in DicomDictionary.items() if e[0] == "DA" and t >> 16 >= 8 and t != 0x00100030]
UIDS = [t for t, e in DicomDictionary.items() if e[0] == "UI" and t >> 16 >= 8]
OPTIONS = st.sampled_from(
    [
        {},
        {"clean": CLEAN},
        {"clean": CLEAN, "dates": "shift", "doubt": "keep"},
        {"retain": ["device_identity", "institution_identity", "patient_characteristics"], "dates": "keep"},
        {"retain": ["safe_private"], "clean": ["descriptors"]},
    ]
)
YEARS = date(1950, 1, 1), date(2090, 1, 1)
KEYED = frozenset({"UI", "DA", "DT", "TM"})
FORMS = ("{}", "{}^A", "seen by {}", "{}, A", "x_{}_y", "CT{}")


def texts() -> st.SearchStrategy[DataElement]:
    made = st.tuples(st.sampled_from(TEXT_TAGS), st.sampled_from(FORMS), st.booleans())
    return made.map(lambda m: DataElement(m[0], DicomDictionary[m[0]][0], _text(m), validation_mode=0))


def _text(made: tuple[int, str, bool]) -> str:
    tag, form, capitals = made
    return form.format(CANARY.upper() if capitals else CANARY)[: 16 if DicomDictionary[tag][0] in {"SH", "AE"} else 60]


def private() -> st.SearchStrategy[DataElement]:
    tags = st.builds(
        lambda group, element: group << 16 | element, st.sampled_from([0x9, 0x11, 0x2001, 0x7FE1]), st.integers(0x1001, 0x10FF)
    )
    return st.builds(lambda tag, vr: _private(tag, vr), tags, st.sampled_from(["LO", "OB", "UN", "PN"]))


def _private(tag: int, vr: str) -> DataElement:
    return DataElement(tag, vr, CANARY.encode() if vr in {"OB", "UN"} else CANARY, validation_mode=0)


def datasets() -> st.SearchStrategy[Dataset]:
    leafs = st.lists(st.one_of(texts(), private()), max_size=6)
    return st.recursive(
        leafs.map(_dataset), lambda inner: st.tuples(leafs, st.sampled_from(SEQUENCES), st.lists(inner, max_size=2)).map(_nest)
    )


def _dataset(elements: list[DataElement]) -> Dataset:
    made = Dataset()
    for element in elements:
        made[element.tag] = element
    return made


def _nest(parts: tuple[list[DataElement], int, list[Dataset]]) -> Dataset:
    made = _dataset(parts[0])
    made.add(DataElement(parts[1], "SQ", Sequence(parts[2])))
    return made


def whole(random: Dataset) -> Dataset:
    header = base(person(5))
    header.PatientName = f"{CANARY}^Anne"
    for element in random:
        if element.tag not in header and element.tag.group > 8:
            header.add(element)
    return reread(header)


@SLOW
@given(datasets(), OPTIONS)
def test_no_canary_survives_anywhere(random: Dataset, options: dict[str, object]) -> None:
    after, _ = scrubbed(whole(random), **options)
    assert not holds(written(after), CANARY), [leaf.path for leaf in leaves(after) if CANARY.lower() in leaf.text.lower()]


@SLOW
@given(datasets(), OPTIONS)
def test_a_second_scrub_changes_only_what_the_key_makes(random: Dataset, options: dict[str, object]) -> None:
    once, _ = scrubbed(whole(random), **options)
    once = reread(once)
    twice, _ = scrubbed(once, **options)
    assert _shape(reread(twice)) == _shape(once)


def _shape(header: Dataset) -> list[tuple[str, str]]:
    """Every leaf of the header with its text; keyed values and dates blanked."""
    keyed = DISTINCT | {"PatientName"}
    return [(leaf.path, "" if leaf.vr in KEYED or keyword_of(leaf.tag) in keyed else leaf.text) for leaf in leaves(header)]


@SLOW
@given(st.lists(st.tuples(st.sampled_from(UIDS), st.integers(1, 40)), min_size=1, max_size=20))
def test_uids_map_one_to_one(pairs: list[tuple[int, int]]) -> None:
    header, items = base(person(6)), []
    for tag, number in pairs:
        item = Dataset()
        item.add(DataElement(tag, "UI", f"{ROOT}.77.{number}"))
        items.append(item)
    header.DerivationImageSequence = Sequence(items)
    after, _ = scrubbed(reread(header))
    seen: dict[str, set[str]] = {}
    for (tag, number), item in zip(pairs, after.DerivationImageSequence, strict=True):
        if tag in item and item[tag].value and not is_class_uid(tag):
            assert item[tag].value != f"{ROOT}.77.{number}"
            seen.setdefault(str(number), set()).add(str(item[tag].value))
    assert all(len(new) == 1 for new in seen.values())
    assert len({next(iter(new)) for new in seen.values()}) == len(seen)


@SLOW
@given(
    st.lists(
        st.tuples(st.sampled_from(DATES), st.dates(*YEARS)),
        min_size=2,
        max_size=8,
    )
)
def test_intervals_between_all_events_hold(events: list[tuple[int, object]]) -> None:
    header, items = base(person(7)), []
    for tag, day in events:
        item = Dataset()
        item.add(DataElement(tag, "DA", f"{day:%Y%m%d}"))
        item.AcquisitionDateTime = f"{day:%Y%m%d}235959.5+0200"
        item.ImageComments = f"seen on {day:%d.%m.%Y}"
        items.append(item)
    header.DerivationImageSequence = Sequence(items)
    after, _ = scrubbed(reread(header), clean=["descriptors"], dates="shift")
    days = timedelta(KEYS.date_shift(person(7).number))
    for (tag, day), item in zip(events, after.DerivationImageSequence, strict=True):
        moved = f"{day - days:%Y%m%d}"  # type: ignore[operator]
        assert item.AcquisitionDateTime == f"{moved}235959.5+0200"
        assert item.ImageComments == f"seen on {moved[6:]}.{moved[4:6]}.{moved[:4]}"
        assert tag not in item or item[tag].value in {moved, ""}
