"""The built-in profiles of research, and what reports and structure sets keep by default."""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from ps315_corpus import base, person
from ps315_running import KEYS, failures, holds, reread, scrubbed, swept, written
from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ComprehensiveSRStorage,
    ImplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
)

from deidkit.profiles.files import builtin_folder
from deidkit.types import Check, Status

WHO = person(83)
RESEARCH = ("mr_research", "pet_research", "rt_research", "sr_research")
Block = tuple[int, str, dict[int, tuple[str, Any]]]
VECTOR = [0.5, -0.25, 0.75]
SIEMENS: tuple[Block, ...] = (
    (
        0x19,
        "SIEMENS MR HEADER",
        {0x0B: ("DS", "2250"), 0x0C: ("IS", "1000"), 0x0E: ("FD", VECTOR), 0x29: ("FD", [0.0, 52.5, 2.5])},
    ),
    (0x51, "SIEMENS MR HEADER", {0x0B: ("LO", "64p*64"), 0x11: ("LO", "p2 s4"), 0x0A: ("LO", "TA 05:20")}),
    (0x21, "SIEMENS MR SDI 02", {0x04: ("FD", VECTOR), 0x53: ("FD", 7.375)}),
)
GE: tuple[Block, ...] = (
    (0x19, "GEMS_ACQU_01", {0xBB: ("DS", "0.5"), 0xBC: ("DS", "-0.25"), 0xBD: ("DS", "0.75"), 0xE0: ("DS", "30")}),
    (0x21, "GEMS_RELA_01", {0x5E: ("DS", "1.5"), 0x4F: ("SS", 32)}),
    (0x43, "GEMS_PARM_01", {0x2C: ("SS", 620), 0x39: ("IS", ["1000", "8", "0", "0"]), 0x83: ("DS", ["0.5", "1"])}),
)
PHILIPS: tuple[Block, ...] = (
    (0x2001, "Philips Imaging DD 001", {0x03: ("FL", 1000.0), 0x04: ("CS", "I"), 0x22: ("FL", 12.5)}),
    (0x2005, "Philips MR Imaging DD 001", {0xB0: ("FL", 0.5), 0xB1: ("FL", -0.25), 0xB2: ("FL", 0.75), 0x0E: ("FL", 0.0125)}),
)
UIH: tuple[Block, ...] = ((0x65, "Image Private Header", {0x09: ("FD", 1000.0), 0x37: ("FD", VECTOR), 0x50: ("DS", "20")}),)


def options(profile: str) -> dict[str, Any]:
    return dict(yaml.safe_load((builtin_folder() / f"{profile}.yaml").read_text("utf-8"))["scrub"][0]["options"])


def magnetic(blocks: tuple[Block, ...], implicit: bool) -> Dataset:
    made = base(WHO, MRImageStorage)
    made.Modality, made.DiffusionBValue = "MR", 1000.0
    for group, creator, elements in blocks:
        block = made.private_block(group, creator, create=True)
        for low, (vr, value) in elements.items():
            block.add_new(low, vr, value)
        block.add_new(0xFE, "LO", f"{WHO.family} {WHO.given}")
    if implicit:
        made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return reread(made)


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("blocks", [SIEMENS, GE, PHILIPS, UIH])
def test_values_of_acquisition_stay_and_names_beside_them_go(tmp_path: Path, blocks: tuple[Block, ...], implicit: bool) -> None:
    before = magnetic(blocks, implicit)
    after, changes = scrubbed(before, **options("mr_research"))
    for group, creator, elements in blocks:
        old, new = (one.private_block(group, creator) for one in (before, reread(after)))
        for low in elements:
            assert new[low].value == old[low].value, (creator, hex(low))
    assert not holds(written(after), WHO.family)
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


def csa(**texts: tuple[str, str]) -> bytes:
    """A CSA header of version 2: name -> (VR, value)."""
    made = b"SV10\4\3\2\1" + struct.pack("<II", len(texts), 77)
    for name, (vr, value) in texts.items():
        raw = value.encode() + b"\0"
        made += struct.pack("<64si4siii", name.encode(), 1, vr.encode(), 0, 1, 77)
        made += struct.pack("<iiii", len(raw), len(raw), 77, len(raw)) + raw + b"\0" * (-len(raw) % 4)
    return made


def test_a_csa_header_keeps_its_numbers_and_loses_the_patient(tmp_path: Path) -> None:
    said = {"B_value": ("IS", "1000"), "MosaicRefAcqTimes": ("FD", "52.50000000"), "PatientName": ("PN", WHO.family)}
    before = base(WHO, MRImageStorage)
    before.private_block(0x29, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", csa(**said))
    before = reread(before)
    after, changes = scrubbed(before, **options("mr_research"))
    value = reread(after).private_block(0x29, "SIEMENS CSA HEADER")[0x10].value
    assert len(value) == len(before[0x00291010].value)
    assert b"52.50000000" in value
    assert not holds(value, WHO.family)
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


def emission() -> Dataset:
    made, tracer = base(WHO, PositronEmissionTomographyImageStorage), Dataset()
    made.Modality, made.Units, made.DecayCorrection, made.PatientWeight = "PT", "BQML", "START", "71.5"
    made.SeriesDate, made.SeriesTime, made.AcquisitionDate, made.AcquisitionTime = WHO.seen, "001500", WHO.seen, "001500"
    tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife = "355000000", "6586.2"
    tracer.RadiopharmaceuticalStartDateTime, tracer.RadiopharmaceuticalStartTime = f"{WHO.seen}000800.5", "000800.5"
    made.RadiopharmaceuticalInformationSequence = Sequence([tracer])
    philips = made.private_block(0x7053, "Philips PET Private Group", create=True)
    philips.add_new(0x00, "DS", "0.00041")
    philips.add_new(0x09, "DS", "1.71")
    made.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x3B, "DT", f"{WHO.seen}000800")
    return reread(made)


def suv(header: Dataset) -> float:
    """Grams per becquerel by body weight, decayed from the injection to the start of the series."""
    tracer = header.RadiopharmaceuticalInformationSequence[0]
    begun = datetime.strptime(f"{header.SeriesDate}{header.SeriesTime}", "%Y%m%d%H%M%S")
    injected = datetime.strptime(str(tracer.RadiopharmaceuticalStartDateTime), "%Y%m%d%H%M%S.%f")
    left = float(tracer.RadionuclideTotalDose) * 2 ** (-(begun - injected).total_seconds() / float(tracer.RadionuclideHalfLife))
    return float(header.PatientWeight) * 1000 / left


def test_the_uptake_value_comes_out_as_it_was_from_shifted_dates(tmp_path: Path) -> None:
    before = emission()
    after, changes = scrubbed(before, **options("pet_research"))
    after = reread(after)
    assert after.SeriesDate != before.SeriesDate
    assert suv(after) == suv(before)
    assert [after.private_block(0x7053, "Philips PET Private Group")[low].value for low in (0x00, 0x09)] == [0.00041, 1.71]
    administered = str(after.private_block(0x0009, "GEMS_PETD_01")[0x3B].value)
    assert administered == f"{after.SeriesDate}000800"
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


def structures() -> Dataset:
    made = base(WHO, RTStructureSetStorage)
    made.Modality, made.StructureSetLabel, made.StructureSetDate = "RTSTRUCT", "Plan 1", WHO.seen
    made.StructureSetROISequence = Sequence()
    for number, name in enumerate(("GTV-1", "SpinalCord", "PTV_6000", "Parotid_L", f"GTV {WHO.family}"), 1):
        item = Dataset()
        item.ROINumber, item.ROIName, item.ROIGenerationAlgorithm = number, name, "MANUAL"
        made.StructureSetROISequence.append(item)
    return reread(made)


def report() -> Dataset:
    made = base(WHO, ComprehensiveSRStorage)
    made.Modality, made.CompletionFlag, made.VerificationFlag = "SR", "COMPLETE", "UNVERIFIED"
    made.ValueType, made.ContinuityOfContent = "CONTAINER", "SEPARATE"
    made.ConceptNameCodeSequence = Sequence([code("126000", "DCM", "Imaging Measurement Report")])
    measured, units = Dataset(), code("mm", "UCUM", "mm")
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = "42.5", Sequence([units])
    made.ContentSequence = Sequence(
        [
            content("NUM", code("103355008", "SCT", "Width"), MeasuredValueSequence=Sequence([measured])),
            content(
                "CODE",
                code("363698007", "SCT", "Finding Site"),
                ConceptCodeSequence=Sequence([code("39607008", "SCT", "Lung")]),
            ),
            content("TEXT", code("121071", "DCM", "Finding"), TextValue=f"Nodule in the left lung, {WHO.family} informed"),
            content("PNAME", code("121008", "DCM", "Person Observer Name"), PersonName="Brandvold^Kari"),
            content("DATE", code("111060", "DCM", "Study Date"), Date=WHO.seen),
        ]
    )
    return reread(made)


def code(value: str, scheme: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


def content(kind: str, concept: Dataset, **values: Any) -> Dataset:
    made = Dataset()
    made.RelationshipType, made.ValueType, made.ConceptNameCodeSequence = "CONTAINS", kind, Sequence([concept])
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


def said(after: Dataset) -> set[str]:
    return {item.CodeValue for item in after.DeidentificationMethodCodeSequence}


def warned(checks: list[Check]) -> list[str]:
    return [check.detail for check in checks if check.status is Status.WARNED and check.name == "content-removed"]


@pytest.mark.parametrize("profile", ["rt", "rt_research"])
def test_structures_keep_their_names(tmp_path: Path, profile: str) -> None:
    before = structures()
    after, changes = scrubbed(before, **options(profile))
    names = [item.ROIName for item in after.StructureSetROISequence]
    assert names == ["GTV-1", "SpinalCord", "PTV_6000", "Parotid_L", "GTV [NAME]"]
    assert {"113100", "113104", "113105"} <= said(after)
    checks = swept(before, after, changes, tmp_path / "a.dcm")
    assert (failures(checks), warned(checks)) == ([], [])


@pytest.mark.parametrize("profile", ["sr", "sr_research"])
def test_reports_keep_measurements_and_codes(tmp_path: Path, profile: str) -> None:
    before = report()
    after, changes = scrubbed(before, **options(profile))
    items = {item.ConceptNameCodeSequence[0].CodeMeaning: item for item in after.ContentSequence}
    assert items["Width"].MeasuredValueSequence[0].NumericValue == 42.5
    assert items["Finding Site"].ConceptCodeSequence[0].CodeMeaning == "Lung"
    assert items["Finding"].TextValue == "Nodule in the left lung, [NAME] informed"
    assert "Brandvold" not in str(after)
    shifted = options(profile).get("dates") == "shift"
    assert items["Study Date"].Date == (after.StudyDate if shifted else "19000101")
    assert items["Study Date"].Date != WHO.seen
    assert {"113100", "113104", "113105"} <= said(after)
    assert ("113107" in said(after)) == shifted
    checks = swept(before, after, changes, tmp_path / "a.dcm")
    assert (failures(checks), warned(checks)) == ([], [])


def test_content_that_goes_as_a_whole_is_warned_of(tmp_path: Path) -> None:
    for before, what in ((report(), "structured content"), (structures(), "names of structures")):
        after, changes = scrubbed(before)
        checks = swept(before, after, changes, tmp_path / "a.dcm")
        assert warned(checks) == [f"removed as a whole: {what}"]
        assert failures(checks) == []
    nothing, changes = scrubbed(emission())
    assert warned(swept(emission(), nothing, changes, tmp_path / "b.dcm")) == []


def test_every_research_profile_shifts_dates_and_says_so() -> None:
    for profile in RESEARCH:
        after, _ = scrubbed(magnetic(SIEMENS, False), **options(profile))
        assert after.LongitudinalTemporalInformationModified == "MODIFIED"
        assert after.PatientID == KEYS.pseudonym(WHO.number)
