"""Every record of a file names the weights that looked at it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import deidkit
from deidkit.keys import Keys
from deidkit.nn.cards import load_card
from deidkit.nn.runtimes import onnx_file
from deidkit.nn.weights_used import note, noted
from deidkit.registry import installed
from deidkit.testing.phantoms import make
from deidkit_tesseract.program import Program

PLUGINS = Path(__file__).parents[2] / "plugins"


def usual(name):
    """The weights of a network that this machine runs where a profile says nothing."""
    return onnx_file(load_card(PLUGINS / f"deidkit_{name}" / "weights" / f"{name}.card.json"), "auto", "onnx")


def test_who_builds_hears_what_is_opened_within():
    with noted() as outer:
        note({"a.onnx": "1"})
        with noted() as inner:
            note({"b.onnx": "2"})
        note({"c.onnx": "3"})
    note({"d.onnx": "4"})
    assert inner == {"b.onnx": "2"}
    assert outer == {"a.onnx": "1", "b.onnx": "2", "c.onnx": "3"}


def test_two_files_of_one_name_are_both_told():
    with noted() as weights:
        note({"model.onnx": "a" * 64})
        note({"model.onnx": "b" * 64})
    assert weights == {"model.onnx": "a" * 64, "model.onnx bbbbbbbb": "b" * 64}


@pytest.mark.parametrize("path", ["/home/dr_smith/net.onnx", "C:\\Users\\smith\\net.onnx", "smith/net.onnx", "net.onnx"])
def test_no_folder_is_told(path):
    with noted() as weights:
        note({path: "a" * 64})
    assert weights == {"net.onnx": "a" * 64}


def test_what_failed_or_is_kept_aside_is_not_told_onward():
    def fails():
        with noted():
            note({"a.onnx": "1"})
            raise ValueError("broken")

    with noted() as outer:
        with pytest.raises(ValueError, match="broken"):
            fails()
        with noted(onward=False) as aside:
            note({"b.onnx": "2"})
    assert (outer, aside) == ({}, {"b.onnx": "2"})


@pytest.mark.parametrize(
    ("kind", "name", "options", "file"),
    [
        ("detector", "dbnet", {"precision": "int8"}, "dbnet.int8.onnx"),
        ("detector", "retinanet", {"precision": "float"}, "retinanet.onnx"),
        ("classifier", "modality", {}, "modality.onnx"),
    ],
)
def test_a_component_made_before_says_its_weights_again(kind, name, options, file):
    registry = installed()
    for _ in range(2):
        with noted() as weights:
            registry.build(kind, name, options)
        folder = PLUGINS / f"deidkit_{name}" / "weights"
        assert weights[file] == hashlib.sha256((folder / file).read_bytes()).hexdigest()
        assert set(weights.values()) <= set(load_card(folder / f"{name}.card.json").files.values())


def test_openvino_says_in_what_it_computes():
    with noted() as weights:
        installed().build("detector", "retinanet", {"runtime": "openvino"})
    assert set(weights) <= {"retinanet.onnx (openvino, f32)", "retinanet.onnx (openvino, bf16)"}
    assert weights


@pytest.mark.needs("tesseract")
def test_what_reads_says_its_weights_too():
    with noted() as weights:
        installed().build("detector", "tesseract")
        installed().build("recogniser", "rapidocr")
    assert {name.rpartition(".")[2] for name in weights} == {"traineddata", "onnx"}
    assert all(len(digest) == 64 for digest in weights.values())


def test_manifest_and_released_list_hold_the_hashes(tmp_path):
    make("us", 0).dataset.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    settings = deidkit.Settings(keys=Keys(bytes(32)), profile="us")
    deidkit.run([tmp_path / "a.dcm"], tmp_path / "out", settings)
    [line] = map(json.loads, (tmp_path / "out/private/manifest.jsonl").read_text().splitlines())
    assert {usual("dbnet"), usual("retinanet"), "modality.onnx"} <= set(line["weights"])
    assert line["outcome"] == "released"
    [released] = map(json.loads, (tmp_path / "out/released.jsonl").read_text().splitlines())
    assert released["weights"] == line["weights"]


PROFILE = """
profile: by_ocr
schema_version: 1
extends: us
detect: [{use: tesseract}]
"""


@pytest.mark.needs("tesseract")
def test_readers_that_look_again_are_told_by_every_file_they_read(tmp_path):
    """One of another family than the detector's is made when the first file is verified, and looks at all."""
    (tmp_path / "in").mkdir()
    for seed in range(2):
        make("us", seed).dataset.save_as(tmp_path / "in" / f"{seed}.dcm", enforce_file_format=True)
    (tmp_path / "by_ocr.yaml").write_text(PROFILE)
    deidkit.run(
        [tmp_path / "in"], tmp_path / "out", deidkit.Settings(keys=Keys(bytes(32)), profile=str(tmp_path / "by_ocr.yaml"))
    )
    lines = [json.loads(line) for line in (tmp_path / "out/private/manifest.jsonl").read_text().splitlines()]
    read = [line for line in lines if any(check["name"] == "recheck" for check in line["checks"])]
    assert len(lines) == 2
    assert read
    for line in read:
        assert {"eng.traineddata", "modality.onnx"} <= set(line["weights"])
        assert any("rec" in name and name.endswith(".onnx") for name in line["weights"])
        assert not any("dbnet" in name for name in line["weights"])


def test_a_refused_file_and_a_plan_tell_what_was_looked_with(tmp_path):
    make("us", 0).dataset.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    (tmp_path / "b.dcm").write_bytes(b"no image")
    settings = deidkit.Settings(keys=Keys(bytes(32)), profile="us")
    planned = {outcome.source: outcome for outcome in deidkit.plan([tmp_path / "a.dcm", tmp_path / "b.dcm"], settings)}
    assert usual("dbnet") in planned["a.dcm"].weights
    assert planned["b.dcm"].weights == {}


@pytest.mark.needs("tesseract")
@pytest.mark.parametrize(("psm", "files"), [(11, {"eng.traineddata"}), (12, {"eng.traineddata", "osd.traineddata"})])
def test_tesseract_tells_what_it_loads(psm, files):
    with noted() as weights:
        installed().build("detector", "tesseract", {"psm": psm})
    assert set(weights) == files


def test_without_a_folder_of_languages_no_file_of_another_is_told(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\necho 'List of available languages (1):'\necho eng\n")
    program.chmod(0o755)
    (tmp_path / "eng.traineddata").write_bytes(b"somebody's")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    with noted() as weights:
        Program(["eng"], 11)
    assert weights == {}
