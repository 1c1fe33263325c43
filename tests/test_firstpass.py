"""The first pass: identifiers by patient, duplicates, UID conflicts, and hostile headers that must not stop it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from deidkit import firstpass, sources
from deidkit.errors import UsageError
from deidkit.limits import Limits


def write(path: Path, **values: str) -> Path:
    header = Dataset()
    header.SOPClassUID = CTImageStorage
    header.SOPInstanceUID = values.pop("uid", "1.2.3.4")
    header.StudyInstanceUID = "1.2.3"
    for keyword, value in values.items():
        setattr(header, keyword, value)
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dcmwrite(path, header, enforce_file_format=True)
    return path


def index(folder: Path) -> tuple[list[sources.Source], firstpass.Index]:
    found = sources.find([folder])
    return found, firstpass.build(found)


def values(identifiers) -> set[str]:
    return {item.value for item in identifiers.items}


def test_names_known_in_one_file_are_known_for_the_patient(tmp_path):
    write(tmp_path / "a", uid="1.1", PatientID="77123", PatientName="Verylongname^Anna")
    write(tmp_path / "b", uid="1.2", PatientID="77123", PatientName="", StudyDate="20200102")
    write(tmp_path / "c", uid="1.3", PatientID="88999", PatientName="Someoneelse^Bob")
    _, made = index(tmp_path)
    assert any("erylongname" in value for value in values(made.identifiers(1)))
    assert not any("erylongname" in value for value in values(made.identifiers(2)))
    assert made.identifiers(0).scope == 2 and made.identifiers(2).scope == 1


def test_dates_and_uids_of_other_files_are_not_carried_over(tmp_path):
    write(tmp_path / "a", uid="1.1", PatientID="77123", StudyDate="20200102", PatientBirthDate="19610203")
    write(tmp_path / "b", uid="1.2", PatientID="77123")
    _, made = index(tmp_path)
    kinds = {(item.kind, item.keyword) for item in made.identifiers(1).items}
    assert all(kind not in firstpass.LOCAL_KINDS or keyword == "PatientBirthDate" for kind, keyword in kinds)
    assert "PatientBirthDate" in {keyword for _, keyword in kinds}


def test_equal_files_are_duplicates_and_unequal_ones_conflict(tmp_path):
    first = write(tmp_path / "a", uid="1.1", PatientID="1")
    (tmp_path / "b").write_bytes(first.read_bytes())
    write(tmp_path / "c", uid="1.2", PatientID="1")
    write(tmp_path / "d", uid="1.2", PatientID="2")
    (tmp_path / "e.png").write_bytes(b"\x89PNG and so on")
    (tmp_path / "f.png").write_bytes(b"\x89PNG and so on")
    _, made = index(tmp_path)
    assert [entry.duplicate_of for entry in made.entries] == [None, 0, None, None, None, 4]
    assert [entry.conflict for entry in made.entries] == [False, False, True, True, False, False]


def test_damage_gives_an_empty_entry(tmp_path):
    whole = write(tmp_path / "a", uid="1.1", PatientID="1").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:150])
    (tmp_path / "lie").write_bytes(whole + b"\x10\x00\x10\x00PN\xff\xff")
    nested = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 3000
    (tmp_path / "nested").write_bytes(whole + nested)
    (tmp_path / "zero").touch()
    found, made = index(tmp_path)
    assert len(made.entries) == len(found) == 5


def test_hostile_headers_are_given_up_early(tmp_path, monkeypatch):
    whole = write(tmp_path / "a", uid="1.1", PatientID="1").read_bytes()
    (tmp_path / "many").write_bytes(whole + b"\x11\x00\x10\x00LO\x00\x00" * 2000)
    monkeypatch.setattr("deidkit.bounded.MOST_READS", 1000)
    assert firstpass.read_header(tmp_path / "a") is not None
    assert firstpass.read_header(tmp_path / "many") is None


def test_deflated_headers_are_read_and_bombs_are_not(tmp_path, monkeypatch):
    header = dcmread(write(tmp_path / "plain", uid="1.1", PatientID="77123", PatientName="Verylongname^Anna"))
    header.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dcmwrite(tmp_path / "deflated", header)
    assert firstpass.read_header(tmp_path / "deflated").PatientID == "77123"
    monkeypatch.setattr("deidkit.bounded.Limits", lambda: Limits(inflated_bytes=64))
    assert firstpass.read_header(tmp_path / "deflated") is None


@pytest.mark.parametrize("little", [True, False])
def test_datasets_without_preamble_are_read_in_either_byte_order(tmp_path, little):
    header = dcmread(write(tmp_path / "plain", uid="1.1", PatientID="77123"))
    bare = Dataset()
    bare.update(dict(header.items()))
    dcmwrite(tmp_path / "bare", bare, implicit_vr=False, little_endian=little)
    assert firstpass.read_header(tmp_path / "bare").SOPInstanceUID == "1.1"


def test_a_tree_deeper_than_any_stack_is_walked(tmp_path):
    here = Path.cwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
        Path("file").touch()
        os.chdir(here)
        found = sources.find([tmp_path])
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # shutil.rmtree gives up on such a tree
    assert len(found) == 1 and found[0].relative.startswith("d/d/d")
    with pytest.raises(UsageError, match="does not exist"):
        sources.find([tmp_path / ("n" * 5000)])


def test_order_of_sources_is_fixed_and_special_files_have_no_stamp(tmp_path):
    for name in ("b/2", "a/1", "c"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    found = sources.find([tmp_path, tmp_path / "c"])
    assert [(source.root, source.relative) for source in found] == [(0, "a/1"), (0, "b/2"), (0, "broken"), (0, "c"), (1, "c")]
    assert [source.stamp is None for source in found] == [False, False, True, False, False]


def test_no_warning_quotes_a_value(tmp_path, recwarn, caplog):
    with firstpass.quiet():
        write(tmp_path / "a", uid="not-a-uid-but-JANE-DOE", PatientID="77", PatientBirthDate="JANE-DOE")
    index(tmp_path)
    assert not list(recwarn) and "JANE" not in caplog.text


def test_folders_that_are_not_entered_are_named(tmp_path, monkeypatch):
    (tmp_path / "in" / "closed").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = sources.find([tmp_path / "in"])
    assert [(source.relative, source.stamp) for source in found] == [("closed", None), ("link", None)]
