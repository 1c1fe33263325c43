"""Identifiers of many kinds planted in one object: what goes, in percent."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps315_corpus import base, nested, person, plant_dates, plant_table
from ps315_places import DATE_FORMS, FORMS, UNKNOWN_FORMS, plant_places
from ps315_running import CLEAN, failures, holds, reread, scrubbed, swept, written
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from deidkit_ps315.sweep.leaves import leaves

CARRIERS = ("{} portal venous phase", "CT thorax, {}", "follow-up of {} after chemotherapy", "No effusion. {}. Lungs clear.")


@pytest.mark.parametrize("options", [{}, {"clean": CLEAN, "dates": "shift"}], ids=["basic", "cleaned"])
def test_nothing_planted_in_the_table_survives(options: dict[str, object], tmp_path: Path) -> None:
    planted = []
    header = base(person(1))
    planted += plant_table(header, 2, "top")
    for depth in (1, 6):
        inner = Dataset()
        planted += plant_table(inner, 2 + depth, f"depth {depth}")
        header.add(DataElement(0x00089215 if depth == 1 else 0x00082112, "SQ", Sequence([nested(inner, depth)])))
    header = reread(header)
    after, changes = scrubbed(header, **options)
    raw = written(after)
    assert len({plant.kind for plant in planted}) > 900
    assert [plant.kind for plant in planted if holds(raw, plant.value)] == []
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("dates", ["remove", "shift"])
def test_no_date_of_the_table_stays(dates: str) -> None:
    header = base(person(3))
    inner = Dataset()
    planted = [*plant_dates(header, "top"), *plant_dates(inner, "nested")]
    header.SourceImageSequence = Sequence([inner])
    after, _ = scrubbed(reread(header), dates=dates)
    left = {leaf.text[:8] for leaf in leaves(after) if leaf.vr in {"DA", "DT"}}
    values = {value for _, value in planted}
    assert len(planted) > 100
    if dates == "remove":
        assert not left & values
    else:
        moved = [leaf for leaf in leaves(after) if leaf.vr in {"DA", "DT"} and leaf.text[:8] in values]
        assert len(moved) < 5, "a shifted date falls on another one only by chance"


def test_what_no_table_names_is_swept(tmp_path: Path) -> None:
    for seed in range(10, 15):
        who = person(seed)
        header = base(who)
        planted = plant_places(header, who)
        header = reread(header)
        after, changes = scrubbed(header)
        raw = written(after)
        assert len(planted) >= 35
        assert not holds(raw, who.family[:12]), [
            leaf.path for leaf in leaves(after) if who.family.lower()[:12] in leaf.text.lower()
        ]
        assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def test_forms_of_what_is_known_are_cleaned_from_text() -> None:
    missed, tried = [], 0
    for seed in range(20, 26):
        who = person(seed)
        header = base(who)
        cases = [(kind, make(who)) for kind, make in FORMS]
        for number, (_, (text, _)) in enumerate(cases):
            header.add_new(0x00204000, "LT", "") if number == 0 else None
            item = Dataset()
            item.ImageComments = CARRIERS[number % len(CARRIERS)].format(text)
            header.setdefault("DerivationCodeSequence", Sequence())
            header["DerivationCodeSequence"].value.append(item)
        after, _ = scrubbed(reread(header), clean=CLEAN)
        for (kind, (_, value)), item in zip(cases, after.DerivationCodeSequence, strict=True):
            tried += 1
            if value.lower() in str(item.ImageComments).lower():
                missed.append(f"{kind}: {value} in {item.ImageComments}")
    assert len(FORMS) + len(DATE_FORMS) > 60
    assert not missed, f"{len(missed)} of {tried}: {missed[:10]}"


def test_forms_of_what_nobody_announced_are_cleaned_from_text() -> None:
    header = base(person(30))
    header.DerivationCodeSequence = Sequence([Dataset() for _ in UNKNOWN_FORMS])
    for item, (_, text, _) in zip(header.DerivationCodeSequence, UNKNOWN_FORMS, strict=True):
        item.ImageComments = f"No focal lesion. {text}."
    after, _ = scrubbed(reread(header), clean=CLEAN)
    left = [
        kind
        for (kind, _, value), item in zip(UNKNOWN_FORMS, after.DerivationCodeSequence, strict=True)
        if value in item.ImageComments or "No focal lesion" not in item.ImageComments
    ]
    assert left == []
