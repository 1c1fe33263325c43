"""Content items of reports, and dates of unusual form or place: what stands where it should not is treated all the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps315_corpus import base, person
from ps315_running import failures, holds, reread, scrubbed, swept, written
from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ComprehensiveSRStorage, PositronEmissionTomographyImageStorage

STRUCTURED = ["structured_content", "descriptors"]


def code(value: str, scheme: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


def content(concept: Dataset, value_type: str, keyword: str, value: str) -> Dataset:
    made = Dataset()
    made.RelationshipType, made.ValueType = "HAS OBS CONTEXT", value_type
    made.ConceptNameCodeSequence = Sequence([concept])
    setattr(made, keyword, value)
    return made


def report(*items: Dataset) -> Dataset:
    made = base(person(40), ComprehensiveSRStorage)
    made.Modality, made.ValueType = "SR", "CONTAINER"
    made.ConceptNameCodeSequence = Sequence([code("126000", "DCM", "Imaging Measurement Report")])
    made.ContentSequence = Sequence(items)
    return reread(made)


@pytest.mark.parametrize("concept", [("111061", "DCM", "Study Time"), ("7", "99LOCAL", "Time of arrival")])
@pytest.mark.parametrize("dates", ["remove", "shift", "keep"])
def test_a_time_beside_shifted_dates_stays_and_the_sweep_agrees(
    concept: tuple[str, str, str], dates: str, tmp_path: Path
) -> None:
    header = report(content(code(*concept), "TIME", "Time", "221500"))
    after, changes = scrubbed(header, clean=STRUCTURED, dates=dates)
    left = [item.get("Time") for item in after.get("ContentSequence", ())]
    assert left == ["221500"] if dates != "remove" else "221500" not in left
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def test_a_time_of_wrong_form_does_not_stay() -> None:
    header = report(content(code("111061", "DCM", "Study Time"), "TIME", "Time", "Osterhaus"))
    after, _ = scrubbed(header, clean=STRUCTURED, dates="shift")
    assert after.ContentSequence[0].Time == "000000"


@pytest.mark.parametrize(
    "concept",
    [
        ("121008", "DCM", "Person Observer Name"),
        ("121029", "DCM", "Subject Name"),
        ("113870", "DCM", "Person Name"),
        ("121435", "DCM", "Service Performer"),
        ("4", "99LOCAL", "Reading Physician's Name"),
        ("5", "99LOCAL", "Untersucher"),
    ],
)
@pytest.mark.parametrize("name", ["Young", "stone head", "Osterhaus^Wilma"])
def test_a_name_in_a_text_item_is_a_name(concept: tuple[str, str, str], name: str, tmp_path: Path) -> None:
    header = report(
        content(code(*concept), "TEXT", "TextValue", name),
        content(code("121071", "DCM", "Finding"), "TEXT", "TextValue", "No effusion."),
    )
    after, changes = scrubbed(header, clean=STRUCTURED)
    texts = [item.TextValue for item in after.ContentSequence if item.ValueType == "TEXT"]
    assert name not in texts
    assert "No effusion." in texts
    assert not holds(written(after), name)
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def test_a_concept_that_speaks_of_more_than_a_person_keeps_its_text() -> None:
    header = report(content(code("4", "99LOCAL", "Physician recommendation"), "TEXT", "TextValue", "follow-up in 6 months"))
    after, _ = scrubbed(header, clean=STRUCTURED)
    assert after.ContentSequence[0].TextValue == "follow-up in 6 months"


@pytest.mark.parametrize("action", ["keep", "clean"])
def test_dates_of_original_attributes_shift_with_the_rest(action: str, tmp_path: Path) -> None:
    header = base(person(41))
    old, item = Dataset(), Dataset()
    old.StudyDate, old.PatientBirthDate, old.StudyTime = header.StudyDate, header.PatientBirthDate, "111500"
    item.ModifiedAttributesSequence, item.AttributeModificationDateTime = Sequence([old]), header.StudyDate + "111213"
    header.OriginalAttributesSequence = Sequence([item])
    header = reread(header)
    exceptions = {"OriginalAttributesSequence": action, "ModifiedAttributesSequence": action}
    after, changes = scrubbed(header, dates="shift", attributes=exceptions)
    kept = after.OriginalAttributesSequence[0]
    assert kept.ModifiedAttributesSequence[0].StudyDate == after.StudyDate != header.StudyDate
    assert kept.AttributeModificationDateTime == after.StudyDate + "111213"
    assert not kept.ModifiedAttributesSequence[0].PatientBirthDate
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("dates", ["remove", "shift", "keep"])
@pytest.mark.parametrize("wrong", ["2024-01-31", "31012024x", "20241331", "January"])
def test_a_required_date_of_wrong_form_gets_a_dummy(dates: str, wrong: str, tmp_path: Path) -> None:
    header = base(person(42), PositronEmissionTomographyImageStorage)
    header.SeriesDate, header.SeriesTime = wrong, "235000"
    header = reread(header)
    after, changes = scrubbed(header, dates=dates)
    assert after.SeriesDate == ("20241331" if (dates, wrong) == ("keep", "20241331") else "19000101")
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def test_an_optional_date_of_wrong_form_is_emptied() -> None:
    header = base(person(42))
    header.AcquisitionDate = "31 Jan"
    after, _ = scrubbed(reread(header), dates="shift")
    assert after.AcquisitionDate == ""
