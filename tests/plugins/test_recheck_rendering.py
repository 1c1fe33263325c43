"""The proof renders by itself: what a view hides is read all the same, and a view that shows something else is told of."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from dicom_cases import CASES
from dicom_objects import BOX, Case, header, native_bytes, pixels, write
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate

import deidkit_recheck
from deidkit.components import Component, Options
from deidkit.errors import StageTimeout
from deidkit.hookspecs import hookimpl
from deidkit.image import Frame
from deidkit.limits import Limits
from deidkit.registry import Registry
from deidkit.types import Case as Written
from deidkit.types import Edit, Patch, Region, Status
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s
from deidkit_raster.format import RasterFormat
from deidkit_raster.options import RasterOptions
from deidkit_recheck.dicom_rendering import DicomRendering
from deidkit_recheck.raster_rendering import RasterRendering
from deidkit_recheck.readers import SAMPLE
from deidkit_recheck.rendered import Grey, Table, Unrendered
from deidkit_recheck.rendering import rendering_of

DICOM, RASTER = DicomFormat(DicomOptions()), RasterFormat(RasterOptions())
X0, Y0, X1, Y1 = BOX


class Ink:
    """Reads a name wherever the box of the text is not of one colour."""

    def detect(self, frames, context):
        if context.profile == "sample":
            return [[Region((0, 0, 9, 9), 1.0, "ink", text=SAMPLE, text_score=1.0)]]
        seen = [np.ptp(frame.view()[Y0:Y1, X0:X1].astype(int)) for frame in frames]
        return [[Region(BOX, 1.0, "ink", text="HAVERKAMP", text_score=1.0)] if ink > 60 else [] for ink in seen]


class Changed:
    """An image whose frames have the views that ``change`` makes of them."""

    def __init__(self, image, change, frames=None):
        self.image, self.change = image, change
        self.frame_count = image.frame_count if frames is None else frames
        self.header, self.path, self.carriers = image.header, image.path, image.carriers

    def frame(self, index):
        frame = self.image.frame(index)
        views = {name: lambda _, picture=picture: picture for name, picture in self.change(frame, self.image).items()}
        return Frame(index, frame.shape, lambda: frame.samples, views, lambda _: frame.black)

    def frames(self):
        return (self.frame(index) for index in range(self.frame_count))


@pytest.fixture(scope="module")
def recheck():
    def components():
        return [Component("detector", "ink", Options, lambda _: Ink(), "ink")]

    plugins = {"recheck": deidkit_recheck, "ink": SimpleNamespace(deidkit_components=hookimpl(components))}
    return Registry.of(plugins).build("verifier", "recheck", {"views": ["plain"]})


@pytest.fixture
def checks(recheck, context):
    """``checks(path, change)``: name -> check of the file against itself, with the views that ``change`` makes if so wished."""

    def made(path, change=None, masks=None, frames=None, **told):
        image = (DICOM if path.suffix == ".dcm" else RASTER).open(path, Limits())
        after = Changed(image, change or same, frames) if change or frames is not None else image
        case = Written(image, after, path, masks or {}, {}, (), context(**told), edits_known=False)
        return {check.name: check for check in recheck.verify(case)}

    return made


def stored(path: Path, samples: np.ndarray, case: Case, **attributes: object) -> Path:
    """A native object of ``case`` with further attributes."""
    made = header(case)
    made.PixelData = native_bytes(case, samples)
    made["PixelData"].VR = "OW" if case.allocated > 8 else "OB"
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    made.save_as(path, enforce_file_format=True)
    return path


def blank(case: Case) -> np.ndarray:
    """The samples of ``case`` without their text."""
    made = pixels(case)
    made[:, Y0:Y1, X0:X1] = made[:, :1, :1]
    return made


GREY = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12)


# The format's views are right


@pytest.mark.parametrize("syntax", sorted({case.syntax for case in CASES}))
def test_no_file_of_the_matrix_is_shown_otherwise(syntax, checks, tmp_path):
    for number, case in enumerate(case for case in CASES if case.syntax == syntax):
        check = checks(write(case, tmp_path / f"{number}.dcm"))["rendering"]
        twelve_bits = case.syntax == s.JPEG_EXTENDED and case.stored == 12
        assert check.status is (Status.WARNED if twelve_bits else Status.PASSED), (case.name, check)


@pytest.mark.parametrize("syntax", sorted({case.syntax for case in CASES}))
def test_nor_once_it_was_edited(syntax, checks, tmp_path):
    for number, case in enumerate(case for case in CASES if case.syntax == syntax):
        image = DICOM.open(write(case, tmp_path / f"in{number}.dcm"), Limits())
        edits = [Edit(index, (Patch(BOX),), "test") for index in range(case.frames)]
        masks = DICOM.save(image, image.header, edits, tmp_path / f"out{number}.dcm")
        found = checks(tmp_path / f"out{number}.dcm", masks=masks)
        assert {check.status for check in found.values()} == {Status.PASSED}, (case.name, found)


WINDOWS = {
    "one": {"WindowCenter": 2000, "WindowWidth": 1500},
    "several": {"WindowCenter": ["2000", "2100", "900"], "WindowWidth": ["1500", "300", "4000"]},
    "narrow": {"WindowCenter": 2000, "WindowWidth": 1},
    "exact": {"WindowCenter": 2000, "WindowWidth": 1500, "VOILUTFunction": "LINEAR_EXACT"},
    "sigmoid": {"WindowCenter": 2000, "WindowWidth": 1500, "VOILUTFunction": "SIGMOID"},
    "beside all values": {"WindowCenter": 90000, "WindowWidth": 2},
    "no width": {"WindowCenter": 2000},
    "width of zero": {"WindowCenter": 2000, "WindowWidth": 0},
    "rescaled": {"WindowCenter": 300, "WindowWidth": 700, "RescaleSlope": "0.37", "RescaleIntercept": "-400"},
    "falling": {"WindowCenter": -2000, "WindowWidth": 1500, "RescaleSlope": -1, "RescaleIntercept": 0},
    "slope of zero": {"RescaleSlope": 0, "RescaleIntercept": 7},
    "inverse": {"PresentationLUTShape": "INVERSE"},
}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("window", WINDOWS)
def test_displays_that_a_header_names(window, photometric, checks, tmp_path):
    case = Case(s.EXPLICIT_LE, photometric, 16, 12)
    path = stored(tmp_path / "a.dcm", pixels(case), case, **WINDOWS[window])
    assert checks(path)["rendering"].status is Status.PASSED


@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize("data", ["words", "packed", "bytes", "cut", "nothing"])
def test_lookup_tables_as_files_hold_them(keyword, data, checks, tmp_path):
    entries = np.linspace(0, 4095 if data in ("words", "packed") else 255, 3000).astype("<u2")
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [3000, 500, 8 if data == "bytes" else 12])
    if data == "words":
        table.add_new("LUTData", "US", entries.tolist())
    else:
        raw = {"packed": entries, "bytes": entries.astype("u1"), "cut": entries[:2500], "nothing": entries[:0]}[data]
        table.add_new("LUTData", "OW", raw.tobytes())
    path = stored(tmp_path / "a.dcm", pixels(GREY), GREY, **{keyword: [table]})
    assert checks(path)["rendering"].status is Status.PASSED


def test_windows_of_functional_groups(checks, tmp_path):
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, frames=3)
    groups = []
    for index in range(3):
        groups.append(Dataset())
        groups[-1].FrameVOILUTSequence, groups[-1].PixelValueTransformationSequence = [Dataset()], [Dataset()]
        window, rescale = groups[-1].FrameVOILUTSequence[0], groups[-1].PixelValueTransformationSequence[0]
        window.WindowCenter, window.WindowWidth = 1000 + 300 * index, 900 + 500 * index
        rescale.RescaleSlope, rescale.RescaleIntercept, rescale.RescaleType = 1, -100 * index, "US"
    path = stored(tmp_path / "a.dcm", pixels(case), case, PerFrameFunctionalGroupsSequence=groups)
    assert checks(path)["rendering"].status is Status.PASSED

    def of_the_first_frame(frame, image):
        return {"default": image.frame(0).view() if frame.index == 2 else frame.view()}

    assert checks(path, of_the_first_frame)["rendering"].status is Status.FAILED


@pytest.mark.parametrize("bits", [(8, 6), (16, 9), (32, 24), (32, 32)])
def test_few_bits_and_many(bits, checks, tmp_path):
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", *bits)
    assert checks(stored(tmp_path / "a.dcm", pixels(case), case))["rendering"].status is Status.PASSED


# Sabotage: what a view hides, and what it shows otherwise


def same(frame, image):
    return {name: frame.view(name) for name in frame.views}


def nothing(frame, image):
    return {"default": np.zeros(frame.shape, np.uint8)}


def stretched(values):
    return np.rint((values - values.min()) * (255.0 / max(float(np.ptp(values)), 1))).astype(np.uint8)


def test_text_that_every_view_hides_is_read_and_the_view_told_of(checks, tmp_path):
    found = checks(write(GREY, tmp_path / "a.dcm"), nothing)
    assert found["recheck"].status is Status.FAILED
    check = found["rendering"]
    assert check.status is Status.FAILED and "HAVERKAMP" not in repr(found)
    assert check.measured["frame"] == 0 and check.measured["x1"] == 128


@pytest.mark.parametrize("syntax", [s.EXPLICIT_LE, s.RLE, s.JPEGLS, s.J2K_LOSSLESS])
@pytest.mark.parametrize("signed", [False, True])
def test_noise_in_unused_bits_hides_no_text_from_the_proof(syntax, signed, checks, tmp_path):
    """Viewers mask unused bits (PS3.5 8.1.1); a view of unmasked samples shows the noise and nothing else."""
    case = Case(syntax, "MONOCHROME2", 16, 12, signed)
    noise = np.random.default_rng(5).integers(0, 2, (1, 64, 128)).astype(np.uint16) << 14
    made = (pixels(case).astype(np.uint16) & 0x0FFF | noise).view(np.int16 if signed else np.uint16)
    path = write(replace(case, stored=16), tmp_path / "a.dcm", made)
    told = dcmread(path)
    told.BitsStored, told.HighBit = 12, 11
    told.save_as(path)
    clean = stored(tmp_path / "b.dcm", pixels(case), replace(case, syntax=s.EXPLICIT_LE))
    shown, expected = (DicomRendering(each).frame(0).pictures()["default"] for each in (path, clean))
    assert np.array_equal(shown, expected) and np.ptp(shown[Y0:Y1, X0:X1].astype(int)) > 100


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "PALETTE COLOR"])
@pytest.mark.parametrize("syntax", [s.EXPLICIT_LE, s.RLE, s.JPEGLS, s.J2K_LOSSLESS])
@pytest.mark.parametrize("bits", ["text", "noise", "stripes"])
def test_text_in_unused_bits_is_read_whatever_the_format_shows(bits, syntax, photometric, checks, tmp_path):
    case = Case(syntax, photometric, 16, 12)
    ink = pixels(Case(s.EXPLICIT_LE, "MONOCHROME2")) > 250
    random = np.random.default_rng(5).integers(0, 2, ink.shape)
    beside = {"text": ink, "noise": random, "stripes": np.arange(ink.shape[2]) // 3 % 2 + np.zeros(ink.shape)}[bits]
    made = np.full(ink.shape, 30, np.uint16) | beside.astype(np.uint16) << 13
    path = write(replace(case, stored=16), tmp_path / "a.dcm", made)
    told = dcmread(path)
    told.BitsStored, told.HighBit = 12, 11
    told.save_as(path)
    found = checks(path, lambda frame, _: {"default": frame.view()})
    assert found["rendering"].status is Status.PASSED
    assert found["recheck"].status is (Status.FAILED if bits == "text" else Status.PASSED)


def wrong_sign(frame, image):
    return {"default": stretched(frame.samples.view(np.uint16).astype(float))}


def low_bits_only(frame, image):
    return {"default": (frame.samples & 0xFF).astype(np.uint8)}


def not_inverted(frame, image):
    return {"default": 255 - frame.view()}


def clipped_palette(frame, image):
    return {"default": image.frame(0)._renderers["default"](np.minimum(frame.samples, 60))}


def chroma_as_colour(frame, image):
    return {"default": frame.samples.astype(np.uint8)}


def one_frame_late(frame, image):
    return {"default": image.frame(max(0, frame.index - (frame.index == 9))).view()}


def another_window(frame, image):
    return {"default": frame.view(), "window2": frame.view()[:, ::-1]}


def a_word_left_out(frame, image):
    picture = frame.view().copy()
    picture[Y0:Y1, X0:X1] = picture[0, 0]
    return {"default": picture}


def another_size(frame, image):
    return {"default": frame.view()[:, :-1]}


SABOTAGES = {
    "wrong sign": (Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 16, True), wrong_sign),
    "wrong mask": (GREY, low_bits_only),
    "not inverted": (Case(s.EXPLICIT_LE, "MONOCHROME1", 16, 12), not_inverted),
    "palette clipped": (Case(s.EXPLICIT_LE, "PALETTE COLOR"), clipped_palette),
    "YBR as RGB": (Case(s.EXPLICIT_LE, "YBR_FULL"), chroma_as_colour),
    "YBR as RGB, JPEG": (Case(s.JPEG_BASELINE, "YBR_FULL_422", sampling="4:2:2"), chroma_as_colour),
    "one frame of many": (Case(s.EXPLICIT_LE, "MONOCHROME2", frames=24), one_frame_late),
    "one frame of many, compressed": (Case(s.J2K_LOSSLESS, "MONOCHROME2", frames=24), one_frame_late),
    "wrong window": (GREY, another_window),
    "a word left out": (GREY, a_word_left_out),
    "a word left out, lossy": (Case(s.J2K, "MONOCHROME2", 16, 12), a_word_left_out),
    "another size": (GREY, another_size),
}


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_view_that_shows_something_else_is_found(sabotage, checks, tmp_path):
    case, change = SABOTAGES[sabotage]
    path = write(case, tmp_path / "a.dcm")
    check = checks(path, change)["rendering"]
    assert check.status is Status.FAILED and set(check.measured) == {"frames", "frame", "x0", "y0", "x1", "y1"}
    assert checks(path)["rendering"].status is Status.PASSED


def test_text_of_a_window_that_the_format_leaves_out_is_read(checks, tmp_path):
    made = blank(GREY)
    made[:, Y0:Y1:3, X0:X1] += 40
    windows = {"WindowCenter": [2000, int(made[0, Y0, X0])], "WindowWidth": [4000, 60]}
    path = stored(tmp_path / "a.dcm", made, GREY, **windows)

    def first(frame, image):
        return {"default": frame.view()}

    found = checks(path, first)
    assert (found["recheck"].status, found["rendering"].status) == (Status.FAILED, Status.PASSED)


def test_further_views_of_the_format_are_still_read(checks, tmp_path):
    path = stored(tmp_path / "a.dcm", blank(GREY), GREY, WindowCenter=2000, WindowWidth=1500)
    assert checks(path)["recheck"].status is Status.PASSED

    def unused(frame, image):
        bits = np.zeros(frame.shape, np.uint8)
        bits[Y0:Y1:2, X0:X1] = 255
        return {"default": frame.view(), "unused": bits}

    found = checks(path, unused)
    assert (found["recheck"].status, found["rendering"].status) == (Status.FAILED, Status.PASSED)


def test_an_overlay_that_was_left_is_read(checks, tmp_path):
    path = stored(tmp_path / "a.dcm", blank(GREY), GREY, WindowCenter=2000, WindowWidth=1500)
    made = dcmread(path)
    plane = np.zeros((64, 128), np.uint8)
    plane[Y0:Y1:2, X0:X1] = 1
    bits = np.packbits(plane.reshape(-1), bitorder="little").tobytes()
    elements = ((0x10, "US", 64), (0x11, "US", 128), (0x50, "SS", [1, 1]), (0x100, "US", 1), (0x102, "US", 0))
    for number, vr, value in (*elements, (0x3000, "OW", bits)):
        made.add_new(0x60000000 | number, vr, value)
    made.save_as(path)
    assert checks(path)["recheck"].status is Status.FAILED


# Where only one rendering exists


def test_a_file_that_pydicom_has_no_decoder_for_is_read_as_the_format_shows_it(checks, tmp_path):
    path = write(Case(s.JPEG_EXTENDED, "MONOCHROME2", 16, 12), tmp_path / "a.dcm")
    for masks in ({}, {0: ((0, 0, 9, 9),)}):
        found = checks(path, masks=masks)
        assert found["rendering"].status is Status.WARNED and "no decoder" in found["rendering"].detail
        assert found["recheck"].status is Status.FAILED


def test_what_was_written_anew_has_to_be_readable_for_others(checks, tmp_path, monkeypatch):
    def broken(*_):
        raise ValueError("Zwetschgenbaum")

    path = write(GREY, tmp_path / "a.dcm")
    monkeypatch.setattr("deidkit_recheck.dicom_samples.DicomSamples.frame", broken)
    assert checks(path)["rendering"].status is Status.WARNED
    found = checks(path, masks={0: ((0, 0, 9, 9),)})
    assert found["rendering"].status is Status.FAILED and "Zwetschgenbaum" not in repr(found)
    assert found["recheck"].status is Status.FAILED


@pytest.mark.parametrize("told", [1, 2])
def test_frames_that_the_format_does_not_show_fail(told, checks, tmp_path):
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", frames=3)
    path = stored(tmp_path / "a.dcm", pixels(case), case)
    check = checks(path, frames=told)["rendering"]
    assert check.status is Status.FAILED and "number of frames" in check.detail


@pytest.mark.parametrize("told", [1, 2, None])
def test_native_frames_are_counted_by_their_bytes(told, tmp_path):
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", frames=3)
    path = stored(tmp_path / "a.dcm", pixels(case), case)
    made = dcmread(path)
    made.NumberOfFrames = told
    if told is None:
        del made.NumberOfFrames
    made.save_as(path)
    assert rendering_of(path).frame_count == 3


def test_what_pydicom_cannot_tell_the_layout_of_has_no_decoder(tmp_path):
    made = header(Case(s.EXPLICIT_LE, "YBR_FULL_422"))
    made.PhotometricInterpretation, made.PixelData = "YBR_PARTIAL_422", bytes(64 * 128 * 2)
    made["PixelData"].VR = "OB"
    made.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    with pytest.raises(Unrendered) as caught:
        rendering_of(tmp_path / "a.dcm")
    assert not caught.value.supported


def test_encapsulated_frames_beyond_the_number_told_fail(checks, tmp_path):
    path = write(Case(s.JPEG_BASELINE, "MONOCHROME2", frames=3), tmp_path / "a.dcm")
    image = DICOM.open(path, Limits())
    fewer = dcmread(path)
    fewer.NumberOfFrames = 2
    fewer.PixelData = encapsulate([image.pixels.encoded(index) for index in range(3)], has_bot=False)
    fewer.save_as(tmp_path / "b.dcm")
    assert len(list(DicomRendering(tmp_path / "b.dcm").frames())) == 3


def test_pixels_that_the_format_does_not_see_fail(checks, tmp_path):
    assert checks(write(GREY, tmp_path / "a.dcm"), frames=0)["rendering"].status is Status.FAILED
    bare = header(GREY)
    bare.save_as(tmp_path / "b.dcm", enforce_file_format=True)
    assert set(checks(tmp_path / "b.dcm")) == {"recheck"}


def test_a_kind_of_file_that_no_library_here_knows(tmp_path):
    (tmp_path / "a").write_bytes(b"n+1\0" * 99)
    with pytest.raises(Unrendered, match="neither") as caught:
        rendering_of(tmp_path / "a")
    assert not caught.value.supported


def test_a_data_set_without_preamble(tmp_path):
    path = stored(tmp_path / "a.dcm", pixels(GREY), GREY)
    whole = DicomRendering(path).frame(0).pictures()
    made = dcmread(path)
    del made.file_meta
    made.save_as(tmp_path / "b.dcm", implicit_vr=True, little_endian=True)
    bare = rendering_of(tmp_path / "b.dcm").frame(0).pictures()
    assert all(np.array_equal(whole[name], bare[name]) for name in whole)


def test_no_message_holds_a_value_of_the_header(tmp_path):
    path = stored(tmp_path / "a.dcm", pixels(GREY), GREY)
    made = dcmread(path)
    made.BitsStored = 0
    made.Rows = 9999
    made.save_as(path)
    with pytest.raises(Unrendered) as caught:
        rendering_of(path)
    assert str(caught.value) == "pydicom cannot read the file; only the format shows it"
    assert caught.value.__suppress_context__


def test_time_that_is_over_stops_the_comparison(checks, tmp_path):
    with pytest.raises(StageTimeout):
        checks(write(GREY, tmp_path / "a.dcm"), seconds=0.0)


def test_one_frame_at_a_time_is_in_memory(tmp_path):
    case = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12)
    made = header(case)
    made.Rows, made.Columns, made.NumberOfFrames = 512, 512, 48
    made.PixelData = np.arange(48 * 512 * 512, dtype="<u4").astype("<u2").tobytes()
    made["PixelData"].VR = "OW"
    made.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    del made
    rendering = rendering_of(tmp_path / "a.dcm")
    tracemalloc.start()
    assert sum(1 for frame in rendering.frames() if frame.pictures()) == 48
    assert tracemalloc.get_traced_memory()[1] < 12 * 2**20
    tracemalloc.stop()


# Colours that a file contradicts itself about


JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
ADOBE = {0: b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0", 1: b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\1"}


def bare_jpeg(subsampling):
    colours = np.repeat(pixels(Case(s.EXPLICIT_LE, "RGB"))[0][..., :1], 3, axis=2)
    colours[:, ::2, 1] = 40
    buffer = io.BytesIO()
    Image.fromarray(colours).save(buffer, "JPEG", quality=95, subsampling=subsampling)
    data = buffer.getvalue()
    return data[:2] + data[2 + 18 :]


LIES = {
    "RGB said, JFIF": ("RGB", JFIF, 0),
    "RGB said, Adobe YCbCr": ("RGB", ADOBE[1], 0),
    "RGB said, chroma subsampled": ("RGB", b"", 2),
    "YBR said, Adobe RGB": ("YBR_FULL", ADOBE[0], 0),
}


@pytest.mark.parametrize("lie", LIES)
def test_colour_spaces_that_contradict_each_other_are_warned_of_and_both_read(lie, checks, tmp_path):
    photometric, marker, subsampling = LIES[lie]
    data = bare_jpeg(subsampling)
    made = header(Case(s.JPEG_BASELINE, photometric))
    made.PixelData = encapsulate([data[:2] + marker + data[2:]])
    made["PixelData"].is_undefined_length = True
    made.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    found = checks(tmp_path / "a.dcm")
    assert found["rendering"].status is Status.WARNED and "colour" in found["rendering"].detail
    assert len(DicomRendering(tmp_path / "a.dcm").frame(0).pictures()) == 2


# Raster files


def raster(kind):
    """A picture with text, as Pillow's mode ``kind``."""
    grey = pixels(Case(s.EXPLICIT_LE, "MONOCHROME2"))[0]
    colour = np.stack([grey, grey[::-1], grey[:, ::-1]], axis=-1)
    alpha = np.full(grey.shape, 255, np.uint8)
    alpha[Y0:Y1, X0:X1] = 90
    made = {
        "1": lambda: Image.fromarray(grey).convert("1"),
        "L": lambda: Image.fromarray(grey),
        "LA": lambda: Image.fromarray(np.stack([grey, alpha], axis=-1), "LA"),
        "RGB": lambda: Image.fromarray(colour),
        "RGBA": lambda: Image.fromarray(np.dstack([colour, alpha])),
        "P": lambda: Image.fromarray(colour).quantize(40),
        "I;16": lambda: Image.fromarray(grey.astype(np.uint16) * 257 + 300),
    }
    return made[kind]()


MODES = ("1", "L", "LA", "RGB", "RGBA", "P", "I;16")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_raster_files_are_shown_as_pillow_shows_them(mode, suffix, checks, tmp_path):
    raster(mode).save(tmp_path / f"a.{suffix}")
    image = RASTER.open(tmp_path / f"a.{suffix}", Limits())
    RASTER.save(image, image.header, [Edit(0, (Patch((0, 0, 9, 9)),), "test")], tmp_path / f"b.{suffix}")
    for name in ("a", "b"):
        found = checks(tmp_path / f"{name}.{suffix}")
        assert found["rendering"].status is Status.PASSED and found["recheck"].status is Status.FAILED
        assert checks(tmp_path / f"{name}.{suffix}", nothing)["rendering"].status is Status.FAILED


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_jpeg_files(mode, orientation, checks, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = raster("RGB").convert(mode)
    picture.save(tmp_path / "a.jpg", exif=exif, quality=90)
    rendered = RasterRendering(tmp_path / "a.jpg").frame(0)
    assert rendered.shape == ((64, 128) if orientation == 1 else (128, 64))
    if mode != "CMYK":
        assert checks(tmp_path / "a.jpg")["rendering"].status is Status.PASSED


def test_pages_of_a_tiff(checks, tmp_path):
    first, *others = [raster("L"), raster("RGB"), raster("I;16")]
    first.save(tmp_path / "a.tif", save_all=True, append_images=others)
    assert checks(tmp_path / "a.tif")["rendering"].measured == {"frames": 3.0}
    assert checks(tmp_path / "a.tif", frames=2)["rendering"].status is Status.FAILED


def test_text_in_transparent_pixels_is_read_on_black_and_on_white(tmp_path):
    plane = np.full((64, 128, 4), 255, np.uint8)
    plane[Y0:Y1:2, X0:X1, 3] = 0
    Image.fromarray(plane).save(tmp_path / "a.png")
    pictures = RasterRendering(tmp_path / "a.png").frame(0).pictures()
    assert {name: int(np.ptp(picture)) for name, picture in pictures.items()} == {"default": 0, "black": 255, "white": 0}


# The measure


def test_the_tone_of_a_lossy_frame_may_waver_as_much_as_its_decoders():
    random = np.random.default_rng(1)
    values = random.integers(0, 200, (64, 128)).astype(np.uint8)
    other = np.clip(values.astype(int) + random.integers(-2, 3, values.shape), 0, 255).astype(np.uint8)
    table = Table.of(values)
    steep = np.clip((other.astype(int) - 90) * 12, 0, 255).astype(np.uint8)
    assert Grey(table, table.stored, {}).differing(steep) is not None
    assert Grey(table, table.stored, {}, noise=2).differing(steep) is None
    assert Grey(table, table.stored, {}, noise=2).differing(255 - steep) is not None


def test_floating_point_samples_and_what_is_no_number():
    values = np.linspace(-3.0, 900.0, 64 * 128).reshape(64, 128).astype(np.float32)
    values[3, 4], values[5, 6] = np.nan, np.inf
    table = Table.of(values)
    shown = Grey(table, table.stored, {}).pictures()["default"]
    assert shown[3, 4] == shown[5, 6] == 0 and shown[-1, -1] == 255
