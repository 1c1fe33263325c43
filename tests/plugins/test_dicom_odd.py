"""Frames of an odd number of bytes, in every syntax and byte order: only the edited box of the edited frame changes."""

from __future__ import annotations

from pathlib import Path

import dicom_objects
import numpy as np
import pytest
from dicom_objects import Case, pixels, write
from pydicom import dcmread, dcmwrite
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames

from deidkit.errors import ItemError
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
BOX = (3, 5, 20, 11)
NATIVE = (s.EXPLICIT_LE, s.IMPLICIT_LE, s.EXPLICIT_BE, s.DEFLATED_LE)
COMPRESSED = (s.RLE, s.JPEGLS, s.J2K_LOSSLESS, s.JPEG_BASELINE)


def odd_cases() -> list[Case]:
    made = []
    for syntax in (*NATIVE, *COMPRESSED):
        made.append(Case(syntax, "MONOCHROME2", frames=3))
        if syntax in NATIVE:
            made += [Case(syntax, "MONOCHROME2", 1, 1, frames=3), Case(syntax, "RGB", planar=1, frames=3)]
        if syntax in (*NATIVE, s.RLE):
            made.append(Case(syntax, "PALETTE COLOR", frames=3))
    return made


@pytest.fixture(autouse=True)
def odd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom_objects, "ROWS", 61)
    monkeypatch.setattr(dicom_objects, "COLUMNS", 127)


def swapped_words(path: Path) -> None:
    """8-bit big-endian pixel data as OW: the two bytes of each word change places, across frames where these are odd."""
    ds = dcmread(path)
    ds.PixelData = np.frombuffer(ds.PixelData, "<u2").byteswap().tobytes()
    ds["PixelData"].VR = "OW"
    dcmwrite(path, ds, enforce_file_format=True)


def check(path: Path, made: np.ndarray, out: Path) -> None:
    image = FORMAT.open(path, Limits())
    before = [frame.samples.copy() for frame in image.frames()]
    lossy = image.syntax.always_lossy
    assert lossy or all(np.array_equal(a, b) for a, b in zip(before, made, strict=True))
    masks = FORMAT.save(image, image.header, [Edit(1, (Patch(BOX),), "test")], out)
    after = [frame.samples for frame in FORMAT.open(out, Limits()).frames()]
    for index, (a, b) in enumerate(zip(before, after, strict=True)):
        outside = np.ones(a.shape[:2], bool)
        for x0, y0, x1, y1 in masks.get(index, ()):
            outside[y0:y1, x0:x1] = False
        assert np.array_equal(a[outside], b[outside])
        assert outside.all() == (index != 1)
    x0, y0, x1, y1 = BOX
    inside = after[1][y0:y1, x0:x1].reshape((x1 - x0) * (y1 - y0), -1)
    assert (inside == inside[0]).all()


@pytest.mark.parametrize("case", odd_cases(), ids=lambda case: case.name)
def test_only_the_box_changes(case: Case, tmp_path: Path) -> None:
    made = pixels(case)
    check(write(case, tmp_path / "a.dcm", made), made, tmp_path / "out.dcm")


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "PALETTE COLOR"])
def test_words_that_span_two_frames(photometric: str, tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_BE, photometric, frames=3)
    made = pixels(case)
    path = write(case, tmp_path / "a.dcm", made)
    swapped_words(path)
    check(path, made, tmp_path / "out.dcm")


@pytest.mark.parametrize("damage", ["whole", "wrong", "short", "longer"])
@pytest.mark.parametrize("syntax", COMPRESSED)
def test_extended_offset_tables(syntax: str, damage: str, tmp_path: Path) -> None:
    case = Case(syntax, "MONOCHROME2", frames=3)
    made = pixels(case)
    ds = dcmread(write(case, tmp_path / "a.dcm", made))
    ds.PixelData, offsets, lengths = encapsulate_extended(list(generate_frames(ds.PixelData, number_of_frames=3)))
    if damage == "wrong":
        offsets = np.array([7, 9, 2**40], "<u8").tobytes()
    ds.ExtendedOffsetTable = offsets[:8] if damage == "short" else offsets + offsets * (damage == "longer")
    ds.ExtendedOffsetTableLengths = lengths
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    check(tmp_path / "a.dcm", made, tmp_path / "out.dcm")
    assert "ExtendedOffsetTable" not in dcmread(tmp_path / "out.dcm")


@pytest.mark.parametrize("syntax", COMPRESSED)
@pytest.mark.parametrize("left", [0.2, 0.6, 0.95])
def test_a_truncated_stream_is_refused(syntax: str, left: float, tmp_path: Path) -> None:
    """Cut inside the last frame, with the fragment's length made true again."""
    case = Case(syntax, "MONOCHROME2", frames=3)
    ds = dcmread(write(case, tmp_path / "a.dcm"))
    frames = list(generate_frames(ds.PixelData, number_of_frames=3))
    frames[2] = frames[2][: int(len(frames[2]) * left)]
    ds.PixelData = encapsulate(frames)
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    with pytest.raises(ItemError):
        FORMAT.open(tmp_path / "a.dcm", Limits()).frame(2).samples  # noqa: B018
