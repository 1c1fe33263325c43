"""Native pixel data that is longer than the header implies: read as what it surely is, or refused; only padding is left out."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from dicom_objects import COLUMNS, ROWS, Case, header, native_bytes, pixels, save
from pydicom import Dataset, dcmread

from deidkit.errors import ItemError
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
CINE, STILL = "1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.6.1"
SYNTAXES = (s.EXPLICIT_LE, s.IMPLICIT_LE, s.EXPLICIT_BE, s.DEFLATED_LE)
LAYOUTS = (
    *(("MONOCHROME2", a, b, 0) for a, b in ((8, 8), (16, 12), (1, 1))),
    *(("RGB", 8, 8, 0), ("RGB", 8, 8, 1), ("YBR_FULL_422", 8, 8, 0), ("PALETTE COLOR", 8, 8, 0)),
)


def written(path: Path, case: Case, data: bytes, sop_class: str = STILL, **attributes: object) -> Path:
    """An object of ``case`` whose frames nobody counts, with ``data`` in place of its own pixels."""
    ds = header(case)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = sop_class
    if "NumberOfFrames" in ds:
        del ds.NumberOfFrames
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB" if case.allocated <= 8 and case.syntax != s.IMPLICIT_LE else "OW"
    return save(ds, path)


def reason(path: Path) -> str:
    with pytest.raises(ItemError) as caught:
        FORMAT.open(path, Limits())
    return caught.value.code


def released(path: Path, out: Path, edits: list[Edit]) -> Dataset:
    image = FORMAT.open(path, Limits())
    FORMAT.save(image, image.header, edits, out)
    return dcmread(out)


@pytest.mark.parametrize(
    ("layout", "counted"),
    [(layout, n) for layout in LAYOUTS for n in (None, 1, 2) if (layout[0], n) != ("YBR_FULL_422", 2)],
    ids=str,
)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_frames_that_are_not_counted_are_kept(tmp_path: Path, syntax: str, layout: tuple, counted: int | None) -> None:
    photometric, allocated, stored, planar = layout
    case = Case(syntax, photometric, allocated, stored, planar=planar, frames=3)
    made = pixels(case)
    data = native_bytes(case, made, syntax != s.EXPLICIT_BE)
    attributes = {} if counted is None else {"NumberOfFrames": counted}
    path = written(tmp_path / "a.dcm", case, data, CINE, **attributes)
    image = FORMAT.open(path, Limits())
    assert all(np.array_equal(frame.samples, one) for frame, one in zip(image.frames(), made, strict=True))
    assert image.contradictions == ("Number of Frames says fewer than the 3 frames of the pixel data",)
    for number, edits in enumerate(([], [Edit(2, (Patch((0, 0, 16, 8)),), "test")])):
        out = released(path, tmp_path / f"{number}.dcm", edits)
        assert int(out.NumberOfFrames) == 3
        assert len(out.PixelData) == len(dcmread(path).PixelData)
    assert dcmread(tmp_path / "0.dcm").PixelData == dcmread(path).PixelData


@pytest.mark.parametrize(
    ("attributes", "accepted"),
    [
        ({}, False),
        ({"FrameTimeVector": [0, 40, 40]}, True),
        ({"FrameTimeVector": [0, 40]}, False),
        ({"GridFrameOffsetVector": [0, 2, 4], "FrameIncrementPointer": 0x3004000C}, True),
        ({"SliceVector": [1, 2, 3], "FrameIncrementPointer": 0x00540080}, True),
        ({"FrameTimeVector": [0, 40, 40], "PerFrameFunctionalGroupsSequence": [Dataset(), Dataset()]}, False),
        ({"PerFrameFunctionalGroupsSequence": [Dataset(), Dataset(), Dataset()]}, True),
        ({"FrameTime": 40, "FrameIncrementPointer": 0x00181063}, False),
    ],
)
def test_other_attributes_settle_the_number_of_frames(tmp_path: Path, attributes: dict, accepted: bool) -> None:
    """A class of single frames has more of them only where something with one value for each frame says so."""
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, frames=3)
    path = written(tmp_path / "a.dcm", case, native_bytes(case, pixels(case)), STILL, **attributes)
    if accepted:
        assert FORMAT.open(path, Limits()).frame_count == 3
    else:
        assert reason(path) == "frames-uncounted"


@pytest.mark.parametrize(
    "holds", [Case(s.EXPLICIT_LE, "RGB"), Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16)], ids=["rgb", "words"]
)
def test_pixels_of_more_bytes_are_no_further_frames(tmp_path: Path, holds: Case) -> None:
    """Three samples a pixel, or words, under a header of grey bytes have the length of several frames, and are none."""
    path = written(tmp_path / "a.dcm", Case(s.EXPLICIT_LE, "MONOCHROME2"), native_bytes(holds, pixels(holds)), CINE)
    assert reason(path) == "frames-uncounted"


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (b"\0\0", ""),
        (b"\0" * 512, ""),
        (b"\xff" * 40, ""),
        (bytes(ROWS * COLUMNS * 2), ""),
        (b"NAME OF SOMEBODY", "pixels-excess"),
        (b"\0" * 511 + b"A", "pixels-excess"),
    ],
    ids=["word", "sector", "ff", "frame", "text", "last"],
)
def test_only_padding_is_left_out(tmp_path: Path, syntax: str, tail: bytes, code: str) -> None:
    case = Case(syntax, "MONOCHROME2", 16, 12)
    made = pixels(case)
    path = written(tmp_path / "a.dcm", case, native_bytes(case, made, syntax != s.EXPLICIT_BE) + tail, CINE)
    if code:
        assert reason(path) == code
        return
    out = released(path, tmp_path / "b.dcm", [])
    assert len(out.PixelData) == ROWS * COLUMNS * 2
    assert "NumberOfFrames" not in out
    assert np.array_equal(FORMAT.open(tmp_path / "b.dcm", Limits()).frame(0).samples, made[0])


def three_bytes(kind: str, frames: int) -> np.ndarray:
    """Pixels of three samples: mostly black and grey in the colour space ``kind``, with a coloured stripe; or noise."""
    if kind == "noise":
        return np.random.default_rng(4).integers(0, 255, (frames, ROWS, COLUMNS, 3), np.uint8)
    grey = pixels(Case(s.EXPLICIT_LE, "MONOCHROME2", frames=frames))
    grey[:, :, :50] = 0
    rest = [grey, grey] if kind == "RGB" else [np.full_like(grey, 128)] * 2
    made = np.stack([grey, *rest], -1)
    made[:, :, 110:, 1] //= 2
    return made


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("frames", [1, 2, 3])
@pytest.mark.parametrize("kind", ["RGB", "YBR_FULL", "noise"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_three_bytes_a_pixel_are_not_subsampled(tmp_path: Path, syntax: str, kind: str, frames: int, planar: int) -> None:
    made = three_bytes(kind, frames)
    data = (made.transpose(0, 3, 1, 2) if planar else made).tobytes()
    case = Case(syntax, "YBR_FULL_422", planar=planar)
    path = written(tmp_path / "a.dcm", case, data, CINE, NumberOfFrames=frames)
    if kind == "noise":
        assert reason(path) == "colour-unclear"
        return
    image = FORMAT.open(path, Limits())
    assert all(np.array_equal(frame.samples, one) for frame, one in zip(image.frames(), made, strict=True))
    assert image.contradictions
    out = released(path, tmp_path / "b.dcm", [])
    assert (out.PhotometricInterpretation, out.PlanarConfiguration) == (kind, planar)
    assert out.PixelData == dcmread(path).PixelData
    box = (8, 8, 40, 24)
    FORMAT.save(image, image.header, [Edit(0, (Patch(box),), "test")], tmp_path / "c.dcm")
    again = FORMAT.open(tmp_path / "c.dcm", Limits()).frame(0)
    assert (again.samples[8:24, 8:40] == image.frame(0).black).all()
    assert again.black == ((0, 0, 0) if kind == "RGB" else (0, 128, 128))


def test_three_frames_may_have_the_length_of_two_with_more_samples(tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "YBR_FULL_422", frames=3)
    data = native_bytes(case, pixels(case))
    assert reason(written(tmp_path / "a.dcm", case, data, CINE, NumberOfFrames=2)) == "colour-unclear"
    told = written(tmp_path / "b.dcm", case, data, CINE, NumberOfFrames=2, FrameTimeVector=[0, 40, 40])
    assert FORMAT.open(told, Limits()).frame_count == 3


def test_single_bits_packed_frame_by_frame_are_refused(tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 1, 1)
    data = bytes(3 * ((9 * 9 + 7) // 8) + 1)
    path = written(tmp_path / "a.dcm", case, data, CINE, Rows=9, Columns=9, NumberOfFrames=3)
    assert reason(path) == "frames-unclear"


def test_frames_counted_anew_are_held_to_the_limits(tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", frames=3)
    path = written(tmp_path / "a.dcm", case, native_bytes(case, pixels(case)), CINE)
    with pytest.raises(ItemError, match="frames-out-of-range"):
        FORMAT.open(path, Limits(frames=2))


def test_words_of_the_other_byte_order_leave_in_that_of_the_dataset(tmp_path: Path) -> None:
    """The private syntax of GE; dcmtk and GDCM give the same samples for words, and different ones for bytes."""
    for allocated, code in ((16, ""), (8, "pixels-order-unclear")):
        case = Case(s.IMPLICIT_LE, "MONOCHROME2", allocated, 8)
        made = pixels(case)
        path = written(tmp_path / f"{allocated}.dcm", case, native_bytes(case, made, little=False))
        raw, old = path.read_bytes(), s.IMPLICIT_LE.encode() + b"\0"
        assert raw.count(old) == 1
        path.write_bytes(raw.replace(struct.pack("<H", len(old)) + old, b"\x12\0" + s.GE_BIG_ENDIAN_PIXELS.encode()))
        if code:
            assert reason(path) == code
            continue
        assert np.array_equal(FORMAT.open(path, Limits()).frame(0).samples, made[0])
        box = (8, 8, 40, 24)
        for number, edits in enumerate(([], [Edit(0, (Patch(box),), "test")])):
            out = released(path, tmp_path / f"out{number}.dcm", edits)
            assert out.file_meta.TransferSyntaxUID == s.EXPLICIT_LE
            outside = np.ones((ROWS, COLUMNS), bool)
            outside[8:24, 8:40] = not edits
            assert np.array_equal(out.pixel_array[outside], made[0][outside])
