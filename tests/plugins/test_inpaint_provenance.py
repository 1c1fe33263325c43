from __future__ import annotations

from io import BytesIO

import numpy as np
from pydicom import Dataset, dcmread

from deidkit.generated.marks import CREATOR, GROUP, mark_generated
from deidkit.testing.phantoms import make
from deidkit.types import Edit, Patch


def edits(generated: bool) -> list[Edit]:
    patch = Patch((3, 4, 30, 12), np.zeros((8, 27), np.int16))
    return [Edit(0, (patch,), "inpaint:telea:conditioned:box", generated), Edit(2, (Patch((1, 1, 5, 5)),), "blackbox")]


def test_generated_pixels_are_marked_and_survive_writing() -> None:
    header = make("ct").dataset
    header.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    header.DerivationDescription = "resampled"
    changes = mark_generated(header, edits(True))
    stream = BytesIO()
    header.save_as(stream, enforce_file_format=True)
    stream.seek(0)
    read = dcmread(stream)
    assert list(read.ImageType) == ["DERIVED", "PRIMARY", "AXIAL"]
    assert "inpaint:telea:conditioned:box" in read.DerivationDescription and "resampled" in read.DerivationDescription
    assert [item.CodingSchemeDesignator for item in read.DerivationCodeSequence] == ["DCM", "99DEIDKIT"]
    assert read.BurnedInAnnotation == "NO"
    block = read.private_block(GROUP, CREATOR)
    assert list(block[0x01].value) == [0, 3, 4, 30, 12]
    assert block[0x02].value == "inpaint:telea:conditioned:box"
    assert {change.path for change in changes} >= {"(0008,0008)", "(0008,2111)", "(0008,9215)", "(0028,0301)"}


def test_black_boxes_and_raster_headers_are_left_alone() -> None:
    header = make("ct").dataset
    before = header.to_json()
    assert mark_generated(header, edits(False)) == []
    assert header.to_json() == before
    assert mark_generated(Dataset(), edits(True)) == []
