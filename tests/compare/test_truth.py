"""The same truth in five forms gives the same sheets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from deidkit.compare.truth import Instance, Sheet, read
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
    (path / "classes.txt").write_text("marker phi")
    (path / "one.txt").write_text("1 0.15 0.26 0.2 0.12\n")


def voc(path):
    path.mkdir()
    box = "<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>50</xmax><ymax>32</ymax></bndbox>"
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
