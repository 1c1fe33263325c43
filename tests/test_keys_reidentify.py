"""``deidkit keys reidentify``: from the pseudonyms of a run back to the patients, with the key and only with it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import BasicTextSRStorage, ExplicitVRLittleEndian

from deidkit.cli import cli
from deidkit.cli.exits import invoke
from deidkit.identity.vault import Vault
from deidkit.keys import load_key_file, new_key_file

PATIENTS = ("QX-4711228", "QX-4711229")
PROFILE = """\
profile: trial
schema_version: 1
extends: sr
match: {{kind: sr}}
replaces: sr
scrub: [{{use: ps315, options: {{patient_id: "SITE-{{:06d}}", map_file: "{}"}}}}]
"""


def report(patient: str, number: int) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = BasicTextSRStorage, f"1.2.826.0.1.3680043.10.5.9.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = (
        f"1.2.826.0.1.3680043.10.5.8.{number}",
        f"1.2.826.0.1.3680043.10.5.7.{number}",
    )
    made.PatientID, made.PatientName, made.Modality, made.ValueType = patient, "Zembrostu^Anne", "SR", "CONTAINER"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a key, a profile with a map, and two reports."""
    new_key_file(tmp_path / "site.key")
    for folder in ("profiles", "in"):
        (tmp_path / folder).mkdir()
    (tmp_path / "profiles" / "trial.yaml").write_text(PROFILE.format(tmp_path / "map.db"))
    for number, patient in enumerate(PATIENTS, 1):
        report(patient, number).save_as(tmp_path / "in" / f"{number}.dcm", enforce_file_format=True)
    return tmp_path


def command(site: Path, *arguments: str, key: str = "site.key") -> int:
    return invoke(cli, ["keys", "reidentify", str(site / "map.db"), *arguments, "--key", str(site / key)])


def test_a_run_can_be_gone_back_from(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = ["--output", str(site / "out"), "--profiles", str(site / "profiles"), "--key", str(site / "site.key")]
    assert invoke(cli, ["run", str(site / "in"), *folders]) == 0
    capsys.readouterr()
    assert command(site, "SITE-000001", "SITE-000002", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["pseudonym"] for row in rows] == ["SITE-000001", "SITE-000002"]
    assert {row["patient"] for row in rows} == set(PATIENTS)
    raw = (site / "map.db").read_bytes()
    assert not any(patient.encode() in raw for patient in PATIENTS)
    assert (site / "site.key").read_text().split(":")[1].strip().encode() not in raw


def test_what_the_map_does_not_know_is_said(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Vault(site / "map.db", load_key_file(site / "site.key")) as vault:
        vault.remember("patient", "A\n\x1b[31m7", "NEW1")
    assert command(site, "NEW1", "NEW2") == 3
    assert capsys.readouterr().out.splitlines() == ["NEW1\tA  [31m7", "NEW2\tnot in the map"]


def test_another_key_and_a_missing_map_are_refused(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(site, "NEW1") == 2
    assert not (site / "map.db").exists()
    Vault(site / "map.db", load_key_file(site / "site.key")).close()
    new_key_file(site / "other.key")
    assert command(site, "NEW1", key="other.key") == 2
    assert command(site, "NEW1", key="none.key") == 2
    assert capsys.readouterr().out == ""


def test_a_damaged_map_is_a_clear_end_of_the_command_and_of_no_run(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = ["--profiles", str(site / "profiles"), "--key", str(site / "site.key")]
    assert invoke(cli, ["run", str(site / "in"), "--output", str(site / "out"), *folders]) == 0
    with closing(sqlite3.connect(site / "map.db")) as rows:
        rows.execute("delete from map where id = 1")
        rows.commit()
    capsys.readouterr()
    assert command(site, "SITE-000002") == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("deidkit: the file is no whole encrypted map")
    assert invoke(cli, ["run", str(site / "in"), "--output", str(site / "again"), *folders]) == 3
    lines = [json.loads(line) for line in (site / "again" / "private" / "manifest.jsonl").read_text().splitlines()]
    assert [line["outcome"] for line in lines] == ["quarantined"] * 2
    assert all(line["reasons"][0].startswith("encrypted-map: the file is no whole encrypted map") for line in lines)
