"""Letters that the display of a DICOM frame hides show in a further view; frames that hide nothing get none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from dicom_objects import Case, header

from deidkit.image import Frame
from deidkit.limits import Limits
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

ROWS, COLUMNS = 128, 256
FORMAT = DicomFormat(DicomOptions())
DEEP = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16)


def letters() -> np.ndarray:
    ink = np.zeros((ROWS, COLUMNS), np.uint8)
    cv2.putText(ink, "ROTHMANN 771", (20, 54), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    return ink > 127


def opened(case: Case, made: np.ndarray, path: Path, **attributes: object) -> Frame:
    ds = header(case)
    ds.Rows, ds.Columns = ROWS, COLUMNS
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.PixelData = made.tobytes()
    ds["PixelData"].VR = "OW" if case.allocated > 8 else "OB"
    ds.save_as(path, enforce_file_format=True)
    return FORMAT.open(path, Limits()).frame(0)


def shows(frame: Frame) -> list[str]:
    """Views in which the letters are far enough from their ground to be read."""
    ink = letters()
    near = [cv2.dilate(ink.astype(np.uint8), np.ones((side, side), np.uint8)) > 0 for side in (3, 9)]
    ground = near[1] & ~near[0]
    found = []
    for name in frame.views:
        view = frame.view(name)
        planes = [view] if view.ndim == 2 else list(view.transpose(2, 0, 1))
        if any(abs(float(np.median(plane[ink])) - float(np.median(plane[ground]))) >= 60 for plane in planes):
            found.append(name)
    return found


def smooth(seed: int = 2) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (ROWS, COLUMNS)), (0, 0), 4)
    return np.asarray(30000 + 25000 * noise / np.abs(noise).max()).astype(np.uint16)


def middle() -> np.ndarray:
    made = np.linspace(0, 65535, COLUMNS)[None].repeat(ROWS, 0).astype(np.uint16)
    made[:80] = 30000
    made[letters()] += 983
    return made


def one_level() -> np.ndarray:
    made = np.full((ROWS, COLUMNS), 30000, np.uint16)
    made[-1, 0], made[-1, -1] = 0, 65535
    made[letters()] += 1
    return made


def lowest_bit() -> np.ndarray:
    return smooth() & ~np.uint16(1) | letters().astype(np.uint16)


@pytest.mark.parametrize("window", [{}, {"WindowCenter": 32768, "WindowWidth": 65536}], ids=["no window", "window"])
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("kind", [middle, one_level, lowest_bit])
def test_faint_letters_of_deep_frames(kind, signed: bool, photometric: str, window: dict[str, object], tmp_path: Path) -> None:
    made = (kind().astype(np.int32) - 32768 * signed).astype(np.int16 if signed else np.uint16)
    if window and signed:
        window = {**window, "WindowCenter": 0}
    frame = opened(Case(s.EXPLICIT_LE, photometric, 16, 16, signed), made, tmp_path / "a.dcm", **window)
    assert "default" not in shows(frame)
    assert shows(frame), frame.views
    assert len(frame.views) <= 5


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("apart", [0, 1, 257])
def test_palette_entries_that_look_alike(apart: int, bits: int, tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "PALETTE COLOR", bits, bits)
    made = np.random.default_rng(1).integers(2, 40, (ROWS, COLUMNS)).astype(np.uint8 if bits == 8 else np.uint16)
    made[:80] = letters()[:80]
    table = (np.arange(256) * 1285 % 65536).astype("<u2")
    table[0], table[1] = 20046, 20046 + apart
    tables = {f"{colour}PaletteColorLookupTableData": table.tobytes() for colour in ("Red", "Green", "Blue")}
    frame = opened(case, made, tmp_path / "a.dcm", **tables)
    assert "default" not in shows(frame)
    assert shows(frame), frame.views


@pytest.mark.parametrize("colour", [0, 1, 2])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_letters_of_one_level_of_one_colour(photometric: str, colour: int, tmp_path: Path) -> None:
    made = np.full((ROWS, COLUMNS, 3), 120, np.uint8)
    made[..., colour][letters()] += 1
    frame = opened(Case(s.EXPLICIT_LE, photometric), made, tmp_path / "a.dcm")
    assert shows(frame) == ["letters"]


def ct() -> np.ndarray:
    """A slice with air, soft tissue, bone and noise, in Hounsfield units."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    made = np.full((ROWS, COLUMNS), -1000.0)
    made[((x - 128) / 110) ** 2 + ((y - 64) / 55) ** 2 < 1] = 40
    made[((x - 128) / 14) ** 2 + ((y - 84) / 10) ** 2 < 1] = 900
    return (made + np.random.default_rng(4).normal(0, 12, made.shape)).astype(np.int16)


def test_a_clean_ct_slice_has_no_more_views_than_before(tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16, signed=True)
    frame = opened(case, ct(), tmp_path / "a.dcm", WindowCenter=40, WindowWidth=400)
    assert len(frame.views) <= 4
    assert not [name for name in frame.views if name.startswith(("letters", "bit", "unused"))]


@pytest.mark.parametrize("ground", [smooth, lambda: smooth() >> 4, lambda: smooth() & 0xFF00])
def test_a_picture_that_hides_nothing_has_no_letters(ground, tmp_path: Path) -> None:
    frame = opened(DEEP, ground(), tmp_path / "a.dcm")
    assert not [name for name in frame.views if name.startswith(("letters", "bit", "unused"))]
