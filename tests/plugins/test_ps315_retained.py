"""What an option retains is still cleaned of who the patient is, whatever its VR."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps315_corpus import Person, base, person
from ps315_running import context_of, failures, holds, reread, scrubbed, swept, written
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import ComprehensiveSRStorage

from deidkit_ps315.options import Ps315Options
from deidkit_ps315.scrub.plan import chosen_options, compile_plan, decide
from deidkit_ps315.standard.addresses import standard_vr
from deidkit_ps315.standard.table import concepts

OPTIONS = ("device_identity", "institution_identity", "patient_characteristics", "safe_private", "uids")
WHO = person(611)
NUMBER = WHO.number.replace("-", "")
TEXTS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "PN", "UR"})


def valued(vr: str, who: Person) -> str | bytes | None:
    """The family name as a value of this VR, valid or not."""
    if vr in TEXTS:
        return f"x {who.family}"[:16]
    if vr in {"AE", "CS"}:
        return who.family.upper()[:16]
    if vr in {"UI", "AS", "DA", "DT", "TM", "DS", "IS"}:
        return who.family
    return who.family.encode() if vr in {"OB", "OW", "UN"} else None


def retained(option: str, **others: str) -> Dataset:
    header = base(WHO)
    plan = compile_plan(Ps315Options(retain=[option], **others))  # type: ignore[list-item, arg-type]
    for tag, decision in plan.standard.items():
        vr = standard_vr(tag) or "LO"
        value = valued(vr, WHO)
        if decision.action == "K" and value is not None and tag not in header and tag >> 16 > 8:
            raw = value.encode() if isinstance(value, str) else value
            raw += b" " * (len(raw) % 2)
            header[tag] = RawDataElement(Tag(tag), vr, len(raw), raw, 0, False, True)
    header.set_original_encoding(False, True, ["utf-8"])
    return header


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("dates", ["remove", "keep"])
def test_no_retained_attribute_keeps_the_name(option: str, dates: str, tmp_path: Path) -> None:
    header = retained(option, dates=dates)
    header.DeviceUID, header.StationName = f"{WHO.family}.1", WHO.family[:16]
    before = reread(header)
    after, changes = scrubbed(before, retain=[option], dates=dates)
    assert not holds(written(after), WHO.family)
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


def test_retained_uids_stay_unless_the_patient_is_in_them(tmp_path: Path) -> None:
    header = base(WHO)
    mine, theirs = f"1.2.40.0.13.{NUMBER}.7", "1.3.12.2.1107.5.1.4.73361.3000"
    header.StudyInstanceUID, header.SeriesInstanceUID, header.FrameOfReferenceUID = mine, theirs, f"1.2.3{NUMBER}.4"
    item = Dataset()
    item.ReferencedSOPInstanceUID = mine
    header.ReferencedImageSequence = Sequence([item])
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = "1.2.40.5"
    before = reread(header)
    after, changes = scrubbed(before, retain=["uids"])
    assert (after.SeriesInstanceUID, after.FrameOfReferenceUID, after.SOPInstanceUID) == (
        theirs,
        f"1.2.3{NUMBER}.4",
        "1.2.40.5",
    )
    assert (
        after.StudyInstanceUID == after.ReferencedImageSequence[0].ReferencedSOPInstanceUID == context_of(before).keys.uid(mine)
    )
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("option", OPTIONS)
def test_retained_content_of_reports_is_cleaned(option: str, tmp_path: Path) -> None:
    settings = Ps315Options(retain=[option], clean=["structured_content"])  # type: ignore[list-item]
    header, items = base(WHO, ComprehensiveSRStorage), []
    for (code, scheme, kind), row in concepts().items():
        if decide(row, chosen_options(settings)).action == "K" and kind in {"TEXT", "PNAME", "UIDREF"}:
            items.append(_item(code, scheme, kind))
    header.ContentSequence = Sequence(items)
    before = reread(header)
    after, changes = scrubbed(before, retain=[option], clean=["structured_content"])
    assert len(after.get("ContentSequence", ())) >= len(items)
    assert not holds(written(after), WHO.family)
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("vr", ["UN", "US", "FD", "OW"])
@pytest.mark.parametrize("codec", ["latin-1", "utf-16-le"])
def test_text_where_numbers_should_be_goes(vr: str, codec: str, tmp_path: Path) -> None:
    header = reread(base(WHO))
    raw = WHO.family.encode(codec)
    raw += b"\0" * (-len(raw) % 8)
    for tag in (0x00280106, 0x00189073, 0x00283006, 0x00186060):
        header[tag] = RawDataElement(Tag(tag), vr, len(raw), raw, 0, False, True)
    header.file_meta[0x00020001] = DataElement(0x00020001, "OB", b"\0\1" + raw)
    after, changes = scrubbed(header)
    assert not holds(written(after), WHO.family)
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def _item(code: str, scheme: str, kind: str) -> Dataset:
    item, concept = Dataset(), Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = code, scheme, "x"
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = "CONTAINS", kind, Sequence([concept])
    keyword = {"TEXT": "TextValue", "PNAME": "PersonName", "UIDREF": "UID"}[kind]
    item.add(DataElement(keyword, dictionary_VR(keyword), f"y {WHO.family}", validation_mode=0))
    return item
