"""Private elements: gone, or safe, cleaned and where they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps315_corpus import ROOT, base, person
from ps315_running import KEYS, failures, reread, scrubbed, swept
from pydicom import Dataset
from pydicom.sequence import Sequence

WHO = person(80)


def header() -> Dataset:
    made = base(WHO)
    made.private_block(0x0019, "ACME SECRET", create=True).add_new(0x10, "LO", WHO.family)
    safe = made.private_block(0x0019, "GEMS_ACQU_01", create=True)
    safe.add_new(0x24, "DS", "1.5")
    safe.add_new(0x9E, "LO", f"EPI {WHO.family}")
    safe.add_new(0x77, "LO", "not in the list")
    philips = made.private_block(0x2001, "Philips Imaging DD 001", create=True)
    inner = Dataset()
    inner.PatientName, inner.ReferencedSOPInstanceUID = f"{WHO.family}^X", f"{ROOT}.5"
    inner.private_block(0x0019, "ACME SECRET", create=True).add_new(0x10, "LO", WHO.family)
    philips.add_new(0x5F, "SQ", Sequence([inner]))
    siemens = made.private_block(0x0129, "SIEMENS Ultrasound SC2000", create=True)
    siemens.add_new(0x07, "UI", f"{ROOT}.6")
    made.add_new(0x00291001, "LO", WHO.family)
    return reread(made)


def test_all_private_elements_go_by_default(tmp_path: Path) -> None:
    before = header()
    after, changes = scrubbed(before)
    assert not any(tag.is_private for tag in after.keys())  # noqa: SIM118
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


def test_safe_ones_stay_where_they_were_and_are_cleaned(tmp_path: Path) -> None:
    before = header()
    after, changes = scrubbed(before, retain=["safe_private"])
    after = reread(after)
    assert after[0x0019, 0x0011].value == "GEMS_ACQU_01"
    assert after[0x0019, 0x1124].value == 1.5
    assert after[0x0019, 0x119E].value == "EPI [NAME]"
    assert not [tag for tag in after.keys() if tag.group == 0x19 and tag.element not in {0x11, 0x1124, 0x119E}]  # noqa: SIM118
    item = after.private_block(0x2001, "Philips Imaging DD 001")[0x5F].value[0]
    assert (item.PatientName, item.ReferencedSOPInstanceUID) == (KEYS.pseudonym(WHO.number), KEYS.uid(f"{ROOT}.5"))
    assert not any(tag.is_private for tag in item.keys())  # noqa: SIM118
    assert after.private_block(0x0129, "SIEMENS Ultrasound SC2000")[0x07].value == KEYS.uid(f"{ROOT}.6")
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


def test_exceptions_reach_private_blocks() -> None:
    kept, _ = scrubbed(header(), attributes={"0019,10xx ACME SECRET": "clean"})
    assert kept.private_block(0x0019, "ACME SECRET")[0x10].value == "[NAME]"
    gone, _ = scrubbed(header(), retain=["safe_private"], attributes={"0019,xx24 GEMS_ACQU_01": "remove"})
    assert (0x0019, 0x1124) not in gone
    assert (0x0019, 0x119E) in gone


def test_empty_replace_and_remove_do_what_they_say_on_private_elements() -> None:
    text = "Dr. Wilma Osterhaus, 0341/5551234"
    for action, left in (("empty", ""), ("replace", "ANONYMIZED"), ("remove", None), ("keep", text)):
        before = base(WHO)
        before.private_block(0x0009, "DEMO 1", create=True).add_new(0x0D, "LO", text)
        after, _ = scrubbed(reread(before), attributes={"0009,xx0D DEMO 1": action})
        found = reread(after).get((0x0009, 0x100D))
        assert (found and (found.value or "")) == left if left is not None else found is None, action


def test_two_blocks_of_one_creator_keep_their_own_values() -> None:
    before = base(WHO)
    for block, value in ((0x10, 1000.0), (0x11, 2000.0)):
        before.add_new(0x20010000 | block, "LO", "Philips Imaging DD 001")
        before.add_new(0x20010003 | block << 8, "FL", value)
    after = reread(scrubbed(reread(before), retain=["safe_private"])[0])
    assert [after[0x20011003].value, after[0x20011103].value] == [1000.0, 2000.0]


def test_a_uid_inside_private_bytes_is_mapped_at_its_length() -> None:
    uid = "1.3.12.2.1107.5.2.43.99123.2024013122150012345678901"
    before = base(WHO)
    value = b'SV10\0\0\0\0ref = "' + uid.encode() + b'"  '
    before.private_block(0x0009, "DEMO 1", create=True).add_new(0x0D, "OB", value)
    after = reread(scrubbed(reread(before), dates="shift", attributes={"0009,xx0D DEMO 1": "clean"})[0])
    made = after[0x0009, 0x100D].value
    assert uid.encode() not in made and KEYS.uid(uid).encode() in made and len(made) == len(value)


NUMERIC = {"UL": 7730412, "SL": 7730412, "FD": 7730412.0, "FL": 7730412.0, "UV": 7730412}


@pytest.mark.parametrize("vr", NUMERIC)
@pytest.mark.parametrize("raw", [True, False])
def test_the_number_of_the_patient_in_binary_goes_with_its_element(vr: str, raw: bool, tmp_path: Path) -> None:
    before = base(WHO)
    before.PatientID = str(int(NUMERIC[vr]))
    block = before.private_block(0x0009, "DEMO 1", create=True)
    block.add_new(0x0D, vr, NUMERIC[vr])
    block.add_new(0x0E, vr, NUMERIC[vr] - 1)
    block.add_new(0x0F, "UL", int(before.PatientBirthDate))
    before = reread(before) if raw else before
    after, changes = scrubbed(before, attributes={"0009,10xx DEMO 1": "clean"})
    assert {tag.element for tag in after.keys() if tag.group == 9} == {0x10, 0x100E}  # noqa: SIM118
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []
    after.private_block(0x0009, "DEMO 1").add_new(0x0D, vr, NUMERIC[vr])
    assert any("id in (0009,100D)" in found for found in failures(swept(before, after, changes, tmp_path / "b.dcm")))


def test_a_private_date_in_binary_stays_where_dates_stay() -> None:
    before = base(WHO)
    before.private_block(0x0009, "DEMO 1", create=True).add_new(0x0D, "UL", int(before.StudyDate))
    for dates, stays in (("keep", True), ("shift", False), ("remove", False)):
        after, _ = scrubbed(reread(before), dates=dates, attributes={"0009,xx0D DEMO 1": "clean"})
        assert ((0x0009, 0x100D) in after) == stays, dates


def test_a_retained_uid_with_a_shifted_date_is_mapped() -> None:
    before = base(WHO)
    dated, plain = f"{ROOT}.7.{before.StudyDate}101500", f"{ROOT}.8.5"
    before.FrameOfReferenceUID, before.DeviceUID = dated, plain
    shifted, _ = scrubbed(reread(before), retain=["uids"], dates="shift")
    kept, _ = scrubbed(reread(before), retain=["uids"], dates="keep")
    assert (shifted.FrameOfReferenceUID, shifted.DeviceUID) == (KEYS.uid(dated), plain)
    assert kept.FrameOfReferenceUID == dated
