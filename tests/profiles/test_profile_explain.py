"""``deidkit profiles explain`` against a golden file: labels, choice, layers, the row that decides; never a value."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from deidkit.cli import cli
from deidkit.cli.exits import invoke
from deidkit.components import Component, Options
from deidkit.hookspecs import hookimpl
from deidkit.image import Image
from deidkit.profiles.files import builtin_folder
from deidkit.registry import Registry, installed
from deidkit.types import Label, Labels

GOLDEN = Path(__file__).parents[1] / "cli" / "golden" / "explain.txt"
CASES = [block.split("\n", 2) for block in re.split(r"\n\n(?=\$ )", GOLDEN.read_text().strip()) if block.startswith("$ ")]
CT, SR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.33"
NAME = "Zwetschgenbaum"
SITE = {
    "site": "classify: {use: modality, options: {pixels: false}}\n"
    "select: {rules: [{match: {kind: image, manufacturer: philips}, profile: quarantine}]}\n",
    "campus": "profile: campus\nschema_version: 1\nextends: ct_mr\nmatch: {modality: [CT, MR], kind: image}\n"
    "scrub: [{use: ps315, options: {retain: [safe_private], clean: [descriptors],"
    ' attributes: {StudyDescription: keep, "0009,xx01 GEMS_IDEN_01": empty}}}]\n',
    "any_image": "profile: any_image\nschema_version: 1\nextends: base\nmatch: {kind: image}\n",
}


def dataset(sop_class: str, modality: str, maker: str = "GE Medical Systems") -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = sop_class
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = "1.2.3.4.5"
    ds.Modality, ds.Manufacturer = modality, maker
    ds.PatientName, ds.PatientID, ds.StudyDescription = f"{NAME}^Ada", f"{NAME}77", f"Head of {NAME}"
    return ds


def image(modality: str, maker: str = "GE Medical Systems") -> Dataset:
    ds = dataset(CT, modality, maker)
    ds.Rows = ds.Columns = 4
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation, ds.SamplesPerPixel, ds.PhotometricInterpretation = 7, 0, 1, "MONOCHROME2"
    ds.PixelData = bytes(16)
    ds.private_block(0x0009, "GEMS_IDEN_01", create=True).add_new(0x01, "LO", NAME)
    return ds


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in SITE.items():
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / f"{name}.yaml").write_text(text)
    report = dataset(SR, "SR")
    report.ContentSequence = []
    for name, ds in (
        ("ct", image("CT")),
        ("philips", image("CT", "Philips")),
        ("odd", image("MR")),
        ("sr", report),
        ("bare", dataset(CT, "CT")),
    ):
        ds.save_as(tmp_path / f"{name}.dcm", enforce_file_format=True)
    (tmp_path / "text.dcm").write_text(NAME)
    return tmp_path


@pytest.mark.parametrize(("command", "code", "output"), CASES, ids=[case[0][2:] for case in CASES])
def test_what_it_says(place: Path, capsys: pytest.CaptureFixture[str], command: str, code: str, output: str) -> None:
    ended = invoke(cli, shlex.split(command)[2:])
    captured = capsys.readouterr()
    said = captured.out.replace(str(builtin_folder()), "BUILTIN") + "".join(f"! {line}\n" for line in captured.err.splitlines())
    assert f"[{ended}]" == code
    assert [line.rstrip() for line in said.splitlines()] == output.splitlines()
    assert NAME not in captured.out + captured.err


class Disagreeing:
    """A classifier whose sources contradict each other, and one of which uses a word that may be anything."""

    def classify(self, image: Image) -> Labels:
        return Labels(Label("CT", 0.9), Label("image", 1.0), conflict=True)

    def opinions(self, image: Image) -> dict[str, Labels]:
        return {
            "header": Labels(Label("CT", 0.9), Label("image", 1.0), Label(NAME, 1.0)),
            "pixels": Labels(Label(NAME, 0.8), Label("capture", 0.97)),
        }


def test_header_and_pixels_that_contradict_are_both_told(place: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    @hookimpl
    def deidkit_components() -> list[Component]:
        real = [component for component in installed_before.components() if component.kind != "classifier"]
        return [*real, Component("classifier", "two", Options, lambda _: Disagreeing(), "a fake")]

    installed_before = installed()
    known = Registry.of({"fakes": SimpleNamespace(deidkit_components=deidkit_components)})
    monkeypatch.setattr("deidkit.registry.installed", lambda: known)
    assert invoke(cli, ["profiles", "explain", "ct.dcm"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[:4] == [
        "labels by header modality CT 0.90, kind image 1.00, manufacturer (a word of its own) 1.00",
        "labels by pixels modality (a word of its own) 0.80, kind capture 0.97",
        "labels modality CT 0.90, kind image 1.00, by two",
        "contradiction header and pixels",
    ]
    assert lines[4].startswith("profile strict, builtin, ")
    assert lines[5] == "selected by the site's setting for contradicting labels"
    assert invoke(cli, ["profiles", "explain", "ct.dcm", "--json"]) == 0
    data = json.loads(text := capsys.readouterr().out)
    assert (data["contradiction"], data["profile"]["by"], NAME in text) == ("header and pixels", "contradicting", False)
    assert data["opinions"]["pixels"]["kind"] == {"value": "capture", "confidence": 0.97}


def test_an_object_that_its_profile_cannot_serve_is_told_so(place: Path, capsys) -> None:
    assert invoke(cli, ["profiles", "explain", "bare.dcm"]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[3:6]] == ["quarantined", "profile", "selected"]


def test_an_object_without_pixels_is_explained(place: Path, capsys) -> None:
    assert invoke(cli, ["profiles", "explain", "sr.dcm", "--attribute", "PatientBirthDate"]) == 0
    said = capsys.readouterr().out
    assert "match: kind sr, in the layer builtin" in said
    assert "labels by pixels" not in said


def test_no_map_is_written(place: Path) -> None:
    profile = place / "site" / "campus.yaml"
    profile.write_text(profile.read_text().replace("retain: [safe_private]", f'map_file: "{place}/map"'))
    assert invoke(cli, ["profiles", "explain", "ct.dcm", "--profiles", "site", "--attribute", "PatientID"]) == 0
    assert not (place / "map").exists()
