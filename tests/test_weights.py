"""Every record of a file names the weights that looked at it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import deidkit
from deidkit.inference import load_card
from deidkit.keys import Keys
from deidkit.registry import installed
from deidkit.testing.phantoms import make
from deidkit.weights import note, noted

PLUGINS = Path(__file__).parents[1] / "plugins"


def test_who_builds_hears_what_is_opened_within():
    with noted() as outer:
        note({"a.onnx": "1"})
        with noted() as inner:
            note({"b.onnx": "2"})
        note({"c.onnx": "3"})
    note({"d.onnx": "4"})
    assert inner == {"b.onnx": "2"}
    assert outer == {"a.onnx": "1", "b.onnx": "2", "c.onnx": "3"}


@pytest.mark.parametrize(
    ("kind", "name", "options", "file"),
    [
        ("detector", "dbnet", {}, "dbnet.int8.onnx"),
        ("detector", "retinanet", {}, "retinanet.onnx"),
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
    assert {"dbnet.int8.onnx", "retinanet.onnx", "modality.onnx"} <= set(line["weights"])
    assert line["outcome"] == "released"
    [released] = map(json.loads, (tmp_path / "out/released.jsonl").read_text().splitlines())
    assert released["weights"] == line["weights"]
