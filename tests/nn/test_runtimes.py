"""Whatever runs a network, it sees the same; what is missing is said with the command that installs it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom import Dataset

from deidkit.errors import EnvironmentFault
from deidkit.imaging.boxes import rasterise
from deidkit.keys import Keys
from deidkit.nn.cards import Card, load_card
from deidkit.nn.openvino_runtime import OpenVinoNetwork
from deidkit.nn.runtimes import onnx_file, open_network, sums_bytes
from deidkit.registry import discover, installed
from deidkit.testing.images import frame_of
from deidkit.types import Context, Deadline, Labels

DETECTORS = ["dbnet", "retinanet"]
STATM = Path("/proc/self/statm")


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
    usual = installed().build("detector", name, {"precision": "float"})
    other = installed().build("detector", name, {"runtime": "openvino"})
    for view in (screen(), screen()[:, :250], np.rot90(screen()).copy()):
        first, second = (rasterise(found(detector, view), view.shape) for detector in (usual, other))
        assert (first & second).sum() > 0.9 * (first | second).sum() > 0, "a faint end may differ by rounding, a line may not"
    assert len(found(usual, screen())) >= 3
    assert other.network.digest == usual.network.digest


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize(("runtime", "package"), [("openvino", "openvino"), ("torch", "torch")])
def test_a_missing_runtime_says_how_to_get_it(monkeypatch, name, runtime, package):
    for module in [m for m in sys.modules if m.partition(".")[0] == package or m == f"deidkit_{name}.network"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("deidkit.nn.openvino_runtime._compiled", {})
    with pytest.raises(EnvironmentFault, match=r"pip install 'deidkit-imaging\["):
        discover().build("detector", name, {"runtime": runtime})


QUIET = """
import sys
from deidkit.registry import installed
installed().build("detector", "dbnet", {"runtime": "openvino"})
assert "openvino" in sys.modules
print([name for name in sys.modules if name.startswith("openvino_telemetry.")])
"""


def test_openvino_tells_nobody_that_it_runs(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", QUIET], env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not STATM.exists(), reason="only Linux says how much memory a process has")
def test_openvino_keeps_nothing_of_the_sizes_of_earlier_images():
    detector = installed().build("detector", "dbnet", {"runtime": "openvino"})

    def megabytes(rows, columns):
        detector.network.run(np.zeros((1, detector.inputs, rows, columns), np.float32))
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    first = megabytes(704, 704)
    last = [megabytes(rows, columns) for rows in range(160, 704, 64) for columns in range(128, 704, 96)][-1]
    assert last - first < 150


def test_what_openvino_cannot_load_is_an_environment_fault():
    with pytest.raises(EnvironmentFault, match="OpenVINO cannot load"):
        OpenVinoNetwork(b"\x08" + bytes(100), "00")


def test_openvino_runs_only_weights_that_are_what_their_card_says(tmp_path):
    (tmp_path / "toy.onnx").write_bytes(b"\x08\x07")
    facts = {"name": "toy", "version": "1", "files": {"toy.onnx": hashlib.sha256(b"other").hexdigest()}}
    (tmp_path / "toy.card.json").write_text(json.dumps(facts))
    with pytest.raises(EnvironmentFault, match="SHA-256"):
        open_network(load_card(tmp_path / "toy.card.json"), "toy.onnx", "openvino", "cpu", lambda: None)


@pytest.mark.parametrize(
    ("machine", "flags", "expected"),
    [
        ("x86_64", "fpu sse4_2 avx2 avx512_vnni", True),
        ("x86_64", "fpu avx2 avx_vnni", True),
        ("AMD64", "fpu avx2 avx512f", False),
        ("x86_64", None, False),
        ("aarch64", None, True),
    ],
)
def test_eight_bits_are_left_to_cpus_that_sum_them(tmp_path, monkeypatch, machine, flags, expected):
    cpu = tmp_path / "cpuinfo"
    if flags is not None:
        cpu.write_text(f"flags : {flags}\n")
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert sums_bytes(cpu) is expected
    monkeypatch.setattr("deidkit.nn.runtimes.sums_bytes", lambda: expected)
    card = Card("net", "1", {}, {"recommended": "int8"}, tmp_path)
    assert onnx_file(card, "auto", "onnx") == ("net.int8.onnx" if expected else "net.onnx")
    assert onnx_file(card, "int8", "onnx") == "net.int8.onnx"
    assert onnx_file(card, "auto", "openvino") == onnx_file(card, "float", "onnx") == "net.onnx"
