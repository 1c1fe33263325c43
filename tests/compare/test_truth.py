"""The same truth in five forms gives the same sheets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from deidkit.compare.sheets import Instance, Sheet, instance
from deidkit.compare.truth import read
from deidkit.errors import UsageError

BOX = (10, 20, 50, 32)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "images"
    made.mkdir()
    Image.fromarray(np.zeros((100, 200), np.uint8)).save(made / "one.png")
    return made


def deidkit(path):
    entry = {"file": "one.png", "instances": [{"box": BOX, "kind": "phi"}], "modality": "US"}
    path.write_text(json.dumps({"one": entry}))


def coco(path):
    note = {"image_id": 1, "category_id": 4, "bbox": [10, 20, 40, 12]}
    images, kinds = [{"id": 1, "file_name": "one.png"}], [{"id": 4, "name": "phi"}]
    path.write_text(json.dumps({"images": images, "annotations": [note], "categories": kinds}))


def presidio(path):
    path.write_text(json.dumps({"one.png": [{"label": "X", "left": 10, "top": 20, "width": 40, "height": 12}]}))


def yolo(path):
    path.mkdir()
    (path / "classes.txt").write_text("side marker\nphi\n")
    (path / "one.txt").write_text("1 0.15 0.26 0.2 0.12\n")


def voc(path):
    path.mkdir()
    box = "<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>50</xmax><ymax>32</ymax></bndbox>"
    head = "<annotation><folder>images</folder><filename>one.png</filename>"
    (path / "one.xml").write_text(f"{head}<object><name>phi</name>{box}</object></annotation>")


@pytest.mark.parametrize("write", [deidkit, coco, presidio, yolo, voc])
def test_each_form_is_read(folder, tmp_path, write):
    write(tmp_path / "truth")
    modality = "US" if write is deidkit else "unknown"
    assert read(tmp_path / "truth", folder) == [Sheet("one.png", (Instance(BOX, "phi"),), 0, modality)]


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"images": 3, "annotations": []}', "{}"])
def test_other_files_are_refused(folder, tmp_path, text):
    (tmp_path / "truth").write_text(text)
    with pytest.raises(UsageError):
        read(tmp_path / "truth", folder)


def test_a_truth_for_other_images_is_refused(folder, tmp_path):
    (tmp_path / "truth").write_text(json.dumps({"two.png": []}))
    with pytest.raises(UsageError, match="1 images"):
        read(tmp_path / "truth", folder)


def test_entities_in_voc_are_refused(folder, tmp_path):
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "a.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><annotation/>')
    with pytest.raises(UsageError, match="refused"):
        read(tmp_path / "truth", folder)


def test_what_coco_and_voc_mark_as_unreadable_is_not_counted(folder, tmp_path):
    coco(tmp_path / "truth.json")
    data = json.loads((tmp_path / "truth.json").read_text())
    data["annotations"][0]["iscrowd"] = 1
    (tmp_path / "truth.json").write_text(json.dumps(data))
    voc(tmp_path / "voc")
    one = tmp_path / "voc" / "one.xml"
    one.write_text(one.read_text().replace("<name>phi</name>", "<name>phi</name><difficult>1</difficult>"))
    for truth in (tmp_path / "truth.json", tmp_path / "voc"):
        assert [i.counted for i in read(truth, folder)[0].instances] == [False]


def test_coco_without_boxes_takes_its_polygons_or_says_what_is_missing(folder, tmp_path):
    coco(tmp_path / "truth")
    data = json.loads((tmp_path / "truth").read_text())
    note = data["annotations"][0]
    del note["bbox"]
    note["segmentation"] = [[10, 20, 50, 20, 30, 32]]
    (tmp_path / "truth").write_text("\ufeff" + json.dumps(data), "utf-8")
    assert read(tmp_path / "truth", folder)[0].instances == (Instance(BOX, "phi"),)
    note["segmentation"] = {"counts": "abc", "size": [1, 1]}
    (tmp_path / "truth").write_text(json.dumps(data))
    with pytest.raises(UsageError, match="neither bbox nor polygons"):
        read(tmp_path / "truth", folder)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 0.15 0.26 0.2 0.12 0.9", [Instance(BOX, "phi")]),
        ("1 0.05 0.2 0.25 0.2 0.25 0.32 0.05 0.32", [Instance(BOX, "phi")]),
        ("\n0 0.15 0.26 0.2 0.12\r\n\r\n", [Instance(BOX, "side marker")]),
        ("", []),
    ],
)
def test_yolo_as_other_tools_write_it(folder, tmp_path, line, expected):
    yolo(tmp_path / "truth")
    (tmp_path / "truth" / "one.txt").write_text("\ufeff" + line, "utf-8")
    assert list(read(tmp_path / "truth", folder)[0].instances) == expected


def test_yolo_takes_the_image_and_not_the_mask_of_its_name(tmp_path):
    for part in ("images", "masks"):
        (tmp_path / part).mkdir()
        Image.fromarray(np.zeros((100, 200), np.uint8)).save(tmp_path / part / "a[1].png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a[1].txt").write_text("0 0.15 0.26 0.2 0.12\n")
    assert read(tmp_path / "labels", tmp_path) == [Sheet("images/a[1].png", (Instance(BOX),))]


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        ((50, 32, 10, 20), Instance(BOX)),
        ((-4, -9.2, 12.4, 30.6), Instance((0, 0, 12, 31))),
        ((10, 20, 10, 32), Instance((10, 20, 10, 32), counted=False)),
        ((-40, -40, -10, -10), Instance((0, 0, 0, 0), counted=False)),
    ],
)
def test_odd_boxes(corners, expected):
    assert instance(corners) == expected


@pytest.mark.parametrize(
    "entry", ['{"a": {"file": 3, "instances": []}}', '{"a": {"file": "one.png", "instances": [{"box": [0, 0, Infinity, 1]}]}}']
)
def test_malformed_entries_are_usage_errors(folder, tmp_path, entry):
    (tmp_path / "truth").write_text(entry)
    with pytest.raises(UsageError):
        read(tmp_path / "truth", folder)


def test_yolo_finds_images_whose_names_are_uids(tmp_path):
    Image.fromarray(np.zeros((100, 200), np.uint8)).save(tmp_path / "1.2.840.7", "PNG")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "1.2.840.7.txt").write_text("0 0.15 0.26 0.2 0.12\n")
    assert read(tmp_path / "labels", tmp_path) == [Sheet("1.2.840.7", (Instance(BOX),))]


def test_a_name_where_a_number_belongs_is_not_repeated(folder, tmp_path):
    voc(tmp_path / "truth")
    one = tmp_path / "truth" / "one.xml"
    one.write_text(one.read_text().replace("<xmin>11</xmin>", "<xmin>SMITH</xmin>"))
    with pytest.raises(UsageError) as caught:
        read(tmp_path / "truth", folder)
    assert "SMITH" not in str(caught.value) and caught.value.__cause__ is None
