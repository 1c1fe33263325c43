"""The whole comparison with a real detector on images drawn here."""

from __future__ import annotations

import json
import os
import shutil

import cv2
import numpy as np
import pytest

from deidkit.compare import comparison
from deidkit.compare.comparison import compare
from deidkit.errors import UsageError


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "images"
    made.mkdir()
    noise = np.random.default_rng(3)
    truth = {}
    for name, text in (("text.png", "PATIENT SMITH"), ("clean.png", "")):
        picture = noise.integers(20, 60, (240, 480), np.uint8)
        if text:
            cv2.putText(picture, text, (30, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 2, cv2.LINE_AA)
        cv2.imwrite(str(made / name), picture)
        truth[name] = [{"label": text, "left": 30, "top": 38, "width": 240, "height": 24}] if text else []
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    return made


def test_a_detector_is_measured_and_the_page_stands_alone(folder, tmp_path):
    result = compare(folder, ["rapidocr"], tmp_path / "out", tmp_path / "truth.json")
    (record,) = result["detectors"]
    assert record["recall"]["all"]["found"] == 1 and record["clean_area_covered"] < 0.01
    assert record["seconds_per_image"] > 0 and record["peak_bytes"] > 10**7
    page = (tmp_path / "out" / "compare.html").read_text()
    assert "rapidocr" in page and "http" not in page and "<script" not in page
    assert json.loads((tmp_path / "out" / "compare.json").read_text()) == result


def test_unknown_detectors_are_a_usage_error(folder, tmp_path):
    with pytest.raises(UsageError, match="there is no detector 'rapidorc'"):
        compare(folder, ["rapidorc"], tmp_path / "out", tmp_path / "truth.json")


def test_without_truth_the_detectors_are_set_against_each_other(folder, tmp_path):
    result = compare(folder, ["rapidocr", "dbnet"], tmp_path / "out")
    assert [record["detector"] for record in result["detectors"]] == ["rapidocr", "dbnet", "rapidocr+dbnet"]
    assert all(record["clean_area_covered"] is None for record in result["detectors"])


def test_without_truth_later_frames_count_too(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "AGREE", 2.0)
    pages = [cv2.imread(str(folder / name)) for name in ("clean.png",) * 5 + ("text.png",)]
    cv2.imwritemulti(str(folder / "cine.tiff"), pages)
    result = compare(folder, ["rapidocr", "dbnet"], tmp_path / "out")
    assert result["images"] == 2 + 3
    assert "cine.tiff, frame 6" in result["disagreements"]


def test_detectors_named_with_a_plus_are_one_row_and_run_once(folder, tmp_path):
    result = compare(folder, ["dbnet+retinanet", "dbnet"], tmp_path / "out", tmp_path / "truth.json")
    both, dbnet = result["detectors"]
    assert [both["detector"], dbnet["detector"]] == ["dbnet+retinanet", "dbnet"]
    assert both["seconds_per_image"] > dbnet["seconds_per_image"]
    assert both["recall"]["all"]["found"] >= dbnet["recall"]["all"]["found"]


def test_odd_truth_and_names_do_not_lose_a_finished_comparison(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "AGREE", 2.0)
    odd = os.fsencode(folder) + b"/bad\xff.png"
    shutil.copy(folder / "text.png", odd)
    entry = {"file": "text.png", "instances": [{"box": [600, 20, 640, 40]}]}
    (tmp_path / "truth.json").write_text(json.dumps({"one": entry}))
    (record,) = compare(folder, ["dbnet"], tmp_path / "out", tmp_path / "truth.json")["detectors"]
    assert record["recall"]["all"]["found"] == 0 and record["recall"]["all"]["of"] == 1
    result = compare(folder, ["dbnet", "rapidocr"], tmp_path / "other")
    assert len(result["disagreements"]) == 3 and "bad\\udcff.png" in (tmp_path / "other" / "compare.html").read_text()
    with pytest.raises(UsageError, match="folder"):
        compare(folder, ["dbnet"], tmp_path / "truth.json")


def test_masks_are_no_images_and_one_detector_is_one_row(folder, tmp_path):
    (folder / "strokes").mkdir()
    shutil.copy(folder / "text.png", folder / "strokes")
    (folder / "set.json").write_text("{}")
    result = compare(folder, ["dbnet", "dbnet+dbnet"], tmp_path / "out")
    assert result["images"] == 2 and len(result["detectors"]) == 1
