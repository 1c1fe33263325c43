"""Patient's Age computed before the date of birth goes, and the input's own claims of de-identification."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps315_corpus import base, person
from ps315_running import failures, reread, scrubbed, swept
from pydantic import ValidationError
from pydicom import Dataset
from pydicom.sequence import Sequence

from deidkit_ps315.options import Ps315Options

WHO = person(5)
AGED = {"retain": ["patient_characteristics"], "age_cap": 90}


def header(born: str = "19600301", seen: str = "20200229", age: str | None = None) -> Dataset:
    made = base(WHO)
    made.PatientBirthDate, made.StudyDate = born, seen
    if age is not None:
        made.PatientAge = age
    return made


def clean(made: Dataset, path: Path, **options: object) -> Dataset:
    before = reread(made)
    after, changes = scrubbed(before, **options)
    assert failures(swept(before, after, changes, path / "file.dcm")) == []
    return after


@pytest.mark.parametrize(
    ("born", "seen", "age"),
    [
        ("19600301", "20200229", "059Y"),
        ("19600229", "20200229", "060Y"),
        ("19300101", "20200229", "090Y"),
        ("19200101", "20200229", "090Y"),
        ("20200215", "20200229", "014D"),
        ("20200101", "20200229", "001M"),
        ("20180301", "20200229", "023M"),
        ("20180228", "20200229", "002Y"),
        ("1960.03.01", "20200229", "059Y"),
    ],
)
@pytest.mark.parametrize("dates", ["remove", "shift", "keep"])
def test_age_is_computed_from_the_date_of_birth_alone(tmp_path: Path, born: str, seen: str, age: str, dates: str) -> None:
    after = clean(header(born, seen), tmp_path, dates=dates, **AGED)
    assert (after.PatientAge, str(after.PatientBirthDate or "")) == (age, "")


@pytest.mark.parametrize(
    ("born", "seen"),
    [("", "20200229"), ("19600301", ""), ("20210101", "20200229"), ("19601399", "20200229")],
)
def test_no_age_is_made_up(tmp_path: Path, born: str, seen: str) -> None:
    assert "PatientAge" not in clean(header(born, seen), tmp_path, **AGED)


def test_the_profile_names_the_cap_for_ages_that_are_there_too(tmp_path: Path) -> None:
    options = {**AGED, "age_cap": 80}
    assert clean(header(age="083Y"), tmp_path, **options).PatientAge == "080Y"
    assert clean(header(age="042Y"), tmp_path, **options).PatientAge == "042Y"
    assert clean(header("19300101"), tmp_path, **options).PatientAge == "080Y"


def test_without_the_option_no_age_appears(tmp_path: Path) -> None:
    assert "PatientAge" not in clean(header(), tmp_path, retain=["patient_characteristics"])


@pytest.mark.parametrize(
    "options",
    [
        {"age_cap": 90},
        {"age_cap": 91, "retain": ["patient_characteristics"]},
        {**AGED, "attributes": {"PatientAge": "remove"}},
    ],
)
def test_a_cap_that_promises_what_cannot_be_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Ps315Options(**options)  # type: ignore[arg-type]


def claiming() -> Dataset:
    made = header()
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = ["Basic profile", f"reviewed by Dr. {WHO.doctor.split('^')[0]} for {WHO.family}"]
    code, other = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113100", "DCM", "x"
    other.CodeValue, other.CodingSchemeDesignator, other.CodeMeaning = WHO.family[:12], "99X", WHO.family
    made.DeidentificationMethodCodeSequence = Sequence([code, other])
    return made


def claims(after: Dataset) -> list[str]:
    return [item.ContributionDescription for item in after.get("ContributingEquipmentSequence", [])]


def test_claims_of_the_input_are_replaced_by_default(tmp_path: Path) -> None:
    after = clean(claiming(), tmp_path)
    assert claims(after) == []
    assert after.DeidentificationMethod[0].startswith("deidkit ")


def test_claims_of_the_input_are_kept_as_claims(tmp_path: Path) -> None:
    after = clean(claiming(), tmp_path, history="keep")
    [claim] = claims(after)
    assert claim.startswith("Claim of the input: Patient Identity Removed YES. method Basic profile; reviewed by [NAME]")
    assert claim.endswith("codes 113100")
    assert WHO.family not in claim
    purpose = after.ContributingEquipmentSequence[0].PurposeOfReferenceCodeSequence[0]
    assert (purpose.CodeValue, purpose.CodingSchemeDesignator) == ("109104", "DCM")
    assert after.DeidentificationMethod[0].startswith("deidkit ")


def test_history_grows_in_order_and_other_equipment_stays(tmp_path: Path) -> None:
    first = claiming()
    scanner = Dataset()
    scanner.Manufacturer, scanner.PurposeOfReferenceCodeSequence = "ACME", Sequence([])
    first.ContributingEquipmentSequence = Sequence([scanner])
    once = reread(clean(first, tmp_path, history="keep"))
    twice = clean(once, tmp_path, history="keep")
    said = [item.get("ContributionDescription", "") for item in twice.ContributingEquipmentSequence]
    assert said[0] == ""
    assert [text.count("Claim of the input") for text in said[1:]] == [1, 1]
    assert "113100" in said[1] and "deidkit" in said[2]


def test_an_object_without_history_gets_none(tmp_path: Path) -> None:
    assert "ContributingEquipmentSequence" not in clean(header(), tmp_path, history="keep")
