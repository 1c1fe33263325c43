"""Unused bits: viewers mask them (PS3.5 8.1.1), so the first view does; what they hold shows in views of their own."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from dicom_objects import BOX, COLUMNS, ROWS, Case, encoded, header, native_bytes, pixels
from pydicom.encaps import encapsulate

from deidkit.image import Frame
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.image import DicomImage
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s
from deidkit_dicom.stored_bits import cleared

FORMAT = DicomFormat(DicomOptions())
SYNTAXES = (s.EXPLICIT_LE, s.EXPLICIT_BE, s.RLE, s.JPEGLS, s.J2K_LOSSLESS)
STORED = 12
KINDS = {
    "MONOCHROME2": ("MONOCHROME2", False),
    "signed": ("MONOCHROME2", True),
    "MONOCHROME1": ("MONOCHROME1", False),
    "PALETTE COLOR": ("PALETTE COLOR", False),
}
HIDDEN = (10, 44, 120, 62)
"""Where the text in the unused bits is."""


def letters() -> np.ndarray:
    ink = np.zeros((ROWS, COLUMNS), np.uint8)
    cv2.putText(ink, "ROTHMANN", (HIDDEN[0], HIDDEN[3] - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
    return (ink > 127).astype(np.uint16)


def second_picture() -> np.ndarray:
    """The four highest bits of a picture that has nothing to do with the one in the stored bits."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return (15 * ((x - 64) ** 2 + (y - 32) ** 2 < 900)).astype(np.uint16)


def noise() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 16, (ROWS, COLUMNS)).astype(np.uint16)


LAYOUTS = {
    "noise": noise(),
    "noise in one bit": noise() & 1,
    "counter": np.arange(COLUMNS, dtype=np.uint16)[None, :].repeat(ROWS, 0) % 16,
    "counter of all pixels": (np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS) % 16).astype(np.uint16),
    "stripes": (np.arange(ROWS, dtype=np.uint16)[:, None].repeat(COLUMNS, 1) // 2 % 2) * 15,
    "one value": np.full((ROWS, COLUMNS), 9, np.uint16),
    "a second picture": second_picture(),
    "text": letters() * 15,
    "text in one bit": letters() << 2,
    "text over noise in another bit": letters() << 3 | noise() & 1,
}
TELLING = ("a second picture", "text", "text in one bit", "text over noise in another bit")


def opened(kind: str, syntax: str, beside: np.ndarray, path: Path) -> DicomImage:
    """An image of 12 stored bits with ``beside`` in the four bits above them."""
    photometric, signed = KINDS[kind]
    case = Case(syntax, photometric, 16, STORED, signed)
    words = pixels(case).view(np.uint16) & 0x0FFF | beside[None] << STORED
    made = words.view(np.int16) if signed else words
    wide = Case(syntax, photometric, 16, 16, signed)
    ds, native = header(case), s.SYNTAXES[syntax].native
    ds.PixelData = native_bytes(wide, made, s.SYNTAXES[syntax].little) if native else encapsulate([encoded(wide, made[0])])
    ds["PixelData"].VR = "OW" if native else "OB"
    ds.save_as(path, enforce_file_format=True)
    return FORMAT.open(path, Limits())


def clean_of(kind: str, path: Path) -> Frame:
    return opened(kind, s.EXPLICIT_LE, np.zeros((ROWS, COLUMNS), np.uint16), path).frame(0)


def contrast(view: np.ndarray) -> int:
    x0, y0, x1, y1 = HIDDEN
    return int(np.ptp(view[y0:y1, x0:x1]))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: s.SYNTAXES[uid].name)
@pytest.mark.parametrize("kind", KINDS)
def test_views_of_samples_are_those_of_the_stored_bits(kind: str, syntax: str, layout: str, tmp_path: Path) -> None:
    clean = clean_of(kind, tmp_path / "clean.dcm")
    frame = opened(kind, syntax, LAYOUTS[layout], tmp_path / "a.dcm").frame(0)
    assert np.array_equal(frame.samples, clean.samples)
    assert frame.samples.dtype == clean.samples.dtype
    for name in clean.views:
        assert np.array_equal(frame.view(name), clean.view(name)), name
    further = [name for name in frame.views if name not in clean.views]
    if layout in TELLING:
        assert any(contrast(frame.view(name)) == 255 for name in further)
    else:
        assert further == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: s.SYNTAXES[uid].name)
@pytest.mark.parametrize("kind", KINDS)
def test_a_black_box_is_of_one_word_and_other_samples_stay(kind: str, syntax: str, layout: str, tmp_path: Path) -> None:
    image = opened(kind, syntax, LAYOUTS[layout], tmp_path / "a.dcm")
    before = cleared(image.frame(0).words, image.pixels.decoded)
    FORMAT.save(image, image.header, [Edit(0, (Patch(BOX),), "blackbox")], tmp_path / "b.dcm")
    after = FORMAT.open(tmp_path / "b.dcm", Limits()).frame(0)
    x0, y0, x1, y1 = BOX
    outside = np.ones((ROWS, COLUMNS), np.bool_)
    outside[y0:y1, x0:x1] = False
    assert np.ptp(after.words[y0:y1, x0:x1]) == 0
    assert np.array_equal(after.words[outside], before[outside])
    assert after.view()[y0:y1, x0:x1].max() <= int(after.view().min()) + 1


@pytest.mark.parametrize("layout", [*LAYOUTS, "nothing"])
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: s.SYNTAXES[uid].name)
@pytest.mark.parametrize("kind", KINDS)
def test_unused_bits_tell_nothing_in_a_written_picture(kind: str, syntax: str, layout: str, tmp_path: Path) -> None:
    """A message in bits that no viewer shows is not released, be it one value in each frame."""
    beside = LAYOUTS.get(layout, np.zeros((ROWS, COLUMNS), np.uint16))
    image = opened(kind, syntax, beside, tmp_path / "a.dcm")
    before = image.frame(0)
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    written = FORMAT.open(tmp_path / "b.dcm", Limits())
    after = written.frame(0)
    assert np.array_equal(after.samples, before.samples)
    unused = after.words.view(np.uint16) >> STORED
    sign = (after.samples < 0) * np.uint16(15)
    assert (unused == sign).all() or not unused.any()
    assert written.surplus(0) == ""
    if layout == "nothing" and kind != "signed":
        assert np.array_equal(after.words, before.words)
        assert written.pixels.encoded(0) == image.pixels.encoded(0) if not s.SYNTAXES[syntax].native else True


@pytest.mark.parametrize("layout", ["text", "noise"])
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: s.SYNTAXES[uid].name)
def test_a_box_over_hidden_text_leaves_nothing_of_it(syntax: str, layout: str, tmp_path: Path) -> None:
    image = opened("MONOCHROME2", syntax, LAYOUTS[layout], tmp_path / "a.dcm")
    FORMAT.save(image, image.header, [Edit(0, (Patch((0, 40, COLUMNS, ROWS)),), "blackbox")], tmp_path / "b.dcm")
    after = FORMAT.open(tmp_path / "b.dcm", Limits()).frame(0)
    assert not [name for name in after.views if name.startswith("unused")]
