"""Whole sets: every depth, photometric interpretation and truth format agree with each other."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner

from deidkit.components import read_options
from deidkit.errors import UsageError
from deidkit_synth import writing
from deidkit_synth.command import synth
from deidkit_synth.fonts import FontBank, find_faces, font_folders
from deidkit_synth.options import Item, SceneOptions
from deidkit_synth.scenes import SceneMaker
from deidkit_synth.stored import dataset

FONTS = font_folders("wheels")
SMALL = {"rows": (96, 120), "columns": (120, 160), "layouts": (1, 3)}


def run(*arguments):
    return CliRunner().invoke(synth, ["--fonts", "wheels", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def control(tmp_path):
    path = tmp_path / "control.yaml"
    path.write_text("rows: [96, 120]\ncolumns: [120, 160]\nlayouts: [1, 3]\n")
    return path


def test_all_truth_formats_tell_the_same_boxes(tmp_path, control):
    out = tmp_path / "set"
    formats = [part for name in ("json", "csv", "voc", "yolo", "coco") for part in ("--truth", name)]
    assert run("--output", out, "--count", 3, "--control", control, "--strokes", *formats).exit_code == 0
    truth = json.loads((out / "truth.json").read_text("utf-8"))
    boxes = sorted(tuple(i["box"]) for entry in truth.values() for i in entry["instances"])
    with (out / "truth.csv").open(newline="", encoding="utf-8") as stream:
        table = sorted(tuple(int(row[k]) for k in ("x0", "y0", "x1", "y1")) for row in csv.DictReader(stream))
    notes = json.loads((out / "coco.json").read_text())["annotations"]
    coco = sorted((x, y, x + w, y + h) for x, y, w, h in (note["bbox"] for note in notes))
    voc = sorted(
        (int(b.findtext("xmin")) - 1, int(b.findtext("ymin")) - 1, int(b.findtext("xmax")), int(b.findtext("ymax")))
        for path in (out / "voc").glob("*.xml")
        for b in ET.parse(path).getroot().iter("bndbox")
    )
    yolo = sum(len(p.read_text().split()) // 5 for p in (out / "yolo").glob("0*.txt"))
    assert boxes and boxes == table == coco == voc and yolo == len(boxes)


@pytest.mark.parametrize("semaphores", [True, False])
def test_the_same_seed_writes_the_same_set_with_any_number_of_processes(tmp_path, control, monkeypatch, semaphores):
    def without(*arguments, **options):
        raise FileNotFoundError

    if not semaphores:
        monkeypatch.setattr(writing, "ProcessPoolExecutor", without)
    for name, workers in (("a", 1), ("b", 2)):
        run("--output", tmp_path / name, "--count", 3, "--control", control, "--workers", workers, "--seed", 9)
    for path in sorted((tmp_path / "a").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


@pytest.mark.parametrize(
    ("photometric", "bits", "signed", "frames"),
    [
        ("MONOCHROME2", 8, False, 1),
        ("MONOCHROME1", 12, False, 3),
        ("MONOCHROME2", 16, True, 1),
        ("RGB", 8, False, 2),
        ("YBR_FULL", 8, False, 1),
        ("PALETTE COLOR", 8, False, 1),
    ],
)
def test_objects_decode_to_what_was_drawn(photometric, bits, signed, frames):
    options = SceneOptions(photometric=photometric, bits=bits, signed=signed, frames=frames, **SMALL)
    scene = SceneMaker(options, FontBank(find_faces(FONTS)), seed=4).make(0)
    ds = dataset(scene, options)
    pixels = ds.pixel_array.reshape(frames, ds.Rows, ds.Columns, -1)
    assert (ds.BitsStored, ds.PixelRepresentation) == (bits, int(signed))
    shown = pixels[0, ..., 0].astype(float)
    drawn = scene.frames[0].image.astype(float) @ [0.299, 0.587, 0.114]
    way = -1 if photometric == "MONOCHROME1" else 1
    if photometric != "RGB":
        assert np.corrcoef(shown.ravel(), way * drawn.ravel())[0, 1] > 0.99
    assert str(ds.PatientName) == scene.patient.name and ds.BurnedInAnnotation == "YES"


def test_without_text_nothing_is_planted(tmp_path, control):
    run("--output", tmp_path / "set", "--count", 2, "--control", control, "--without-text", "--format", "dcm")
    truth = json.loads((tmp_path / "set" / "truth.json").read_text("utf-8"))
    assert all(not entry["instances"] for entry in truth.values())
    assert pydicom.dcmread(tmp_path / "set" / "images" / "000000.dcm").BurnedInAnnotation == "NO"


def test_a_control_file_places_what_it_says(tmp_path):
    path = tmp_path / "control.yaml"
    path.write_text(
        "rows: [200, 200]\ncolumns: [400, 400]\nnegatives: 0\njpeg: 0\n"
        "items:\n  - {text: 'Name {name}', corner: bottom-right, x: 0.1, y: 0.2, size: [16, 16], colour: [255, 255, 0]}\n"
        "  - {kind: scale, repeat: 3, spacing: 2.0, size: [12, 12], x: 0.0, y: 0.0}\n"
    )
    options = read_options(SceneOptions, path, {}, "the control file")
    scene = SceneMaker(options, FontBank(find_faces(FONTS)), seed=2).make(0)
    name = next(i for i in scene.frames[0].instances if i.kind == "identity")
    assert scene.patient.name in name.text
    assert abs(name.box[2] - 360) <= 1 and abs(name.box[3] - 160) <= 1
    tops = [i.box[1] for i in scene.frames[0].instances if i.kind == "scale"]
    assert len(tops) == 3 and tops[1] - tops[0] >= 20


@pytest.mark.parametrize("text", ["rows: 3\n", "colour: red\n", "- 1\n", "bits: 99\n", "a: [\n"])
def test_bad_control_files_are_usage_errors(tmp_path, text):
    path = tmp_path / "control.yaml"
    path.write_text(text)
    with pytest.raises(UsageError):
        read_options(SceneOptions, path, {}, "the control file")


def test_the_page_names_every_field_and_its_example_is_understood(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "synth.md").read_text()
    named = set(re.findall(r"`(\w+)`", page))
    assert {*SceneOptions.model_fields, *Item.model_fields} <= named
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "control.yaml").write_text(example)
    assert len(read_options(SceneOptions, tmp_path / "control.yaml", {}, "the control file").items) == 3
