"""Options: what conflicts is refused, what is chosen is done, and anybody can see why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ps315_corpus import base, person
from ps315_running import KEYS, context_of, reread, scrubbed
from pydantic import ValidationError
from pydicom import Dataset
from pydicom.sequence import Sequence

from deidkit.headers.working_copy import working_copy
from deidkit.identity.vault import Vault
from deidkit_ps315.options import Ps315Options
from deidkit_ps315.scrub.plan import resolved
from deidkit_ps315.scrub.scrubber import Ps315


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"retain": ["uids", "uids"]}, "twice"),
        ({"retain": ["everything"]}, "safe_private"),
        ({"attributes": {"StudyDescripton": "keep"}}, "StudyDescription"),
        ({"attributes": {"StudyDescription": "keep", "0008,1030": "remove"}}, "two actions"),
        ({"attributes": {"SOPInstanceUID": "keep"}}, "retain: [uids]"),
        ({"attributes": {"StudyDate": "keep"}, "dates": "shift"}, "gives the shift away"),
        ({"attributes": {"Rows": "clean"}}, "only text"),
        ({"attributes": {"DeidentificationMethod": "keep"}}, "itself"),
        ({"attributes": {"0019,1001": "keep"}}, "creator"),
        ({"patient_id": "no braces"}, "once"),
        ({"patient_id": "S-{:06d}"}, "map_file"),
        ({"dates": "later"}, "shift"),
        ({"doubts": "keep"}, "Extra"),
    ],
)
def test_conflicting_or_unknown_options_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("[", r"\[")):
        Ps315Options(**options)


def test_every_attribute_has_a_resolved_action_with_its_source() -> None:
    plain = {line.tag: line for line in resolved(Ps315Options())}
    assert len(plain) > 740
    assert (plain["00081030"].action, plain["00081030"].source) == ("X", "E.1-1")
    options = Ps315Options(
        retain=["device_identity"], clean=["descriptors"], attributes={"StudyID": "keep", "0019,10xx ACME": "keep"}
    )
    lines = {line.tag: line for line in resolved(options)}
    assert (lines["00081030"].action, lines["00081030"].source) == ("C", "E.1-1: clean_descriptors")
    assert (lines["00181000"].action, lines["00181000"].source) == ("K", "E.1-1: retain_device_identity")
    assert (lines["00200010"].action, lines["00200010"].source) == ("K", "attributes")
    assert lines["0019xxxx"].name == "ACME"


def header() -> Dataset:
    made = base(person(50))
    made.StationName, made.DeviceSerialNumber, made.PatientAge, made.PatientWeight = "CTX1", "SER99123", "095Y", "71"
    made.StudyID, made.StudyDescription = "77", "CT abdomen"
    made.EthnicGroup, made.CalibrationDate = "other", "20190101"
    return reread(made)


@pytest.mark.parametrize(
    ("options", "keyword", "value"),
    [
        ({}, "StationName", None),
        ({"retain": ["device_identity"]}, "StationName", "CTX1"),
        ({"retain": ["device_identity"]}, "DeviceSerialNumber", "SER99123"),
        ({"retain": ["institution_identity"]}, "InstitutionName", person(50).house),
        ({}, "PatientAge", None),
        ({"retain": ["patient_characteristics"]}, "PatientAge", "090Y"),
        ({"retain": ["patient_characteristics"]}, "PatientSex", "F"),
        ({"retain": ["uids"]}, "StudyInstanceUID", base(person(50)).StudyInstanceUID),
        ({"dates": "keep"}, "StudyDate", person(50).seen),
        ({"dates": "keep"}, "PatientBirthDate", ""),
        ({"clean": ["descriptors"]}, "StudyDescription", "CT abdomen"),
        ({"attributes": {"StudyID": "keep"}}, "StudyID", "77"),
        ({"attributes": {"StudyDescription": "replace"}}, "StudyDescription", "ANONYMIZED"),
        ({"attributes": {"0008,1030": "empty"}}, "StudyDescription", ""),
        ({"attributes": {"Modality": "remove"}}, "Modality", "ANONYMIZED"),
    ],
)
def test_what_is_chosen_is_done(options: dict[str, Any], keyword: str, value: str | None) -> None:
    after, _ = scrubbed(header(), **options)
    assert after.get(keyword) == value


def test_codes_say_which_options_were_used() -> None:
    options = {"retain": ["uids", "device_identity", "safe_private"], "clean": ["descriptors", "graphics"], "dates": "shift"}
    after, _ = scrubbed(header(), **options)
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113103", "113105", "113107", "113109", "113110", "113111"]
    assert after.LongitudinalTemporalInformationModified == "MODIFIED"


def test_pixel_cleaning_is_claimed_only_where_detectors_looked() -> None:
    before = header()
    for detectors, claimed in (((), False), (("rapidocr",), True)):
        after = working_copy(before)
        context = context_of(before)
        object.__setattr__(context, "detectors", detectors)
        Ps315(Ps315Options(clean=["pixel_data"])).scrub(after, context)
        codes = {item.CodeValue for item in after.DeidentificationMethodCodeSequence}
        assert ("113101" in codes, after.get("BurnedInAnnotation") == "NO") == (claimed, claimed)


def test_running_numbers_are_kept_in_the_encrypted_map(tmp_path: Path) -> None:
    options = Ps315Options(patient_id="SITE-{:06d}", map_file=str(tmp_path / "map.db"))
    scrubber, ids = Ps315(options), []
    for seed in (60, 61, 60):
        before = reread(base(person(seed)))
        after = working_copy(before)
        scrubber.scrub(after, context_of(before))
        ids.append(after.PatientID)
    assert ids == ["SITE-000001", "SITE-000002", "SITE-000001"]
    with Vault(tmp_path / "map.db", KEYS) as vault:
        assert vault.reidentify("patient", "SITE-000002") == person(61).number


def test_a_tagger_is_heard() -> None:
    class Tagger:
        def tag(self, text: str) -> list[tuple[int, int, str]]:
            at = text.find("abdomen")
            return [(at, at + 7, "name")] if at >= 0 else []

    before = header()
    after = working_copy(before)
    Ps315(Ps315Options(clean=["descriptors"]), Tagger()).scrub(after, context_of(before))
    assert after.StudyDescription == "CT [NAME]"


def test_annotations_are_cleaned_or_replaced_and_drawings_go_with_them() -> None:
    before = base(person(51))
    text, annotation = Dataset(), Dataset()
    text.UnformattedTextValue = f"nodule, {person(51).family}"
    annotation.GraphicLayer, annotation.TextObjectSequence = "L", Sequence([text])
    annotation.GraphicObjectSequence = Sequence([Dataset()])
    before.GraphicAnnotationSequence = Sequence([annotation])
    for options, wanted, drawn in (({}, "ANONYMIZED", False), ({"clean": ["graphics"]}, "nodule, [NAME]", True)):
        after, _ = scrubbed(reread(before), **options)
        item = after.GraphicAnnotationSequence[0]
        assert item.TextObjectSequence[0].UnformattedTextValue == wanted
        assert ("GraphicObjectSequence" in item) is drawn
