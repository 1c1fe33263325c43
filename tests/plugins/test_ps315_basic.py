"""The basic profile on one object: what goes, what stays, what stands for what."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pydicom
import pytest
from pydicom import Dataset
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from deidkit.errors import OverBudget, UnsupportedFile
from deidkit.headers.working_copy import working_copy
from deidkit.identity.harvest import harvest
from deidkit.keys import Keys
from deidkit.types import Case, Context, Deadline, HeaderChange, Labels, Status
from deidkit_ps315.options import Ps315Options, SweepOptions
from deidkit_ps315.scrub.scrubber import Ps315
from deidkit_ps315.sweep.verifier import Sweep

KEYS = Keys(bytes(range(32)))
STUDY = "1.2.826.0.1.3680043.9.77.1"


def context_of(header: Dataset) -> Context:
    return Context(Labels(), "base", ("rapidocr",), KEYS, Deadline.after(60), header, harvest(header))


def scrubbed(header: Dataset, **options: object) -> tuple[Dataset, list[HeaderChange]]:
    after = working_copy(header)
    return after, Ps315(Ps315Options(**options)).scrub(after, context_of(header))


def ct() -> Dataset:
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.SOPClassUID, header.SOPInstanceUID = CTImageStorage, f"{STUDY}.1.1"
    header.StudyInstanceUID, header.SeriesInstanceUID = STUDY, f"{STUDY}.1"
    header.FrameOfReferenceUID = f"{STUDY}.9"
    header.PatientName, header.PatientID = "Quastenflosser^Änne", "QX-4711-228"
    header.PatientBirthDate, header.PatientSex = "19410203", "F"
    header.StudyDate, header.StudyTime, header.AccessionNumber = "20200131", "101500", "ACC99817"
    header.ReferringPhysicianName, header.InstitutionName = "Vandersloot^Piet", "Zwiebelturm Klinikum"
    header.StudyDescription, header.Modality, header.Manufacturer = "CT Quastenflosser", "CT", "ACME"
    header.SoftwareVersions = "ACME 7 for Quastenflosser"
    image = Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = CTImageStorage, f"{STUDY}.1.2"
    image.PatientID = "QX-4711-228"
    header.ReferencedImageSequence = Sequence([image])
    block = header.private_block(0x0009, "ACME PRIVATE", create=True)
    block.add_new(0x01, "LO", "Quastenflosser")
    header.add_new(0x60003000, "OW", b"\0\1")
    header.add_new(0x60000010, "US", 1)
    header.Rows = header.Columns = 2
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID, header.file_meta.MediaStorageSOPInstanceUID = CTImageStorage, f"{STUDY}.1.1"
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.SourceApplicationEntityTitle = "QUASTEN_AE"
    return header


def written(header: Dataset) -> bytes:
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def swept(before: Dataset, after: Dataset, changes: list[HeaderChange], path: Path) -> dict[str, Status]:
    path.write_bytes(written(after))
    read = pydicom.dcmread(path)
    sides = SimpleNamespace(header=before), SimpleNamespace(header=read)
    case = Case(*sides, path, {}, {}, tuple(changes), context_of(before))  # type: ignore[arg-type]
    return {check.name: check.status for check in Sweep(SweepOptions()).verify(case)}


def test_no_identifier_is_left_and_the_sweep_agrees(tmp_path: Path) -> None:
    before = ct()
    after, changes = scrubbed(before)
    raw = written(after)
    for gone in (
        "Quastenflosser",
        "Änne",
        "QX-4711",
        "4711228",
        "19410203",
        "20200131",
        "ACC99817",
        "Vandersloot",
        STUDY,
        "_AE",
    ):
        assert gone.encode() not in raw
    assert set(swept(before, after, changes, tmp_path / "a.dcm").values()) == {Status.PASSED}


@pytest.mark.parametrize(
    "leak",
    [
        lambda header: setattr(header, "SoftwareVersions", "for quastenflosser"),
        lambda header: setattr(header, "StudyDate", "20200131"),
        lambda header: setattr(header, "ImageComments", "QX4711228"),
        lambda header: setattr(header, "FrameOfReferenceUID", f"{STUDY}.9"),
        lambda header: header.add_new(0x00091001, "OB", "Änne Quastenflosser".encode("utf-16-le")),
        lambda header: setattr(header, "PatientSex", "F"),
    ],
)
def test_the_sweep_finds_what_a_scrubber_forgot(leak: object, tmp_path: Path) -> None:
    before = ct()
    after, changes = scrubbed(before)
    leak(after)  # type: ignore[operator]
    assert Status.FAILED in swept(before, after, changes, tmp_path / "a.dcm").values()


def test_uids_are_consistent_and_classes_stay() -> None:
    after, _ = scrubbed(ct())
    assert after.SOPClassUID == CTImageStorage
    assert after.SOPInstanceUID == after.file_meta.MediaStorageSOPInstanceUID == KEYS.uid(f"{STUDY}.1.1")
    assert after.ReferencedImageSequence[0].ReferencedSOPInstanceUID == KEYS.uid(f"{STUDY}.1.2")
    assert after.ReferencedImageSequence[0].ReferencedSOPClassUID == CTImageStorage


def test_patient_stands_under_one_pseudonym() -> None:
    after, _ = scrubbed(ct(), patient_name="SITE-{}")
    assert after.PatientID == KEYS.pseudonym("QX-4711-228") == after.ReferencedImageSequence[0].PatientID
    assert after.PatientName == f"SITE-{after.PatientID}"


def test_what_says_how_it_was_done_is_replaced_and_fits() -> None:
    before = ct()
    before.DeidentificationMethod = "done by Quastenflosser"
    after, _ = scrubbed(before)
    assert after.PatientIdentityRemoved == "YES"
    assert after.DeidentificationMethod[1] == "profile base"
    assert all(len(value) <= 64 for value in after.DeidentificationMethod)
    assert [item.CodeValue for item in after.DeidentificationMethodCodeSequence] == ["113100"]
    assert (after.BurnedInAnnotation, after.LongitudinalTemporalInformationModified) == ("NO", "REMOVED")


def test_the_original_stays_as_it_was() -> None:
    before = ct()
    copy = before.to_json()
    scrubbed(before)
    assert before.to_json() == copy


def test_private_overlay_and_source_go_innocent_text_stays() -> None:
    after, _ = scrubbed(ct())
    assert not any(tag.group % 2 or tag.group == 0x6000 for tag in after.keys())  # noqa: SIM118
    assert "SourceApplicationEntityTitle" not in after.file_meta
    assert after.SoftwareVersions == "ACME 7 for [NAME]"
    assert after.Manufacturer == "ACME"


def test_dicomdir_and_depth_are_refused() -> None:
    directory = pydicom.dcmread(get_testdata_file("DICOMDIR"))
    with pytest.raises(UnsupportedFile):
        Ps315(Ps315Options()).scrub(directory, context_of(directory))
    deep = inner = ct()
    for _ in range(100):
        item = Dataset()
        inner.ReferencedImageSequence = Sequence([item])
        inner = item
    with pytest.raises(OverBudget):
        Ps315(Ps315Options()).scrub(deep, Context(Labels(), "base", (), KEYS, Deadline.after(60), ct()))


def test_a_type_2c_attribute_that_was_there_is_emptied_and_not_removed() -> None:
    """A removed one is an error in every object whose condition holds."""
    header = ct()
    header.ResponsiblePerson, header.ResponsiblePersonRole = "Vandersloot^Piet", "OWNER"
    header.ResponsibleOrganization = "Zwiebelturm Klinikum"
    after, _ = scrubbed(header)
    for keyword in ("ResponsiblePerson", "ResponsibleOrganization"):
        assert keyword in after
        assert not after[keyword].value
