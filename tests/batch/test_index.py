"""The first pass: identifiers by patient, duplicates, UID conflicts, and hostile headers that must not stop it."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import tracemalloc
from pathlib import Path
from random import Random

import pytest
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from deidkit.batch import index as firstpass
from deidkit.batch import inputs
from deidkit.errors import UnreadableFile, UsageError
from deidkit.files import sha256
from deidkit.headers import quiet
from deidkit.headers.bounded_read import skim
from deidkit.limits import Limits

ENDLESS = Path("/proc/self/pagemap")
"""Says that it has no bytes, and gives hundreds of gigabytes."""


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


def index(folder: Path) -> tuple[list[inputs.Source], firstpass.Index]:
    found = inputs.find([folder])
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


def test_one_number_of_two_issuers_is_two_patients(tmp_path):
    """Patient ID is unique within its issuer only (PS3.3 C.7.1.1)."""
    write(tmp_path / "a", uid="1.1", PatientID="77123", IssuerOfPatientID="North", PatientName="Verylongname^Anna")
    write(tmp_path / "b", uid="1.2", PatientID="77123", IssuerOfPatientID="South")
    _, made = index(tmp_path)
    assert not any("erylongname" in value for value in values(made.identifiers(1)))
    assert [made.identifiers(number).scope for number in (0, 1)] == [1, 1]


def test_dates_and_uids_of_other_files_are_not_carried_over(tmp_path):
    write(tmp_path / "a", uid="1.1", PatientID="77123", StudyDate="20200102", PatientBirthDate="19610203")
    write(tmp_path / "b", uid="1.2", PatientID="77123")
    _, made = index(tmp_path)
    kinds = {(item.kind, item.keyword) for item in made.identifiers(1).items}
    assert all(kind not in firstpass.LOCAL_KINDS or keyword == "PatientBirthDate" for kind, keyword in kinds)
    assert "PatientBirthDate" in {keyword for _, keyword in kinds}


def test_equal_files_are_duplicates_and_others_of_one_uid_are_to_be_compared(tmp_path):
    first = write(tmp_path / "a", uid="1.1", PatientID="1")
    (tmp_path / "b").write_bytes(first.read_bytes())
    write(tmp_path / "c", uid="1.2", PatientID="1")
    write(tmp_path / "d", uid="1.2", PatientID="2")
    (tmp_path / "e.png").write_bytes(b"\x89PNG and so on")
    (tmp_path / "f.png").write_bytes(b"\x89PNG and so on")
    (tmp_path / "g.png").write_bytes(b"\x89PNG and so up")
    _, made = index(tmp_path)
    assert [entry.duplicate_of for entry in made.entries] == [None, 0, None, None, None, 4, None]
    assert made.to_compare() == [2, 3] and not any(entry.conflict for entry in made.entries)


@pytest.mark.parametrize(
    ("contents", "duplicates", "conflicts"),
    [
        ({0: b"x", 2: b"x", 3: b"x"}, [None, 0, 0, 0, None], []),
        ({0: b"x", 2: b"y", 3: b"x"}, [None, None, None, None, None], [0, 1, 2, 3]),
        ({2: b"x", 3: b"x"}, [None, 0, None, 2, None], []),
        ({3: b"x"}, [None, 0, None, None, None], []),
        ({}, [None, 0, None, None, None], []),
    ],
)
def test_contents_tell_copies_from_conflicts_and_what_cannot_be_read_is_neither(tmp_path, contents, duplicates, conflicts):
    for name, more in (("a", "1"), ("b", "1"), ("c", "2"), ("d", "3")):
        write(tmp_path / name, uid="1.1", PatientID=more)
    write(tmp_path / "e", uid="1.2")
    _, made = index(tmp_path)
    assert made.to_compare() == [0, 2, 3]
    made.settle(contents)
    assert [entry.duplicate_of for entry in made.entries] == duplicates
    assert [number for number, entry in enumerate(made.entries) if entry.conflict] == conflicts


def test_objects_without_a_uid_are_compared_and_never_in_conflict(tmp_path):
    for name, more in (("a", "1"), ("b", "2"), ("c", "1")):
        header = dcmread(write(tmp_path / name, PatientID=more))
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = ""
        dcmwrite(tmp_path / name, header)
    _, made = index(tmp_path)
    assert made.to_compare() == [0, 1]
    made.settle({0: b"x", 1: b"y"})
    assert [entry.duplicate_of for entry in made.entries] == [None, None, 0]
    assert not any(entry.conflict for entry in made.entries)


def test_damage_ends_a_header_and_what_stood_before_it_counts(tmp_path):
    whole = write(tmp_path / "a", uid="1.1", PatientID="1").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:150])
    (tmp_path / "lie").write_bytes(whole + b"\x10\x00\x10\x00PN\xff\xff")
    (tmp_path / "nested").write_bytes(whole + NESTED * 3000)
    (tmp_path / "zero").touch()
    _, made = index(tmp_path)
    assert [entry.patient is not None for entry in made.entries] == [True, False, True, True, False]


NESTED = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
LATE = b"\x12\x00\x10\x00LO\x04\x00LATE"
"""Clinical Trial Sponsor Name, which is wanted."""


def sparse_values(stream):
    for number in range(50):
        stream.write(struct.pack("<HH2sHL", 0x0011, 0x1000 + number, b"OB", 0, 60 << 20))
        stream.seek(60 << 20, os.SEEK_CUR)


def sparse_fragments(stream):
    stream.write(struct.pack("<HH2sHL", 0x0011, 0x1000, b"OB", 0, 0xFFFFFFFF))
    for _ in range(4):
        stream.write(b"\xfe\xff\x00\xe0" + struct.pack("<L", 1 << 30))
        stream.seek(1 << 30, os.SEEK_CUR)
    stream.write(b"\xfe\xff\xdd\xe0\0\0\0\0")


def empty_items(stream):
    stream.write(struct.pack("<HH2sHL", 8, 0x1140, b"SQ", 0, 80_000) + b"\xfe\xff\x00\xe0\0\0\0\0" * 10_000)


def tiny_elements(stream):
    for number in range(0x1000, 0x1000 + 20_000):
        stream.write(struct.pack("<HH2sH", 0x0011, number, b"LO", 2) + b"ab")


def broken_sequence(stream):
    stream.write(struct.pack("<HH2sHL", 8, 0x1140, b"SQ", 0, 16) + b"this is no item.")


def deep_sequence(stream):
    inner = b""
    for _ in range(100):
        inner = struct.pack("<HHL", 8, 0x1140, len(inner) + 8) + b"\xfe\xff\x00\xe0" + struct.pack("<L", len(inner)) + inner
    stream.write(struct.pack("<HH2sHL", 8, 0x1140, b"SQ", 0, len(inner) - 8) + inner[8:])


HOSTILE = [sparse_values, sparse_fragments, empty_items, tiny_elements, broken_sequence, deep_sequence]


@pytest.mark.parametrize("fill", HOSTILE)
def test_what_is_not_wanted_costs_nothing_however_much_it_is(tmp_path, fill):
    path = write(tmp_path / "a", uid="1.1", PatientID="77123")
    with path.open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        fill(stream)
        stream.write(LATE)
    [source] = inputs.find([path])
    firstpass.build([source])
    tracemalloc.start()
    made = firstpass.build([source])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "LATE" in values(made.identifiers(0)), "what stands behind it was not reached"
    assert peak < 4 << 20, f"{peak >> 10} KiB"


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_no_damage_is_more_than_the_walk_can_take(tmp_path, syntax):
    whole, random = observed(tmp_path, syntax).read_bytes(), Random(5)
    path = tmp_path / "damaged"
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(random.randrange(1, 6)):
            place = random.randrange(128, len(data))
            data[place : place + random.randrange(3)] = random.randbytes(random.randrange(4))
        path.write_bytes(data)
        header = skim(path, lambda tag, vr: True, Limits(depth=8))
        assert header is None or isinstance(header, Dataset)
        firstpass.build(inputs.find([path]))


@pytest.mark.parametrize(
    ("uid", "named"),
    [("1." * 30_000 + "x", False), ("1." * 30_000 + "1", True), ("1.2..3", True), ("1.2.", False), ("7", False)],
)
def test_what_is_like_a_uid_is_told_at_once_however_long_it_is(tmp_path, uid, named):
    header = dcmread(write(tmp_path / "a"))
    header.file_meta.MediaStorageSOPInstanceUID = ""
    with quiet.quiet():
        header.SOPInstanceUID = uid
        dcmwrite(tmp_path / "a", header)
    _, made = index(tmp_path)
    assert (made.entries[0].instance is not None) == named


def test_what_is_wanted_has_an_end_as_well(tmp_path, monkeypatch):
    path = write(tmp_path / "a", uid="1.1", PatientID="77123")
    with path.open("ab") as stream:
        stream.write(b"".join(struct.pack("<HH2sH", 0x0011, n, b"PN", 8) + b"NAME%04d" % n for n in range(0x1000, 0x1400)))
        stream.write(LATE)
    monkeypatch.setattr("deidkit.headers.bounded_read.MOST_KEPT", 64 << 10)
    _, made = index(tmp_path)
    assert {"77123", "NAME4096"} <= values(made.identifiers(0)) and "LATE" not in values(made.identifiers(0))
    monkeypatch.setattr("deidkit.headers.bounded_read.MOST_KEPT", 16 << 20)
    made = firstpass.build(inputs.find([tmp_path]), limits=Limits(elements=100))
    assert {"77123", "NAME4096"} <= values(made.identifiers(0)) and "LATE" not in values(made.identifiers(0))


def test_deflated_headers_are_read_and_bombs_are_left(tmp_path):
    header = dcmread(write(tmp_path / "plain", uid="1.1", PatientID="77123", PatientName="Verylongname^Anna"))
    header.private_block(0x0011, "BOMB", create=True).add_new(1, "OB", bytes(4 << 20))
    header.ClinicalTrialSponsorName = "LATE"
    header.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dcmwrite(tmp_path / "deflated", header)
    (tmp_path / "bare").write_bytes((tmp_path / "deflated").read_bytes()[132:])
    found = inputs.find([tmp_path / "deflated", tmp_path / "bare"])
    for limit, late in ((8 << 20, True), (3 << 20, False)):
        made = firstpass.build(found, limits=Limits(inflated_bytes=limit))
        assert all(entry.instance == firstpass.instance_digest("1.1") for entry in made.entries)
        assert "Verylongname^Anna" in values(made.identifiers(0)) and ("LATE" in values(made.identifiers(0))) == late


@pytest.mark.parametrize("little", [True, False])
@pytest.mark.parametrize("implicit", [True, False])
def test_datasets_without_preamble_are_read_in_either_byte_order(tmp_path, little, implicit):
    if implicit and not little:
        return
    header = dcmread(write(tmp_path / "plain", uid="1.1", PatientID="77123"))
    bare = Dataset()
    bare.update(dict(header.items()))
    dcmwrite(tmp_path / "bare", bare, implicit_vr=implicit, little_endian=little)
    [source] = inputs.find([tmp_path / "bare"])
    assert firstpass.build([source]).entries[0].instance == firstpass.instance_digest("1.1")


def observed(folder: Path, syntax: str) -> Path:
    """Names in items of a report: by VR, and as text under a concept that asks for one."""
    header = dcmread(write(folder / "plain", uid="1.1", PatientID="77123"))
    concept, content, person = Dataset(), Dataset(), Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator = "121030", "DCM"
    content.ConceptNameCodeSequence, content.TextValue = [concept], "SUBJECT-4711"
    person.PersonName, person.ContentSequence = "Deepdown^Otto", [content]
    header.ContentSequence = [person]
    header.file_meta.TransferSyntaxUID = syntax
    dcmwrite(folder / "report", header)
    return folder / "report"


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_identifiers_in_sequences_are_found_in_every_encoding(tmp_path, syntax):
    [source] = inputs.find([observed(tmp_path, syntax)])
    assert {"Deepdown^Otto", "SUBJECT-4711", "77123"} <= values(firstpass.build([source]).identifiers(0))


def test_files_too_large_for_any_profile_are_not_hashed(tmp_path, monkeypatch):
    for name in ("a", "b"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(3 << 40)
    for name in ("c", "d"):
        with write(tmp_path / name, uid="1.1", PatientID=name).open("ab") as stream:
            stream.truncate(3 << 40)
    monkeypatch.setattr(firstpass, "sha256", lambda path: pytest.fail("a file of 3 TB was hashed"))
    _, made = index(tmp_path)
    assert [entry.duplicate_of for entry in made.entries] == [None] * 4
    assert made.to_compare() == [2, 3]


@pytest.mark.skipif(not ENDLESS.exists(), reason="only Linux has such a file")
def test_a_file_of_the_kernel_that_never_ends_is_not_read(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).symlink_to(ENDLESS)
    (tmp_path / "c").touch()
    found, made = index(tmp_path)
    assert all(source.stamp is not None for source in found)
    assert made.entries == [firstpass.Entry()] * 3
    assert sha256(ENDLESS) == hashlib.sha256().digest()


def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(tmp_path):
    write(tmp_path / "a", uid="1.1")
    found = inputs.find([tmp_path])
    (tmp_path / "a").unlink()
    os.mkfifo(tmp_path / "a")
    assert firstpass.build(found).entries == [firstpass.Entry()]
    with pytest.raises(UnreadableFile, match="not-a-file"):
        sha256(tmp_path / "a")


def test_a_folder_of_many_files_is_gone_through_once(tmp_path, monkeypatch):
    for number in range(2000):
        (tmp_path / f"{number:05d}").write_bytes(b"%d" % number)
    asked = []
    monkeypatch.setattr(firstpass, "skim", lambda path, wanted, limits: asked.append(path))
    found, made = index(tmp_path)
    assert len(found) == len(made.entries) == len(asked) == 2000
    assert [source.relative for source in found] == sorted(source.relative for source in found)


def test_a_tree_deeper_than_any_stack_is_walked(tmp_path):
    here = Path.cwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
        Path("file").touch()
        os.chdir(here)
        found = inputs.find([tmp_path])
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # shutil.rmtree gives up on such a tree
    assert len(found) == 1 and found[0].relative.startswith("d/d/d")
    with pytest.raises(UsageError, match="does not exist"):
        inputs.find([tmp_path / ("n" * 5000)])


def test_order_of_sources_is_fixed_and_special_files_have_no_stamp(tmp_path):
    for name in ("b/2", "a/1", "c"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    found = inputs.find([tmp_path, tmp_path / "c"])
    assert [(source.root, source.relative) for source in found] == [(0, "a/1"), (0, "b/2"), (0, "broken"), (0, "c"), (1, "c")]
    assert [source.stamp is None for source in found] == [False, False, True, False, False]


def test_no_warning_quotes_a_value(tmp_path, recwarn, caplog):
    with quiet.quiet():
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
    found = inputs.find([tmp_path / "in"])
    assert [(source.relative, source.stamp) for source in found] == [("closed", None), ("link", None)]
