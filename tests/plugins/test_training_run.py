"""A very short run of the real thing, where torch is installed: data, loop, export, card."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from needs import require

from deidkit.nn.cards import load_card
from deidkit.nn.onnx_runtime import open_onnx
from deidkit.nn.preprocessing import CHANNELS

require("lightning")
require("safetensors")


@pytest.mark.parametrize("model", ["dbnet", "retinanet"])
def test_two_steps_give_weights_that_load(tmp_path, model):
    from deidkit_training.config import TrainOptions
    from deidkit_training.run import train

    options = TrainOptions(steps=2, validation=4, calibration=4, batch=2, workers=0, threads=1, tiles={"size": 64})
    path, figures = train(model, options, tmp_path)
    card = load_card(path)
    assert 0 <= figures.found <= 1 and (tmp_path / "last.ckpt").exists()
    outputs = open_onnx(card, f"{model}.onnx").run(np.zeros((1, CHANNELS, 64, 128), np.float32))
    assert all(np.isfinite(output).all() for output in outputs)
    assert (f"{model}.int8.onnx" in card.files) == ("int8_validation" in card.facts)


def test_a_network_of_another_shape_runs_by_torch_as_by_onnx(tmp_path, monkeypatch):
    from deidkit_dbnet import detector
    from deidkit_dbnet.options import DBNetOptions
    from deidkit_training.config import TrainOptions
    from deidkit_training.run import find_recipe, shipped_figures, train

    shape = {"widths": [8, 12, 16, 20, 24], "depths": [2, 1, 2], "inner": 20}
    options = TrainOptions(
        steps=2, validation=4, calibration=4, batch=2, workers=0, threads=1, tiles={"size": 64}, model={**shape, "int8": False}
    )
    path, _ = train("dbnet", options, tmp_path)
    assert load_card(path).facts["shape"] == shape
    monkeypatch.setattr(detector, "CARD", path)
    view = np.random.default_rng(0).integers(0, 255, (90, 130, 3), np.uint8)
    by_onnx, by_torch = (detector.DBNetDetector(DBNetOptions(runtime=runtime)).maps(view) for runtime in ("onnx", "torch"))
    assert np.allclose(by_onnx, by_torch, atol=1e-3) and by_onnx.std() > 0
    assert shipped_figures(find_recipe("dbnet", shape), options) is not None


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        ("dbnet", {"widths": [8, 8]}),
        ("dbnet", {"depths": [1, 0, 1]}),
        ("dbnet", {"width": 3}),
        ("dbnet", {"inputs": 3}),
        ("retinanet", {"depth": 1}),
        ("retinanet", {"inputs": 6}),
    ],
)
def test_a_shape_that_no_network_has_is_a_usage_error(model, wrong):
    from deidkit.errors import UsageError
    from deidkit_training.run import find_recipe

    with pytest.raises(UsageError):
        find_recipe(model, wrong)


def test_of_two_devices_one_writes_the_card(tmp_path):
    config = tmp_path / "two.yaml"
    config.write_text(
        "{steps: 2, batch: 2, workers: 0, devices: 2, accelerator: cpu, validation: 4, calibration: 4, tiles: {size: 64}}"
    )
    command = [sys.executable, "-m", "deidkit", "train", "detector", "--model", "dbnet"]
    files = ["--config", str(config), "--output", str(tmp_path / "out")]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("dbnet.card.json") == 1 and "2 processes" in done.stderr and "unexpected" not in done.stderr


@pytest.mark.parametrize(
    ("found", "false_area", "recommended"),
    [(0.9, 0.01, "int8"), (0.899, 0.01, "int8"), (0.889, 0.01, "float"), (0.92, 0.02, "float")],
)
def test_eight_bits_are_recommended_where_they_cost_little(monkeypatch, found, false_area, recommended):
    from deidkit_training import export, run
    from deidkit_training.config import TrainOptions
    from deidkit_training.gate import Figures

    monkeypatch.setattr(export, "OnnxModule", lambda path: path)
    monkeypatch.setattr(run, "measure", lambda *_: Figures(found, 1.0, 1.0, false_area, 100))
    facts = run.eight_bits(run.find_recipe("dbnet", {}), "any.onnx", Figures(0.9, 1.0, 1.0, 0.01, 100), TrainOptions())
    assert facts["recommended"] == recommended and facts["int8_validation"]["found"] == found


def test_promoted_weights_leave_none_of_the_old_behind(tmp_path, monkeypatch):
    from deidkit_training import run
    from deidkit_training.card import write_card
    from deidkit_training.config import TrainOptions
    from deidkit_training.gate import Figures

    shipped, new = tmp_path / "shipped", tmp_path / "new"
    for folder, files in ((shipped, ["dbnet.onnx", "dbnet.int8.onnx"]), (new, ["dbnet.onnx"])):
        folder.mkdir()
        for file in files:
            (folder / file).write_bytes(folder.name.encode())
        write_card(folder, "dbnet", files, {})
    monkeypatch.setattr(run, "shipped_folder", lambda _: shipped)
    monkeypatch.setattr(run, "shipped_figures", lambda *_: Figures(0.5, 0.5, 0.5, 0.0, 100))
    assert not run.promote("dbnet", TrainOptions(), new, Figures(0.4, 0.5, 0.5, 0.0, 100))
    assert (shipped / "dbnet.int8.onnx").exists()
    (new / "dbnet.onnx").rename(new / "elsewhere")
    with pytest.raises(FileNotFoundError):
        run.promote("dbnet", TrainOptions(), new, Figures(0.6, 0.5, 0.5, 0.0, 100))
    assert (shipped / "dbnet.int8.onnx").exists()
    (new / "elsewhere").rename(new / "dbnet.onnx")
    assert run.promote("dbnet", TrainOptions(), new, Figures(0.6, 0.5, 0.5, 0.0, 100))
    assert sorted(path.name for path in shipped.iterdir()) == ["dbnet.card.json", "dbnet.onnx"]
    assert load_card(shipped / "dbnet.card.json").files.keys() == {"dbnet.onnx"}


def test_the_validation_set_is_the_same_whatever_is_trained_on():
    from deidkit_training.data import calibration_tiles, validation_tiles

    for tiles in (validation_tiles, calibration_tiles):
        plain, other = (list(tiles(2, conditions)) for conditions in ({}, {"hard": 1.0, "empty": 0.0, "part": "train"}))
        assert all(np.array_equal(a.image, b.image) for a, b in zip(plain, other, strict=True))


@pytest.mark.parametrize("model", ["dbnet", "retinanet"])
def test_a_network_that_starts_from_one_of_fewer_channels_answers_as_that_one_does(tmp_path, model):
    import torch
    from safetensors.torch import save_file

    from deidkit.errors import UsageError
    from deidkit_training.run import find_recipe
    from deidkit_training.start import weights_for

    before, after = (find_recipe(model, {"inputs": inputs}).model().eval() for inputs in (4, 5))
    save_file(before.state_dict(), tmp_path / "before.safetensors")
    after.load_state_dict(weights_for(after, str(tmp_path / "before.safetensors")))
    view = torch.randn(1, 5, 64, 64)
    with torch.inference_mode():
        for one, other in zip(before(view[:, :4]), after(view), strict=True):
            assert torch.allclose(one, other, atol=1e-5)
    save_file(after.state_dict(), tmp_path / "after.safetensors")
    with pytest.raises(UsageError, match="5 channels"):
        weights_for(before, str(tmp_path / "after.safetensors"))
    if model == "retinanet":
        started = find_recipe(model, {"start": str(tmp_path / "before.safetensors")}).model()
        assert torch.equal(started.encoder.stem[0].weight, after.encoder.stem[0].weight)


def test_a_card_names_what_training_started_from_without_its_folder():
    import json

    from deidkit_training.config import TrainOptions
    from deidkit_training.gate import Figures
    from deidkit_training.run import card_facts

    options = TrainOptions(start="/home/doe/first.safetensors", model={"start": "/home/doe/other.safetensors", "inputs": 5})
    facts = card_facts("retinanet", options, Figures(1.0, 1.0, 1.0, 0.0, 1))
    assert facts["training"]["start"] == "first.safetensors"
    assert facts["training"]["model"] == {"start": "other.safetensors", "inputs": 5} and "doe" not in json.dumps(facts)
