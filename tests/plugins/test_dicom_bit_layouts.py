"""Where a sample lies in its word: High Bit heeded, one off, left-justified; words of 12 bits; YBR_PARTIAL_422."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dicom_objects import BOX, COLUMNS, ROWS, Case, encoded, header, pixels
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate

from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.image import DicomImage
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s
from deidkit_recheck.dicom_rendering import DicomRendering

FORMAT = DicomFormat(DicomOptions())
X0, Y0, X1, Y1 = BOX
OUTSIDE = np.ones((ROWS, COLUMNS), np.bool_)
OUTSIDE[Y0:Y1, X0:X1] = False


def opened(ds: Dataset, words: np.ndarray, high_bit: int, path: Path) -> DicomImage:
    ds.HighBit = high_bit
    syntax, wide = ds.file_meta.TransferSyntaxUID, Case(ds.file_meta.TransferSyntaxUID, "MONOCHROME2", 16, 16)
    native = s.SYNTAXES[syntax].native
    ds.PixelData = words.tobytes() if native else encapsulate([encoded(wide, words[0])])
    ds["PixelData"].VR = "OW" if native else "OB"
    ds.save_as(path, enforce_file_format=True)
    return FORMAT.open(path, Limits())


def shown_alike(path: Path) -> bool:
    """Whether the proof shows the file as the format does."""
    return DicomRendering(path).frame(0).differing(FORMAT.open(path, Limits()).frame(0).view()) is None


def blanked(image: DicomImage, path: Path) -> np.ndarray:
    """The words of the file once the text was blanked: the samples of the image outside of the box, and one word inside."""
    before = image.frame(0)
    FORMAT.save(image, image.header, [Edit(0, (Patch(BOX),), "blackbox")], path)
    after = FORMAT.open(path, Limits()).frame(0)
    assert np.array_equal(after.samples[OUTSIDE], before.samples[OUTSIDE])
    assert np.ptp(after.words[Y0:Y1, X0:X1]) == 0
    assert after.view()[Y0:Y1, X0:X1].max() == 0
    return after.words


@pytest.mark.parametrize("below", ["nothing", "noise"])
@pytest.mark.parametrize("syntax", [s.EXPLICIT_LE, s.RLE, s.JPEGLS, s.J2K_LOSSLESS], ids=lambda uid: s.SYNTAXES[uid].name)
@pytest.mark.parametrize("high_bit", [15, 13])
def test_samples_that_do_not_begin_at_bit_0(high_bit: int, syntax: str, below: str, tmp_path: Path) -> None:
    case, shift = Case(syntax, "MONOCHROME2", 16, 12), high_bit - 11
    made = pixels(case)
    rest = np.random.default_rng(1).integers(0, 1 << shift, made.shape).astype(np.uint16) if below == "noise" else np.uint16(0)
    image = opened(header(case), made << shift | rest, high_bit, tmp_path / "a.dcm")
    frame = image.frame(0)
    assert np.array_equal(frame.samples, made[0])
    plain = opened(header(case), made, 11, tmp_path / "plain.dcm").frame(0)
    assert np.array_equal(frame.view(), plain.view())
    assert "lowest" in frame.views
    assert not [name for name in frame.views if name.startswith("unused")]
    assert DicomRendering(tmp_path / "a.dcm").frame(0).differing(frame.view()) is None
    blanked(image, tmp_path / "b.dcm")
    assert (
        DicomRendering(tmp_path / "b.dcm").frame(0).differing(FORMAT.open(tmp_path / "b.dcm", Limits()).frame(0).view()) is None
    )


def test_signed_samples_that_do_not_begin_at_bit_0(tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, signed=True)
    made = pixels(case)
    image = opened(header(case), made << 4, 15, tmp_path / "a.dcm")
    assert np.array_equal(image.frame(0).samples, made[0])
    blanked(image, tmp_path / "b.dcm")


@pytest.mark.parametrize(("allocated", "high_bit"), [(8, 8), (8, 0), (16, 16), (16, 99)])
def test_a_high_bit_that_no_word_has_room_for(allocated: int, high_bit: int, tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", allocated, allocated)
    image = opened(header(case), pixels(case), high_bit, tmp_path / "a.dcm")
    assert np.array_equal(image.frame(0).samples, pixels(case)[0])
    assert shown_alike(tmp_path / "a.dcm")
    blanked(image, tmp_path / "b.dcm")


def test_text_below_left_justified_samples_shows_in_a_view(tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12)
    text = (pixels(Case(s.EXPLICIT_LE, "MONOCHROME2")) > 250).astype(np.uint16)
    words = np.full((1, ROWS, COLUMNS), 900, np.uint16) << 4 | text * 15
    frame = opened(header(case), words, 15, tmp_path / "a.dcm").frame(0)
    assert np.ptp(frame.view()) == 0
    assert np.array_equal(frame.view("unused") == 255, text[0] == 1)


@pytest.mark.parametrize("columns", [COLUMNS, COLUMNS - 1])
@pytest.mark.parametrize("frames", [1, 3])
def test_words_of_12_bits(frames: int, columns: int, tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, frames=frames)
    made = pixels(case)[:, : ROWS - 1, :columns]
    flat = np.append(made.reshape(-1), np.zeros(made.size % 2, np.uint16)).reshape(-1, 2)
    triples = np.stack([flat[:, 0] & 255, flat[:, 0] >> 8 | (flat[:, 1] & 15) << 4, flat[:, 1] >> 4], axis=1)
    ds = header(case)
    ds.Rows, ds.Columns, ds.BitsAllocated = ROWS - 1, columns, 12
    data = triples.astype(np.uint8).tobytes()[: (made.size * 12 + 7) // 8]
    ds.PixelData = data + bytes(len(data) % 2)
    ds["PixelData"].VR = "OW"
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    assert all(np.array_equal(image.frame(index).samples, made[index]) for index in range(frames))
    FORMAT.save(image, image.header, [Edit(frames - 1, (Patch(BOX),), "blackbox")], tmp_path / "b.dcm")
    written = FORMAT.open(tmp_path / "b.dcm", Limits())
    expected = made.copy()
    expected[-1, Y0:Y1, X0:X1] = image.frame(frames - 1).black[0]
    assert all(np.array_equal(written.frame(index).samples, expected[index]) for index in range(frames))
    assert len(dcmread(tmp_path / "b.dcm").PixelData) == len(ds.PixelData)


def test_native_ybr_partial_422(tmp_path: Path) -> None:
    grey = np.linspace(16, 235, ROWS * COLUMNS).reshape(ROWS, COLUMNS).astype(np.uint8)
    chroma = np.full((ROWS, COLUMNS // 2), 128, np.uint8)
    ds = header(Case(s.EXPLICIT_LE, "YBR_FULL_422"))
    ds.PhotometricInterpretation = "YBR_PARTIAL_422"
    ds.PixelData = np.stack([grey[:, 0::2], grey[:, 1::2], chroma, chroma], axis=-1).tobytes()
    ds["PixelData"].VR = "OB"
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    expected = np.rint((grey.astype(float) - 16) * 255 / 219)
    assert np.abs(image.frame(0).view().astype(float) - expected[..., None]).max() <= 2
    FORMAT.save(image, image.header, [Edit(0, (Patch(BOX),), "blackbox")], tmp_path / "b.dcm")
    after = FORMAT.open(tmp_path / "b.dcm", Limits()).frame(0)
    assert np.array_equal(after.samples[OUTSIDE], image.frame(0).samples[OUTSIDE])
    assert after.view()[Y0:Y1, X0:X1].max() == 0
