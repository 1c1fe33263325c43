"""Weights are read only when they are what their card says, and never when they are pickles."""

from __future__ import annotations

import hashlib
import json
import pickle

import pytest

from deidkit.errors import EnvironmentFault
from deidkit.nn.cards import checked_bytes, load_card
from deidkit.nn.onnx_runtime import open_onnx


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def card_for(folder, name, content, digest=None):
    (folder / name).write_bytes(content)
    facts = {"name": "toy", "version": "1", "files": {name: digest or hashlib.sha256(content).hexdigest()}}
    (folder / "toy.card.json").write_text(json.dumps(facts))
    return load_card(folder / "toy.card.json")


def test_altered_weights_are_refused(tmp_path):
    card = card_for(tmp_path, "toy.onnx", b"\x08\x07" + bytes(20))
    assert checked_bytes(card, "toy.onnx")
    (tmp_path / "toy.onnx").write_bytes(b"\x08\x07" + bytes(19) + b"\x01")
    with pytest.raises(EnvironmentFault, match="SHA-256"):
        checked_bytes(card, "toy.onnx")


@pytest.mark.parametrize("name", ["toy.pt", "toy.pkl", "toy.onnx", "toy.safetensors"])
@pytest.mark.parametrize("protocol", range(6))
def test_pickles_are_refused_under_any_name(tmp_path, name, protocol):
    card = card_for(tmp_path, name, pickle.dumps(Bomb(), protocol))
    with pytest.raises(EnvironmentFault):
        checked_bytes(card, name)


@pytest.mark.parametrize("name", ["toy.onnx", "toy.safetensors"])
def test_torch_archives_are_refused(tmp_path, name):
    with pytest.raises(EnvironmentFault, match="pickle"):
        checked_bytes(card_for(tmp_path, name, b"PK\x03\x04" + bytes(40)), name)


@pytest.mark.parametrize("name", ["../toy.onnx", "other.onnx", "/etc/hostname"])
def test_only_files_named_by_the_card_are_read(tmp_path, name):
    card = card_for(tmp_path, "toy.onnx", b"\x08")
    with pytest.raises(EnvironmentFault, match="does not name"):
        checked_bytes(card, name)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "a", "version": "1", "files": {"a.onnx": "00"}}', '{"files": 3}'])
def test_a_card_without_hashes_is_no_card(tmp_path, text):
    (tmp_path / "toy.card.json").write_text(text)
    with pytest.raises(EnvironmentFault):
        load_card(tmp_path / "toy.card.json")


def test_a_file_that_onnxruntime_cannot_load_is_an_environment_fault(tmp_path):
    card = card_for(tmp_path, "toy.onnx", b"\x08" + bytes(100))
    with pytest.raises(EnvironmentFault, match="onnxruntime cannot load"):
        open_onnx(card, "toy.onnx")
