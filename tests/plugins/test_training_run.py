"""A very short run of the real thing, where torch is installed: data, loop, export, card."""

from __future__ import annotations

import numpy as np
import pytest

from deidkit.inference import load_card, open_onnx

pytest.importorskip("lightning")
pytest.importorskip("safetensors")


@pytest.mark.parametrize("model", ["dbnet", "retinanet"])
def test_two_steps_give_weights_that_load(tmp_path, model):
    from deidkit.registry import installed
    from deidkit_training.config import TrainOptions
    from deidkit_training.run import train

    if installed().find("detector", model) is None:
        pytest.skip("not offered as a component")
    options = TrainOptions(steps=2, validation=4, calibration=4, batch=2, workers=0, threads=1, tiles={"size": 64})
    path, figures = train(model, options, tmp_path)
    card = load_card(path)
    assert 0 <= figures.found <= 1 and (tmp_path / "last.ckpt").exists()
    outputs = open_onnx(card, f"{model}.onnx").run(np.zeros((1, 4, 64, 128), np.float32))
    assert all(np.isfinite(output).all() for output in outputs)
