"""What detectors see: the first view is the one a viewer would show, faint text shows in one of them, black is black."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dicom_objects import BOX, Case, pixels, write
from pydicom import Dataset, Sequence, dcmread
from pydicom.pixels import apply_modality_lut, apply_windowing, convert_color_space

from deidkit.image import Frame
from deidkit.limits import Limits
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
CT = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, signed=True)
WIDE = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16)


def opened(case: Case, path: Path, made: np.ndarray | None = None, **attributes: object) -> tuple[Frame, Dataset]:
    ds = dcmread(write(case, path / "a.dcm", made))
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.save_as(path / "a.dcm")
    return FORMAT.open(path / "a.dcm", Limits()).frame(0), dcmread(path / "a.dcm")


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows_are_those_of_the_standard(function: str, tmp_path: Path) -> None:
    window = {"WindowCenter": [40, 300], "WindowWidth": [400, 1500], "VOILUTFunction": function}
    frame, ds = opened(CT, tmp_path, RescaleSlope=1, RescaleIntercept=-24, **window)
    shown = apply_windowing(apply_modality_lut(frame.samples, ds), ds)
    expected = (shown - shown.min()) / (shown.max() - shown.min()) * 255 if function == "SIGMOID" else shown
    low, high = -2048 - 24, 2047 - 24
    if function != "SIGMOID":
        expected = (shown - low) / (high - low) * 255
        assert np.abs(frame.view() - expected).max() <= 1
    else:
        assert np.corrcoef(frame.view().ravel(), expected.ravel())[0, 1] > 0.999
    assert "window2" in frame.views


def test_a_voi_lut_comes_before_a_window(tmp_path: Path) -> None:
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [4096, -2048, 8], list(np.linspace(255, 0, 4096).astype(int))
    case = Case(s.IMPLICIT_LE, "MONOCHROME2", 16, 12, signed=True)
    ds = dcmread(write(case, tmp_path / "a.dcm"))
    ds.VOILUTSequence = Sequence([item])
    ds.VOILUTSequence[0]["LUTDescriptor"].VR = "SS"
    ds.VOILUTSequence[0]["LUTData"].VR = "US"
    ds.save_as(tmp_path / "a.dcm")
    frame = FORMAT.open(tmp_path / "a.dcm", Limits()).frame(0)
    expected = np.array(item.LUTData)[frame.samples.astype(int) + 2048]
    assert np.abs(frame.view().astype(int) - expected).max() <= 1


def test_monochrome1_is_inverted(tmp_path: Path) -> None:
    made = pixels(Case(s.EXPLICIT_LE, "MONOCHROME2"))
    bright = opened(Case(s.EXPLICIT_LE, "MONOCHROME2"), tmp_path, made)[0].view()
    dark = opened(Case(s.EXPLICIT_LE, "MONOCHROME1"), tmp_path, made)[0].view()
    assert np.array_equal(dark, 255 - bright)


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_colour_becomes_rgb(photometric: str, tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, photometric)
    frame, _ = opened(case, tmp_path)
    expected = convert_color_space(frame.samples.copy(), "YBR_FULL", "RGB")
    assert np.abs(frame.view().astype(int) - expected).max() <= 1


def test_palettes_become_rgb(tmp_path: Path) -> None:
    frame, ds = opened(Case(s.EXPLICIT_LE, "PALETTE COLOR"), tmp_path)
    red = np.frombuffer(ds.RedPaletteColorLookupTableData, "<u2")
    assert np.array_equal(frame.view()[..., 0], (red[frame.samples] >> 8).astype(np.uint8))


@pytest.mark.parametrize("level", [0.0, 0.97])
@pytest.mark.parametrize("signed", [False, True])
def test_text_at_three_percent_of_the_range_shows_in_one_view(level: float, signed: bool, tmp_path: Path) -> None:
    """Text of 3 % contrast on a flat ground at either end of the range, in an image that uses all of it elsewhere."""
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16, signed=signed)
    span = 30000
    made = np.full((1, 64, 128), int(level * span))
    made[0, 40:, :] = np.linspace(0, span, 128)
    text = pixels(Case(s.EXPLICIT_LE, "MONOCHROME2"))[0] > 250
    made[0, :36][text[:36]] = int((level + 0.03) * span)
    made = (made - span // 2 if signed else made).astype("i2" if signed else "u2")
    frame, _ = opened(case, tmp_path, made)
    contrasts = [int(np.ptp(frame.view(name)[12:34, 24:100])) for name in frame.views]
    assert max(contrasts) >= 80, dict(zip(frame.views, contrasts, strict=True))
    assert len(frame.views) <= 4


def test_narrow_images_have_one_view(tmp_path: Path) -> None:
    assert opened(Case(s.EXPLICIT_LE, "MONOCHROME2"), tmp_path)[0].views == ("default",)
    assert opened(Case(s.EXPLICIT_LE, "RGB"), tmp_path)[0].views == ("default",)


def test_enhanced_frames_have_their_own_windows(tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, frames=2)
    ds = dcmread(write(case, tmp_path / "a.dcm"))
    groups = []
    for center in (1300, 2300):
        voi, group = Dataset(), Dataset()
        voi.WindowCenter, voi.WindowWidth = center, 800
        group.FrameVOILUTSequence = Sequence([voi])
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
    ds.save_as(tmp_path / "a.dcm")
    first, second = FORMAT.open(tmp_path / "a.dcm", Limits()).frames()
    assert first.view().mean() > 2 * second.view().mean()


WINDOWS: list[dict[str, object]] = [
    {},
    {"WindowCenter": 40, "WindowWidth": 400},
    {"WindowCenter": -600, "WindowWidth": 1500},
    {"WindowCenter": 2000, "WindowWidth": 100},
    {"WindowCenter": [40, -600], "WindowWidth": [400, 1500]},
    {"PixelPaddingValue": -2000, "WindowCenter": 40, "WindowWidth": 400},
]


@pytest.mark.parametrize("attributes", WINDOWS, ids=str)
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_black_is_black_in_every_named_window(photometric: str, attributes: dict[str, object], tmp_path: Path) -> None:
    case = Case(s.EXPLICIT_LE, photometric, 16, 16, signed=True)
    made = (pixels(case).astype(np.int32) // 24).astype(np.int16)
    ds = dcmread(write(case, tmp_path / "a.dcm", made))
    if "PixelPaddingValue" in attributes:
        ds.add_new(0x00280120, "SS", -2000)
    for keyword, value in attributes.items():
        if keyword != "PixelPaddingValue":
            setattr(ds, keyword, value)
    ds.save_as(tmp_path / "a.dcm")
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    frame = image.frame(0)
    black = frame.black[0]
    covered = made.copy()
    covered[0, BOX[1] : BOX[3], BOX[0] : BOX[2]] = black
    again, _ = opened(case, tmp_path, covered, **{k: v for k, v in attributes.items() if k != "PixelPaddingValue"})
    named = [name for name in again.views if name == "default" or name.startswith("window")]
    for name in named:
        assert again.view(name)[BOX[1] : BOX[3], BOX[0] : BOX[2]].max() == 0, name
    low, high = int(made.min()), int(made.max())
    assert low - max(4 * (high - low), 4096) <= black <= high + max(4 * (high - low), 4096)


def test_black_is_no_outlier_in_a_ct(tmp_path: Path) -> None:
    """A window of the whole 16-bit range must not be answered with -32768."""
    made = np.clip(pixels(CT).astype(int), -1024, 2000).astype(np.int16)
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16, signed=True)
    frame, _ = opened(case, tmp_path, made, WindowCenter=0, WindowWidth=65536)
    assert frame.black[0] > -16000


def test_black_of_a_constant_frame(tmp_path: Path) -> None:
    frame, _ = opened(WIDE, tmp_path, np.full((1, 64, 128), 30000, np.uint16))
    assert frame.view().shape == (64, 128)
    assert 0 <= frame.black[0] <= 30000


def test_what_a_palette_hides_shows_in_the_view_of_duplicates(tmp_path: Path) -> None:
    path = write(Case(s.EXPLICIT_LE, "PALETTE COLOR"), tmp_path / "a.dcm")
    ds = dcmread(path)
    for colour in ("Red", "Green", "Blue"):
        setattr(ds, f"{colour}PaletteColorLookupTableData", bytes(512))
    ds.save_as(path)
    frame = FORMAT.open(path, Limits()).frame(0)
    assert np.ptp(frame.view()) == 0
    assert np.ptp(frame.view("duplicates")) == 255


@pytest.mark.parametrize("hides", ["table", "intercept"])
def test_what_the_modality_lut_hides_shows_in_the_view_of_stored_values(hides: str, tmp_path: Path) -> None:
    path = write(Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12), tmp_path / "a.dcm")
    ds = dcmread(path)
    if hides == "table":
        item = Dataset()
        item.add_new(0x00283002, "US", [4096, 0, 16])
        item.add_new(0x00283006, "OW", np.full(4096, 700, "<u2").tobytes())
        ds.ModalityLUTSequence = Sequence([item])
    else:
        ds.RescaleSlope, ds.RescaleIntercept = "1", "1e30"
    ds.save_as(path)
    frame = FORMAT.open(path, Limits()).frame(0)
    assert np.ptp(frame.view("stored")) == 255
    assert frame.black[0] in range(4096)


FILLED: dict[str, tuple[Case, int, int]] = {
    "signed from 0": (Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16, signed=True), 0, 3000),
    "signed from -1024": (Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16, signed=True), -1024, 3000),
    "signed, 12 bits": (CT, 0, 900),
    "unsigned from 1000": (WIDE, 1000, 3000),
    "inverted, signed": (Case(s.EXPLICIT_LE, "MONOCHROME1", 16, 16, signed=True), 0, 3000),
    "inverted, 12 bits": (Case(s.EXPLICIT_LE, "MONOCHROME1", 16, 12), 100, 900),
}


@pytest.mark.parametrize("kind", FILLED)
def test_black_without_a_window_is_a_value_of_the_frame(kind: str, tmp_path: Path) -> None:
    """Or else whatever stretches the values from the lowest to the highest washes the image out."""
    case, low, high = FILLED[kind]
    made = np.linspace(low, high, 64 * 128).reshape(1, 64, 128).astype("i2" if case.signed else "u2")
    before, _ = opened(case, tmp_path, made)
    (black,) = before.black
    assert low <= black <= high
    made[0, 20:30, 20:90] = black
    after, _ = opened(case, tmp_path, made)
    assert after.view()[20:30, 20:90].max() == 0
    assert np.abs(after.view()[40:].astype(int) - before.view()[40:]).max() <= 3


def test_black_is_the_padding_where_nothing_else_shows_as_black(tmp_path: Path) -> None:
    made = np.linspace(500, 3000, 64 * 128).reshape(1, 64, 128).astype("i2")
    ds = dcmread(write(Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16, signed=True), tmp_path / "a.dcm", made))
    ds.add_new(0x00280120, "SS", -2000)
    ds.WindowCenter, ds.WindowWidth = 1000, 2000
    ds.save_as(tmp_path / "a.dcm")
    assert FORMAT.open(tmp_path / "a.dcm", Limits()).frame(0).black == (-2000,)


def test_black_of_a_palette_is_an_entry_that_the_frame_uses(tmp_path: Path) -> None:
    path = write(Case(s.EXPLICIT_LE, "PALETTE COLOR"), tmp_path / "a.dcm", np.full((1, 64, 128), 200, np.uint8))
    ds = dcmread(path)
    for colour in ("Red", "Green", "Blue"):
        table = np.full(256, 65535, "<u2")
        table[[3, 200]] = 0
        setattr(ds, f"{colour}PaletteColorLookupTableData", table.tobytes())
    ds.save_as(path)
    assert FORMAT.open(path, Limits()).frame(0).black == (200,)
