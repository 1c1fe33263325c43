"""Whatever runs a network, it sees the same; what is missing is said with the command that installs it."""

from __future__ import annotations

import hashlib
import json
import sys

import cv2
import numpy as np
import pytest
from pydicom import Dataset

from deidkit.errors import EnvironmentFault
from deidkit.inference import load_card
from deidkit.keys import Keys
from deidkit.regions import covered
from deidkit.registry import discover, installed
from deidkit.runtimes import OpenVinoNetwork, open_network
from deidkit.testing.images import frame_of
from deidkit.types import Context, Deadline, Labels

DETECTORS = ["dbnet", "retinanet"]


def screen():
    view = np.full((300, 480), 30, np.uint8)
    for i, text in enumerate(("DOE^JOHN", "ID 4711-0815", "12.03.1956")):
        cv2.putText(view, text, (40, 60 + 90 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 220 - 50 * i, 1, cv2.LINE_AA)
    return view


def found(detector, view):
    context = Context(Labels(), "test", (), Keys(bytes(32)), Deadline.after(60), Dataset())
    return [region.box for region in detector.detect([frame_of(view)], context)[0]]


@pytest.mark.parametrize("name", DETECTORS)
def test_openvino_sees_what_onnx_runtime_sees(name):
    usual = installed().build("detector", name)
    other = installed().build("detector", name, {"runtime": "openvino"})
    for view in (screen(), screen()[:, :250], np.rot90(screen()).copy()):
        first, second = found(usual, view), found(other, view)
        assert all(covered(box, second) > 0.9 for box in first)
        assert all(covered(box, first) > 0.9 for box in second)
    assert len(found(usual, screen())) >= 3
    assert other.network.digest == usual.network.digest


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize(("runtime", "package"), [("openvino", "openvino"), ("torch", "torch")])
def test_a_missing_runtime_says_how_to_get_it(monkeypatch, name, runtime, package):
    for module in [m for m in sys.modules if m.partition(".")[0] == package or m == f"deidkit_{name}.network"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("deidkit.runtimes._compiled", {})
    with pytest.raises(EnvironmentFault, match=r"pip install 'deidkit\["):
        discover().build("detector", name, {"runtime": runtime})


def test_what_openvino_cannot_load_is_an_environment_fault():
    with pytest.raises(EnvironmentFault, match="OpenVINO cannot load"):
        OpenVinoNetwork(b"\x08" + bytes(100), "00")


def test_openvino_runs_only_weights_that_are_what_their_card_says(tmp_path):
    (tmp_path / "toy.onnx").write_bytes(b"\x08\x07")
    facts = {"name": "toy", "version": "1", "files": {"toy.onnx": hashlib.sha256(b"other").hexdigest()}}
    (tmp_path / "toy.card.json").write_text(json.dumps(facts))
    with pytest.raises(EnvironmentFault, match="SHA-256"):
        open_network(load_card(tmp_path / "toy.card.json"), "toy.onnx", "openvino", "cpu", lambda: None)
