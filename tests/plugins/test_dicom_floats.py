"""Float and Double Float Pixel Data: read for what a viewer and a search need, written byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from storage_classes import header_only, with_pixels

from deidkit.errors import ItemError
from deidkit.limits import Limits
from deidkit_dicom.display.floats import float_views
from deidkit_dicom.display.lut import Display, Window
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
MAP = "1.2.840.10008.5.1.4.1.1.30"
KEYWORDS = {"f4": "FloatPixelData", "f8": "DoubleFloatPixelData"}
NATIVE = (s.EXPLICIT_LE, s.IMPLICIT_LE, s.EXPLICIT_BE, s.DEFLATED_LE)


def samples(kind: str) -> np.ndarray:
    """Three frames: ordinary ones, some at infinity and a NaN with a payload, nothing but NaN."""
    made = np.random.default_rng(2).normal(size=(3, 13, 11)).astype(kind)
    made[1, :, :2], made[1, 0, 5], made[1, 1, 5], made[2] = np.inf, -np.inf, -0.0, np.nan
    words = made.view(f"u{made.dtype.itemsize}")
    words[1, 7, 7] = words[2, 0, 0] | 5
    return made


def parametric_map(kind: str, syntax: str = s.EXPLICIT_LE) -> Dataset:
    made = with_pixels(header_only(MAP, 1), samples(kind))
    made.file_meta.TransferSyntaxUID = syntax
    if syntax == s.EXPLICIT_BE:
        setattr(made, KEYWORDS[kind], samples(kind).astype(f">{kind}").tobytes())
    return made


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("syntax", NATIVE)
@pytest.mark.parametrize("kind", KEYWORDS)
def test_every_bit_comes_back(kind: str, syntax: str, tmp_path: Path) -> None:
    made = parametric_map(kind, syntax)
    made.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    assert (image.frame_count, image.is_picture) == (3, False)
    for frame, expected in zip(image.frames(), samples(kind), strict=True):
        assert frame.samples.dtype == expected.dtype
        assert frame.samples.tobytes() == expected.tobytes()
        assert all(frame.view(name).dtype == np.uint8 and frame.view(name).shape == (13, 11) for name in frame.views)
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    after = dcmread(tmp_path / "b.dcm")
    assert after[KEYWORDS[kind]].value == made[KEYWORDS[kind]].value
    assert after.file_meta.TransferSyntaxUID == syntax
    assert "PixelData" not in after


def test_views_tell_apart_what_values_hardly_do() -> None:
    frame = np.linspace(0, 1, 400, dtype=np.float64).reshape(20, 20)
    frame[5, 5:9], frame[0, 0], frame[19, 19] = np.nextafter(frame[5, 4], 1), -1e300, 1e300
    views = float_views(frame, Display(windows=(Window(0.5, 0.5, "LINEAR_EXACT"),)))
    shown = {name: render(frame) for name, render in views.items()}
    assert list(shown) == ["window1", "bulk", "full", "ranks"]
    assert (shown["window1"].min(), shown["window1"].max()) == (0, 255)
    assert len(np.unique(shown["bulk"])) > 200
    assert len(np.unique(shown["full"])) == 3
    assert (shown["ranks"][5, 5:9] != shown["ranks"][5, 4]).all()


def test_ranks_of_a_large_frame_tell_a_rare_value_from_both_grounds() -> None:
    frame = np.repeat(np.float32([[1], [1 + 2e-6]]), 150, axis=0) * np.ones(100, np.float32)
    frame[7, :3] = frame[200, :3] = 1 + 1e-6
    shown = float_views(frame, Display())["ranks"](frame)
    assert [int(shown[at]) for at in ((7, 0), (200, 2), (7, 50), (200, 50))] == [128, 128, 0, 255]


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_what_is_no_number_shows() -> None:
    frame = np.zeros((4, 4), np.float32)
    frame[0], frame[1], frame[2] = np.nan, np.inf, -np.inf
    views = float_views(frame, Display())
    assert [int(row[0]) for row in views["finite"](frame)] == [0, 170, 85, 255]
    assert list(float_views(np.full((2, 2), np.nan), Display())) == ["finite"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"BitsAllocated": 16}, "pixel-module-contradictory"),
        ({"SamplesPerPixel": 3}, "pixel-module-contradictory"),
        ({"Rows": 14}, "pixels-truncated"),
        ({"NumberOfFrames": 0}, "frames-out-of-range"),
    ],
)
def test_headers_that_do_not_fit(change: dict[str, int], code: str, tmp_path: Path) -> None:
    made = parametric_map("f4")
    for keyword, value in change.items():
        setattr(made, keyword, value)
    made.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    with pytest.raises(ItemError) as caught:
        FORMAT.open(tmp_path / "a.dcm", Limits())
    assert caught.value.code == code


def test_no_transfer_syntax_compresses_them(tmp_path: Path) -> None:
    made = parametric_map("f4", s.RLE)
    made.preamble = bytes(128)
    made.save_as(tmp_path / "a.dcm", implicit_vr=False, little_endian=True)
    with pytest.raises(ItemError, match="float-pixels-compressed"):
        FORMAT.open(tmp_path / "a.dcm", Limits())


def test_the_sweep_knows_them_for_pixels(tmp_path: Path) -> None:
    from deidkit_ps315.sweep.byte_layout import Written, pixel_span

    for kind, keyword in KEYWORDS.items():
        for syntax in (s.EXPLICIT_LE, s.IMPLICIT_LE, s.EXPLICIT_BE):
            made = parametric_map(kind, syntax)
            made.save_as(tmp_path / "a.dcm", enforce_file_format=True)
            with Written(tmp_path / "a.dcm") as written:
                start, end = pixel_span(written)
                assert written.read(start, end) == made[keyword].value
