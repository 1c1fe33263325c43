"""What is asked for is drawn, or it is said that it was not: the patient of the header, items, frames, odd requests."""

from __future__ import annotations

import json

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner

from deidkit.compare.truth import read
from deidkit.components import read_options
from deidkit.errors import UsageError
from deidkit_synth.command import synth
from deidkit_synth.fonts import FontBank, find_faces, font_folders, script_of
from deidkit_synth.glyphs import line
from deidkit_synth.looks import Look
from deidkit_synth.options import SceneOptions
from deidkit_synth.paint import Truth, plant
from deidkit_synth.scenes import SceneMaker

FONTS = font_folders("wheels")
BARE = "rows: [240, 240]\ncolumns: [320, 320]\nnegatives: 0\njpeg: 0\n"


def run(*arguments):
    return CliRunner().invoke(synth, ["--fonts", "wheels", *map(str, arguments)])


def scene(tmp_path, text):
    (tmp_path / "control.yaml").write_text(BARE + text, "utf-8")
    options = read_options(SceneOptions, tmp_path / "control.yaml", {}, "the control file")
    return SceneMaker(options, FontBank(find_faces(FONTS)), seed=3).make(0)


def test_the_patient_of_the_header_is_in_the_pixels(tmp_path):
    run("--output", tmp_path / "set", "--count", 12, "--format", "dcm")
    truth = json.loads((tmp_path / "set" / "truth.json").read_text("utf-8"))
    for entry in truth.values():
        header = pydicom.dcmread(tmp_path / "set" / entry["file"], stop_before_pixels=True)
        said = "|".join(item["text"] for item in entry["instances"] if item["kind"] == "identity")
        assert str(header.PatientName).split("^")[0] in said


def test_text_stands_still_moves_and_comes_late(tmp_path):
    frames = scene(tmp_path, "frames: 4\nlayouts: [4, 4]\n").frames
    lines = [{(i.text, i.box) for i in frame.instances} for frame in frames]
    assert len(lines[0] & lines[3]) >= 3 and lines[0] & lines[1] == lines[0] - {x for x in lines[0] if x[0] == "MOVING"}
    assert len({i.box[0] for frame in frames for i in frame.instances if i.text == "MOVING"}) == 4
    items = "frames: 4\nitems:\n  - {text: LATE, appears: 0.5}\n  - {text: GOES, moves: [9, 0], y: 0.5}\n"
    frames = scene(tmp_path, items).frames
    assert [[i.text for i in frame.instances] for frame in frames] == [["GOES"]] * 2 + [["LATE", "GOES"]] * 2
    lefts = [frame.instances[-1].box[0] for frame in frames]
    assert np.diff(lefts).tolist() == [9, 9, 9]


def test_repeated_lines_go_down_from_every_corner(tmp_path):
    for corner in ("top-left", "bottom-right", "centre"):
        made = scene(tmp_path, f"items: [{{text: AB, corner: {corner}, repeat: 3, y: 0.05, size: [12, 12]}}]\n").frames[0]
        tops = [i.box[1] for i in made.instances]
        assert len(tops) == 3 and tops == sorted(tops)


@pytest.mark.parametrize("text", ["Müller Ščerbić", "NGUYỄN"])
def test_letters_with_marks_are_drawn_whole(tmp_path, text):
    made = scene(tmp_path, f"items: [{{text: '{text}', size: [16, 16]}}]\n")
    assert [i.text for i in made.frames[0].instances] == [text] and made.left_out == (0,)
    plain = scene(tmp_path, "items: [{text: 'M', size: [16, 16]}]\n").frames[0].instances[0]
    assert all(i.box[2] > 3 * plain.box[2] for i in made.frames[0].instances), "all letters take room"


def test_what_no_font_has_is_left_out_and_counted(tmp_path):
    made = scene(tmp_path, "items: [{text: 'A\U0001f9ff'}, {text: B, x: 0.5}]\n")
    assert [i.text for i in made.frames[0].instances] == ["B"] and made.left_out == (1,)
    done = run("--control", tmp_path / "control.yaml", "--count", 2, "--output", tmp_path / "set")
    assert done.exit_code == 0 and "2 lines were left out" in done.output


def test_scripts_are_told_by_their_letters():
    texts = ("Müller", "Иванова", "山田 Taro", "אבג", "محمد", "สมชาย", "राम")
    assert [script_of(text) for text in texts] == ["latin", "latin", "cjk", "latin", "arabic", "thai", "devanagari"]


@pytest.mark.parametrize("form", ["json", "coco", "voc", "yolo"])
def test_compare_reads_every_form_of_frames_alike(tmp_path, form):
    (tmp_path / "control.yaml").write_text(BARE + "frames: 3\nlayouts: [1, 2]\n")
    made = tmp_path / "set"
    options = ["--control", tmp_path / "control.yaml", "--format", "dcm", "--strokes", "--truth", "json", "--truth", form]
    assert run("--output", made, "--count", 2, *options).exit_code == 0
    path = made / {"json": "truth.json", "coco": "coco.json"}.get(form, form)
    first, second = read(made / "truth.json", made), read(path, made)
    assert [(s.name, s.frame, [i.box for i in s.instances]) for s in first] == [
        (s.name, s.frame, [i.box for i in s.instances]) for s in second
    ]
    if form != "yolo":
        assert [[i.counted for i in s.instances] for s in first] == [[i.counted for i in s.instances] for s in second]


@pytest.mark.parametrize(
    ("photometric", "bits", "kind"), [("MONOCHROME2", 8, 2), ("MONOCHROME2", 12, 3), ("RGB", 8, 4), ("PALETTE COLOR", 8, 2)]
)
def test_frames_have_the_class_of_their_samples(tmp_path, photometric, bits, kind):
    kind_of_pixels = ("--bits", bits, "--photometric", photometric)
    run("--output", tmp_path / "set", *["--count", "1", "--frames", "2", "--format", "dcm"], *kind_of_pixels)
    [path] = (tmp_path / "set" / "images").iterdir()
    assert pydicom.dcmread(path).SOPClassUID == f"1.2.840.10008.5.1.4.1.1.7.{kind}"


def test_dicom_files_serve_as_backgrounds(tmp_path):
    (tmp_path / "control.yaml").write_text(BARE)
    control = ("--control", tmp_path / "control.yaml")
    run("--output", tmp_path / "clean", *["--count", "2", "--format", "dcm", "--without-text"], *control)
    (tmp_path / "control.yaml").write_text(BARE + "real: 1\n")
    done = run("--backgrounds", tmp_path / "clean", "--output", tmp_path / "set", "--count", 1, *control)
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "set" / "truth.json").read_text("utf-8"))["images/000000.png#0"]["modality"] == "given"


@pytest.mark.parametrize(
    "text",
    [
        "rows: [800, 480]\n",
        "rows: [0, 0]\n",
        "contrast: [2, 1]\n",
        "bits: 12\nphotometric: RGB\n",
        "signed: true\n",
        "items: [{size: [9, 7]}]\n",
        "items: [{colour: [300, 0, 0]}]\n",
        'items: [{text: "A\\tB"}]\n',
        "items:\n  - text: |\n      A\n",
    ],
)
def test_values_that_fit_nothing_are_usage_errors(tmp_path, text):
    (tmp_path / "control.yaml").write_text(text)
    with pytest.raises(UsageError):
        read_options(SceneOptions, tmp_path / "control.yaml", {}, "the control file")


def refused(*arguments):
    done = run(*arguments)
    return isinstance(done.exception, UsageError)


def test_requests_that_cannot_be_met_are_usage_errors(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old.txt").write_text("x")
    (tmp_path / "locale.yaml").write_text("locale: xx_YY\n")
    assert refused("--output", tmp_path / "full", "--count", 1)
    assert refused("--output", tmp_path / "a", "--count", 1, "--bits", 12)
    assert refused("--output", tmp_path / "a", "--count", 1, "--backgrounds", tmp_path / "full")
    assert refused("--output", tmp_path / "a", "--count", 1, "--pool", tmp_path / "full")
    assert refused("--output", tmp_path / "a", "--count", 1, "--control", tmp_path / "locale.yaml")
    assert refused("--output", tmp_path / "full" / "old.txt" / "x", "--count", 1)
    assert refused("--preview", tmp_path / "no folder" / "x.png", "--count", 1)
    assert SceneOptions(bits=12, signed=True).signed


def test_specks_and_lone_punctuation_are_not_called_legible(tmp_path):
    items = "items: [{text: '.', size: [30, 30], x: 0.4}, {text: 'ace', size: [5, 5], x: 0.6}, {text: HIJ, size: [20, 20]}]\n"
    made = scene(tmp_path, items + "real: 0\ncontrast: [0, 0]\n").frames[0].instances
    small = [i for i in made if i.size < 5 or i.text == "."]
    assert len(made) == 3 and len(small) == 2 and not any(i.legible for i in small)


@pytest.mark.parametrize("angle", [0, 90, 30])
@pytest.mark.parametrize(
    ("corner", "right", "bottom"), [("top-right", 288, None), ("bottom-right", 288, 228), ("bottom-left", None, 228)]
)
def test_turned_text_keeps_its_distance_from_the_corner(tmp_path, angle, corner, right, bottom):
    text = f"items: [{{text: SMITH, corner: {corner}, x: 0.1, y: 0.05, angle: {angle}, size: [12, 12]}}]\n"
    [line] = scene(tmp_path, text).frames[0].instances
    assert right is None or abs(line.box[2] - right) <= 2
    assert bottom is None or abs(line.box[3] - bottom) <= 2


@pytest.mark.parametrize("size", [8, 12, 30])
def test_repeated_lines_never_touch(tmp_path, size):
    made = scene(tmp_path, f"items: [{{text: '(Agjy) {{id}}', repeat: 4, size: [{size}, {size}]}}]\n")
    assert len(made.frames[0].instances) == 4 and made.left_out == (0,)


def test_in_grey_images_ink_is_judged_by_the_grey_it_becomes(tmp_path):
    (tmp_path / "control.yaml").write_text(BARE + "contrast: [0, 0]\nitems: [{text: HIDDEN, colour: [0, 218, 0]}]\n")
    for suffix, expected in (("dcm", False), ("png", True)):
        run("--output", tmp_path / suffix, "--count", 1, "--format", suffix, "--control", tmp_path / "control.yaml")
        [entry] = json.loads((tmp_path / suffix / "truth.json").read_text("utf-8")).values()
        assert [item["legible"] for item in entry["instances"]] == [expected]


def test_a_colliding_item_counts_once_a_frame_in_any_format(tmp_path):
    (tmp_path / "control.yaml").write_text(BARE + "frames: 4\nitems: [{text: ONE}, {text: TWO}]\n")
    for suffix in ("dcm", "png"):
        done = run("--output", tmp_path / suffix, "--count", 1, "--format", suffix, "--control", tmp_path / "control.yaml")
        assert "4 lines were left out" in done.output


def test_ink_that_equals_its_ground_is_not_asked_for():
    half = np.zeros((240, 320), np.uint8)
    half[:, 160:] = 200
    bank = FontBank(find_faces(FONTS))
    truth = Truth.of(np.repeat(half[..., None], 3, 2))
    truth.seen = np.zeros_like(truth.stroke)
    alpha = line(np.random.default_rng(1), bank, "HHHHHHHH", "latin", 24)
    plant(truth, alpha, 160 - alpha.shape[1] // 2, 100, Look((200.0,) * 3), "identity", "HHHHHHHH")
    left, right = truth.seen[:, :150], truth.seen[:, 180:]
    assert (left == truth.stroke[:, :150]).mean() > 0.999 and left.any() and truth.stroke[:, 180:].any() and not right.any()
