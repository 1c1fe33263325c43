"""The gate lets only better weights in; the training file is checked whole. Nothing here needs torch."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from deidkit.components import read_options
from deidkit.errors import UsageError
from deidkit.nn.cards import load_card
from deidkit_training.card import write_card
from deidkit_training.config import TrainOptions
from deidkit_training.gate import Figures, allowed, judge


def figures(found, false_area):
    return Figures(found, found, found, false_area, 100)


def test_better_weights_pass_and_equal_or_worse_do_not():
    shipped = figures(0.95, 0.002)
    assert allowed(figures(0.96, 0.002), shipped) and allowed(figures(0.95, 0.001), shipped)
    assert not allowed(shipped, shipped) and not allowed(figures(0.97, 0.02), shipped)
    assert allowed(figures(0.1, 0.5), None)


def line(box, size=20, contrast=0.5, legible=True):
    return SimpleNamespace(box=box, size=size, contrast=contrast, legible=legible)


def tile():
    maps = {name: np.zeros((60, 60), np.uint8) for name in ("region", "stroke", "ignore")}
    lines = [line((5, 5, 25, 15)), line((5, 30, 25, 38), size=8), line((40, 40, 55, 55), legible=False)]
    for i in lines:
        x0, y0, x1, y1 = i.box
        maps["region" if i.legible else "ignore"][y0:y1, x0:x1] = 1
        maps["stroke"][y0:y1, x0:x1] = 1
    return SimpleNamespace(instances=lines, **maps)


def test_the_judge_counts_lines_by_ink_and_area_beyond_text():
    def covers(*boxes):
        covered = np.zeros((60, 60), bool)
        for x0, y0, x1, y1 in boxes:
            covered[y0:y1, x0:x1] = True
        return judge([tile()], lambda _: covered)

    whole = covers((5, 5, 25, 15), (5, 30, 25, 38))
    assert (whole.found, whole.small, whole.lines, whole.false_area) == (1.0, 1.0, 2, 0.0)
    half = covers((5, 5, 15, 15))
    assert half.found == 0.0 and half.false_area == 0.0
    stray = covers((5, 5, 25, 15), (50, 0, 60, 10), (40, 40, 55, 55))
    assert stray.found == 0.5 and 0.02 < stray.false_area < 0.03


def test_a_card_names_every_file_with_its_hash(tmp_path):
    (tmp_path / "toy.onnx").write_bytes(b"\x08")
    path = write_card(tmp_path, "toy", ["toy.onnx"], {"rules": {"score": 0.5}})
    card = load_card(path)
    assert card.facts["rules"] == {"score": 0.5} and len(card.files["toy.onnx"]) == 64


def test_training_options_have_defaults_and_refuse_what_they_do_not_know(tmp_path):
    assert read_options(TrainOptions, None, {}, "the file").steps > 0
    path = tmp_path / "train.yaml"
    path.write_text("steps: 5\nminutes: 2\n")
    options = read_options(TrainOptions, path, {}, "the file")
    assert (options.steps, options.minutes) == (5, 2.0)
    for text in ("stepz: 5\n", "steps: 0\n", "steps: many\n", "a: ["):
        path.write_text(text)
        with pytest.raises(UsageError):
            read_options(TrainOptions, path, {}, "the file")
