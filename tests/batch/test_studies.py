"""Whole studies: held back together when a profile asks for it, dangling references told, a DICOMDIR skipped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from conftest import manifest, released
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence
from pydicom.uid import (
    BasicTextSRStorage,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    KeyObjectSelectionDocumentStorage,
    MediaStorageDirectoryStorage,
)

from deidkit.batch.runner import Settings, plan, run
from deidkit.keys import Keys

ROOT = "1.2.826.0.1.3680043.10.5"
NAME = "Zembrostu"
ABSENT = f"{ROOT}.99.99"
KINDS = {"sr": BasicTextSRStorage, "ko": KeyObjectSelectionDocumentStorage, "pdf": EncapsulatedPDFStorage}
PROFILE = "profile: site_{0}\nschema_version: 1\nextends: sr\nmatch: {{kind: sr}}\nreplaces: sr\nhold_back: {0}\n"


def uid(study: int, series: int, instance: int) -> str:
    return f"{ROOT}.{study}.{series}.{instance}"


def write(folder: Path, kind: str, place: tuple[int, int, int], refers: tuple[str, ...] = ()) -> Path:
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = KINDS[kind], uid(*place)
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{ROOT}.{place[0]}", f"{ROOT}.{place[0]}.{place[1]}"
    made.PatientID, made.PatientName, made.StudyID, made.SeriesNumber = "QX-4711228", f"{NAME}^Anne", "1", place[1]
    made.StudyDate, made.StudyTime, made.AccessionNumber, made.InstanceNumber = "20210304", "101500", "", place[2]
    made.ContentDate, made.ContentTime, made.CompletionFlag, made.VerificationFlag = (
        "20210304",
        "101500",
        "COMPLETE",
        "UNVERIFIED",
    )
    made.Modality = {"sr": "SR", "ko": "KO", "pdf": "DOC"}[kind]
    if kind == "pdf":
        made.MIMETypeOfEncapsulatedDocument, made.EncapsulatedDocument = "application/pdf", b"%PDF-1.4"
    else:
        made.ValueType = "CONTAINER"
        concept = Dataset()
        concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = "113000", "DCM", "Of Interest"
        made.ConceptNameCodeSequence = Sequence([concept])
        made.ContentSequence = Sequence([content(meant) for meant in refers])
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path = folder / f"{kind}-{'-'.join(map(str, place))}.dcm"
    made.save_as(path, enforce_file_format=True)
    return path


def content(meant: str) -> Dataset:
    item, target = Dataset(), Dataset()
    target.ReferencedSOPClassUID, target.ReferencedSOPInstanceUID = BasicTextSRStorage, meant
    item.RelationshipType, item.ValueType, item.ReferencedSOPSequence = "CONTAINS", "COMPOSITE", Sequence([target])
    return item


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Study 1: series 1 loses a document that no profile is for, series 2 is whole. Study 2 is whole."""
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder, "sr", (1, 1, 1), (uid(1, 1, 2), uid(1, 2, 1)))
    write(folder, "pdf", (1, 1, 2))
    write(folder, "ko", (1, 2, 1), (uid(1, 1, 1), ABSENT))
    write(folder, "ko", (1, 2, 2), (uid(1, 2, 1),))
    write(folder, "sr", (2, 1, 1))
    return folder


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "own.yml").write_text(PROFILE.format(getattr(request, "param", "nothing")))
    return Settings(Keys(bytes(range(32))), str(folder / "own.yml"))


def outcomes(output: Path) -> dict[str, str]:
    return {str(name): str(record["outcome"]) for name, record in manifest(output).items()}


def dangling(output: Path) -> dict[str, tuple[int, int]]:
    path = output / "private" / "dangling.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {row["output"]: (row["not_released"], row["not_in_input"]) for row in rows}


HELD = {
    "nothing": {"pdf-1-1-2.dcm"},
    "series": {"pdf-1-1-2.dcm", "sr-1-1-1.dcm"},
    "study": {"pdf-1-1-2.dcm", "sr-1-1-1.dcm", "ko-1-2-1.dcm", "ko-1-2-2.dcm"},
}


@pytest.mark.parametrize("settings", HELD, indirect=True)
def test_as_much_is_held_back_as_the_profile_says(
    inputs: Path, settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    level = request.node.callspec.params["settings"]
    for workers in (1, 2):
        output = tmp_path / f"out{workers}"
        summary = run([inputs], output, replace(settings, workers=workers))
        assert {name for name, what in outcomes(output).items() if what == "quarantined"} == HELD[level]
        assert len(released(output)) == summary.released == 5 - len(HELD[level])
    reasons = {reason for record in manifest(output).values() for reason in record["reasons"]}  # type: ignore[attr-defined]
    assert (f"held-back: another object of its {level} was not released" in reasons) == (level != "nothing")
    assert len(list((output / "private" / "quarantine").glob("*.json"))) == len(HELD[level])


@pytest.mark.parametrize("settings", ["series"], indirect=True)
def test_a_dry_run_holds_back_as_well(inputs: Path, settings: Settings, tmp_path: Path) -> None:
    chosen = replace(settings, profile=None, folders=(tmp_path / "profiles",))
    assert {o.source for o in plan([inputs], chosen) if o.outcome == "quarantined"} == HELD["series"]


@pytest.mark.parametrize(
    ("settings", "lost"),
    [
        ("nothing", {"sr-1-1-1.dcm": (1, 0), "ko-1-2-1.dcm": (0, 1)}),
        ("series", {"ko-1-2-1.dcm": (1, 1)}),
        ("study", {}),
    ],
    indirect=["settings"],
)
def test_dangling_references_are_told(
    inputs: Path, settings: Settings, lost: dict[str, tuple[int, int]], tmp_path: Path
) -> None:
    output = tmp_path / "out"
    summary = run([inputs], output, settings)
    by_output = {str(record["output"]): name for name, record in manifest(output).items()}
    assert {by_output[name]: counts for name, counts in dangling(output).items()} == lost
    counted = {"not-released": sum(a > 0 for a, _ in lost.values()), "not-in-input": sum(b > 0 for _, b in lost.values())}
    assert summary.dangling == {name: count for name, count in counted.items() if count}


def test_what_is_mended_is_released_with_its_series_on_resume(inputs: Path, tmp_path: Path) -> None:
    folder, output = tmp_path / "p", tmp_path / "out"
    folder.mkdir()
    (folder / "own.yml").write_text(PROFILE.format("series"))
    settings = Settings(Keys(bytes(range(32))), str(folder / "own.yml"))
    run([inputs], output, settings)
    before = released(output)
    (inputs / "pdf-1-1-2.dcm").unlink()
    write(inputs, "ko", (1, 1, 2)).rename(inputs / "pdf-1-1-2.dcm")
    summary = run([inputs], output, replace(settings, resume=True))
    assert (summary.released, summary.exit_code) == (5, 0)
    assert before.items() < released(output).items()
    assert not list((output / "private" / "quarantine").glob("*.json"))
    assert set(dangling(output).values()) == {(0, 1)}
    write(inputs, "pdf", (1, 2, 3))
    summary = run([inputs], output, replace(settings, resume=True))
    assert summary.released == 3
    assert {n for n, what in outcomes(output).items() if what == "quarantined"} == {
        "ko-1-2-1.dcm", "ko-1-2-2.dcm", "pdf-1-2-3.dcm",
    }  # fmt: skip
    listed = [json.loads(line)["output"] for line in (output / "released.jsonl").read_text().splitlines()]
    assert sorted(listed) == sorted(f"released/{name}" for name in released(output))


def test_a_dicomdir_is_skipped_and_gives_nothing_away(tmp_path: Path, settings: Settings) -> None:
    study, source = tmp_path / "STUDY", tmp_path / "source"
    source.mkdir()
    files = FileSet()
    for number in (1, 2):
        files.add(write(source, "sr", (1, 1, number)))
    files.write(study)
    assert NAME.encode() in (study / "DICOMDIR").read_bytes()
    output = tmp_path / "out"
    summary = run([study], output, settings)
    records = manifest(output)
    assert (summary.released, summary.skipped, summary.inputs, summary.exit_code) == (2, 1, 3, 0)
    assert records["DICOMDIR"]["outcome"] == "skipped" and records["DICOMDIR"]["output"] is None
    assert str(records["DICOMDIR"]["reasons"]).startswith("['dicomdir: ")
    assert summary.reasons == {"dicomdir": 1}
    for path in output.rglob("*"):
        assert not path.is_file() or NAME.encode().lower() not in path.read_bytes().lower()
    classes = {pydicom.dcmread(path).file_meta.MediaStorageSOPClassUID for path in output.rglob("*.dcm")}
    assert classes == {BasicTextSRStorage}
    resumed = run([study], output, replace(settings, resume=True))
    assert (resumed.released, resumed.skipped, resumed.resumed) == (2, 1, 3)


def test_nothing_but_a_dicomdir_is_no_success(tmp_path: Path, settings: Settings) -> None:
    made = Dataset()
    made.FileSetID, made.DirectoryRecordSequence = "X", Sequence()
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = (
        MediaStorageDirectoryStorage,
        f"{ROOT}.5",
    )
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.save_as(tmp_path / "DICOMDIR", enforce_file_format=True)
    summary = run([tmp_path / "DICOMDIR"], tmp_path / "out", settings)
    assert (summary.released, summary.skipped, summary.exit_code) == (0, 1, 3)
