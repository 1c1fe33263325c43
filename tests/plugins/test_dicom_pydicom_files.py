"""Every file that the installed pydicom brings: opened, written, edited and read again, or refused with a reason."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pydicom
import pytest

from deidkit.errors import ItemError
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.image import DicomImage
from deidkit_dicom.options import DicomOptions

FORMAT = DicomFormat(DicomOptions())
ROOT = Path(pydicom.__file__).parent / "data"
FILES = sorted(
    path for path in ROOT.rglob("*") if path.is_file() and path.suffix not in (".py", ".txt", ".json", ".md", ".pyc")
)
REFUSED = {
    "codestream-mismatch",
    "dicomdir",
    "header-truncated",
    "length-lie",
    "not-dicom",
    "pixel-module-incomplete",
    "pixel-module-invalid",
    "pixels-truncated",
    "sop-common-missing",
}


def errors(path: Path) -> Counter[str]:
    """What dciodvfy (dicom3tools) finds wrong, without the values."""
    told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, errors="replace", timeout=120, check=False)
    lines = (re.sub(r'<[^<>]*>|"[^"]*"|[0-9.]{5,}', "", line) for line in told.stderr.splitlines())
    return Counter(line for line in lines if line.startswith("Error"))


EACH_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")


@EACH_FILE
def test_nothing_crashes_and_nothing_changes(path: Path, tmp_path: Path) -> None:
    image = written(path, tmp_path / "same.dcm")
    if image is None:
        return
    same = FORMAT.open(tmp_path / "same.dcm", Limits())
    assert same.frame_count == image.frame_count
    for index in {0, image.frame_count - 1} if image.frame_count else set():
        assert np.array_equal(image.frame(index).samples, same.frame(index).samples)
    edited(image, tmp_path)


@pytest.mark.needs("dciodvfy")
@EACH_FILE
def test_dciodvfy_finds_no_new_error(path: Path, tmp_path: Path) -> None:
    image = written(path, tmp_path / "same.dcm")
    if image is None:
        return
    before = errors(path)
    outputs = [tmp_path / "same.dcm", *edited(image, tmp_path)]
    assert not [line for output in outputs for line in errors(output) if line not in before]


def written(path: Path, output: Path) -> DicomImage | None:
    """The image of ``path`` when it could be written again; None when it was refused with a reason that is known."""
    refused = ""
    try:
        image = FORMAT.open(path, Limits())
        FORMAT.save(image, image.header, [], output)
    except ItemError as refusal:
        refused = refusal.code
    assert not refused or refused in REFUSED
    return None if refused else image


def edited(image: DicomImage, folder: Path) -> list[Path]:
    """Blanks a corner of the last frame, and checks all samples of it."""
    if not image.frame_count:
        return []
    last = image.frame_count - 1
    frame = image.frame(last)
    box = (0, 0, max(1, frame.shape[1] // 3), max(1, frame.shape[0] // 3))
    masks = FORMAT.save(image, image.header, [Edit(last, (Patch(box),), "test")], folder / "edited.dcm")
    again = FORMAT.open(folder / "edited.dcm", Limits()).frame(last)
    outside = np.ones(frame.shape, bool)
    for x0, y0, x1, y1 in masks[last]:
        outside[y0:y1, x0:x1] = False
    assert np.array_equal(frame.samples[outside], again.samples[outside])
    inside = again.samples[box[1] : box[3], box[0] : box[2]].reshape(box[2] * box[3], -1)
    assert (inside == inside[0]).all()
    assert tuple(inside[0]) == frame.black
    return [folder / "edited.dcm"]
