"""Compressed objects: what is not edited keeps its bytes, offset tables are believed only when they are right, text beside the
samples goes."""

from __future__ import annotations

import itertools
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from dicom_objects import BOX, Case, encoded, header, pixels, write
from needs import present
from pydicom import dcmread
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.pixels import pixel_array

from deidkit.errors import UnreadableFile
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_dicom.codestream.rle import strip_rle
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
NAME = b"ZWETSCHGENBAUM XAVER"
THREE = [
    Case(s.RLE, "RGB", frames=3),
    Case(s.JPEGLS, "MONOCHROME2", 16, 12, frames=3),
    Case(s.J2K_LOSSLESS, "YBR_RCT", frames=3),
    Case(s.J2K, "MONOCHROME2", 16, 12, frames=3),
    Case(s.JPEG_BASELINE, "YBR_FULL_422", frames=3, sampling="4:2:0"),
]
SV1 = Case(s.JPEG_LOSSLESS_SV1, "MONOCHROME2", 16, 12, frames=3)
TWO = [
    Case(s.JPEG_BASELINE, "MONOCHROME2", frames=2),
    Case(s.JPEGLS, "RGB", frames=2),
    Case(s.J2K_LOSSLESS, "YBR_RCT", frames=2),
]


def edit(frame: int) -> Edit:
    return Edit(frame, (Patch(BOX),), "test")


def item(data: bytes) -> bytes:
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(data)) + data


def with_value(case: Case, value: bytes, path: Path) -> Path:
    ds = header(case)
    ds.PixelData = value
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.save_as(path, enforce_file_format=True)
    return path


def frames_of(path: Path, count: int) -> list[bytes]:
    ds = dcmread(path)
    return list(generate_frames(ds.PixelData, number_of_frames=count))


@pytest.mark.parametrize("case", THREE, ids=lambda case: case.name)
def test_unedited_frames_keep_their_bytes(case: Case, tmp_path: Path) -> None:
    path = write(case, tmp_path / "a.dcm")
    image = FORMAT.open(path, Limits())
    FORMAT.save(image, image.header, [], tmp_path / "same.dcm")
    assert dcmread(tmp_path / "same.dcm").PixelData == dcmread(path).PixelData
    FORMAT.save(image, image.header, [edit(1)], tmp_path / "b.dcm")
    before, after = frames_of(path, 3), frames_of(tmp_path / "b.dcm", 3)
    assert before[0] == after[0]
    assert before[2] == after[2]
    assert before[1] != after[1]


@pytest.mark.parametrize("choice", ["explicit", "jpegls", "j2k", "rle"])
@pytest.mark.parametrize("case", [THREE[0], THREE[4], SV1], ids=lambda case: case.name)
def test_the_profile_chooses_the_lossless_syntax(case: Case, choice: str, tmp_path: Path) -> None:
    wanted = {"explicit": s.EXPLICIT_LE, "jpegls": s.JPEGLS, "j2k": s.J2K_LOSSLESS, "rle": s.RLE}[choice]
    component = DicomFormat(DicomOptions(lossless=choice))
    image = component.open(write(case, tmp_path / "a.dcm"), Limits())
    masks = component.save(image, image.header, [edit(1)], tmp_path / "b.dcm")
    again = component.open(tmp_path / "b.dcm", Limits())
    assert again.syntax.uid == wanted
    outside = np.ones((64, 128), bool)
    x0, y0, x1, y1 = masks[1][0]
    outside[y0:y1, x0:x1] = False
    for index in range(3):
        where = outside if index == 1 else np.ones_like(outside)
        assert np.array_equal(image.frame(index).samples[where], again.frame(index).samples[where])
    lossy = dcmread(tmp_path / "b.dcm").get("LossyImageCompression")
    assert lossy == ("01" if case is THREE[4] else None)


def test_lossy_compression_is_confessed_when_the_syntax_no_longer_shows_it(tmp_path: Path) -> None:
    case = Case(s.JPEG_EXTENDED, "MONOCHROME2", 16, 12)
    ds = dcmread(write(case, tmp_path / "a.dcm"))
    for keyword in ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        del ds[keyword]
    ds.save_as(tmp_path / "a.dcm")
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    FORMAT.save(image, image.header, [edit(0)], tmp_path / "b.dcm")
    made = dcmread(tmp_path / "b.dcm")
    assert (made.LossyImageCompression, made.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert float(made.LossyImageCompressionRatio) > 1


@pytest.mark.parametrize("table", ["none", "wrong", "short", "fragmented", "extended"])
def test_offset_tables(table: str, tmp_path: Path) -> None:
    case = Case(s.JPEGLS, "MONOCHROME2", 16, 12, frames=3)
    made = [encoded(case, frame) for frame in pixels(case)]
    made = [frame + b"\0" * (len(frame) % 2) for frame in made]
    if table == "extended":
        value, offsets, lengths = encapsulate_extended(made)
        path = with_value(case, value, tmp_path / "a.dcm")
        ds = dcmread(path)
        ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = offsets, lengths
        ds.save_as(path)
    elif table == "fragmented":
        path = with_value(case, encapsulate(made, fragments_per_frame=3), tmp_path / "a.dcm")
    else:
        offsets = {"none": b"", "wrong": struct.pack("<3L", 0, 7, 99), "short": struct.pack("<L", 0)}[table]
        path = with_value(case, item(offsets) + b"".join(map(item, made)), tmp_path / "a.dcm")
    image = FORMAT.open(path, Limits())
    for index, samples in enumerate(pixels(case)):
        assert np.array_equal(image.frame(index).samples, samples)
    for edits in ([], [edit(2)]):
        (tmp_path / "b.dcm").unlink(missing_ok=True)
        FORMAT.save(image, image.header, edits, tmp_path / "b.dcm")
        again = FORMAT.open(tmp_path / "b.dcm", Limits())
        assert np.array_equal(again.frame(1).samples, pixels(case)[1])
        assert "ExtendedOffsetTable" not in dcmread(tmp_path / "b.dcm")
        assert len(frames_of(tmp_path / "b.dcm", 3)) == 3


def test_fragments_without_any_table_are_told_apart_by_their_starts(tmp_path: Path) -> None:
    case = Case(s.J2K_LOSSLESS, "MONOCHROME2", frames=2)
    halves = []
    for frame in (encoded(case, one) for one in pixels(case)):
        middle = len(frame) // 4 * 2
        halves += [frame[:middle], frame[middle:] + b"\0" * (len(frame) % 2)]
    path = with_value(case, item(b"") + b"".join(map(item, halves)), tmp_path / "a.dcm")
    assert np.array_equal(FORMAT.open(path, Limits()).frame(1).samples, pixels(case)[1])


SPLIT = [
    Case(s.RLE, "MONOCHROME2"),
    Case(s.RLE, "MONOCHROME2", 16, 12),
    Case(s.RLE, "RGB"),
    Case(s.RLE, "RGB", 16, 16),
    Case(s.JPEG_BASELINE, "MONOCHROME2"),
    Case(s.JPEG_LOSSLESS_SV1, "MONOCHROME2", 16, 12),
    Case(s.JPEGLS, "MONOCHROME2", 16, 12),
    Case(s.J2K_LOSSLESS, "YBR_RCT"),
]
CINE = "1.2.840.10008.5.1.4.1.1.3.1"


def split(frame: bytes, size: int) -> list[bytes]:
    """Fragments of at most ``size`` bytes, as dcmjs cuts them."""
    even = frame + b"\0" * (len(frame) % 2)
    return [even[start : start + size] for start in range(0, len(even), size)]


def fragmented(
    path: Path, case: Case, frames: list[list[bytes]], table: str, counted: int | None, sop_class: str = CINE
) -> Path:
    """An object whose frames are the given fragments, with offset tables of the kind ``table``."""
    ds = header(case)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = sop_class
    if counted is None:
        ds.pop("NumberOfFrames", None)
    else:
        ds.NumberOfFrames = counted
    lengths = [sum(8 + len(part) for part in parts) for parts in frames]
    offsets = [sum(lengths[:index]) for index in range(len(frames))]
    if table == "extended":
        ds.ExtendedOffsetTable = struct.pack(f"<{len(frames)}Q", *offsets)
        ds.ExtendedOffsetTableLengths = struct.pack(f"<{len(frames)}Q", *(sum(map(len, parts)) for parts in frames))
    basic = {"basic": offsets, "wrong": [offset + 2 for offset in offsets]}.get(table, [])
    items = [] if table == "missing" else [struct.pack(f"<{len(basic)}L", *basic)]
    ds.PixelData = b"".join(item(data) for data in (*items, *itertools.chain.from_iterable(frames)))
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.save_as(path, enforce_file_format=True)
    return path


def check_frames(path: Path, frames: list[list[bytes]], folder: Path) -> None:
    """Every frame is read, and leaves so that pydicom, dcmtk and GDCM find it, edited or not."""
    image = FORMAT.open(path, Limits())
    assert image.pixels is not None
    whole = [b"".join(parts) for parts in frames]
    assert [image.pixels.encoded(index) for index in range(image.frame_count)] == whole
    last = image.frame_count - 1
    for number, edits in enumerate(([], [edit(last)])):
        out = folder / f"out{number}.dcm"
        FORMAT.save(image, image.header, edits, out)
        made = dcmread(out)
        assert int(made.get("NumberOfFrames", 1)) == len(frames)
        assert pixel_array(made, index=last).shape[:2] == (64, 128)
        again = FORMAT.open(out, Limits())
        assert all(np.array_equal(image.frame(i).samples, again.frame(i).samples) for i in range(len(frames) - len(edits)))
    for program in present("dcmdump", "gdcmdump"):
        assert subprocess.run([program, str(folder / "out1.dcm")], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("frames", "table", "empty"),
    [
        (1, "none", False),
        (1, "missing", True),
        (3, "basic", False),
        (3, "basic", True),
        (3, "extended", False),
        (3, "none", True),
        (3, "wrong", False),
        (3, "missing", False),
    ],
)
@pytest.mark.parametrize("case", SPLIT, ids=lambda case: case.name)
def test_frames_in_several_fragments(case: Case, frames: int, table: str, empty: bool, tmp_path: Path) -> None:
    """Their beginnings tell them apart, with or without a table; fragments without a byte belong to none."""
    case = replace(case, frames=frames)
    parts = [[*split(encoded(case, one), 1000), *[b""] * empty] for one in pixels(case)]
    path = fragmented(tmp_path / "a.dcm", case, parts, table, frames)
    check_frames(path, parts, tmp_path)


@pytest.mark.parametrize(
    ("counted", "size", "table"),
    [(None, 1000, "basic"), (1, 1000, "none"), (2, 1000, "extended"), (None, 100_000, "none"), (2, 100_000, "basic")],
)
@pytest.mark.parametrize("case", SPLIT, ids=lambda case: case.name)
def test_encapsulated_frames_that_are_not_counted_are_kept(
    case: Case, counted: int | None, size: int, table: str, tmp_path: Path
) -> None:
    case = replace(case, frames=3)
    parts = [split(encoded(case, one), size) for one in pixels(case)]
    path = fragmented(tmp_path / "a.dcm", case, parts, table, counted)
    assert FORMAT.open(path, Limits()).contradictions == ("Number of Frames says fewer than the 3 frames of the pixel data",)
    check_frames(path, parts, tmp_path)


@pytest.mark.parametrize("case", SPLIT, ids=lambda case: case.name)
def test_further_frames_that_nothing_explains_are_refused(case: Case, tmp_path: Path) -> None:
    """A class of single frames without a table, a table of fewer frames, a frame of another size, frames in one fragment."""
    case = replace(case, frames=3)
    parts = [split(encoded(case, one), 100_000) for one in pixels(case)]
    still = fragmented(tmp_path / "a.dcm", case, parts, "none", None, "1.2.840.10008.5.1.4.1.1.6.1")
    fewer = fragmented(tmp_path / "b.dcm", case, [parts[0], [*parts[1], *parts[2]]], "basic", None)
    run_on = fragmented(tmp_path / "c.dcm", case, [[b"".join(itertools.chain.from_iterable(parts))]], "none", None)
    for path in (still, fewer, run_on):
        with pytest.raises(UnreadableFile, match="frames-uncounted"):
            FORMAT.save(FORMAT.open(path, Limits()), header(case), [], tmp_path / "out.dcm")
        (tmp_path / "out.dcm").unlink(missing_ok=True)


def test_a_preview_is_no_frame(tmp_path: Path) -> None:
    case = Case(s.JPEGLS, "MONOCHROME2", 16, 12)
    small = bytes(jpeg_ls.encode_array(np.ascontiguousarray(pixels(case)[0][:32, :64])))
    path = fragmented(
        tmp_path / "a.dcm", case, [split(encoded(case, pixels(case)[0]), 100_000), split(small, 1000)], "none", None
    )
    with pytest.raises(UnreadableFile, match="codestream-mismatch"):
        FORMAT.open(path, Limits())


def test_frames_without_a_beginning_that_is_known_need_a_table(tmp_path: Path) -> None:
    """Fragments of RLE frames whose headers are damaged: a table tells which belong together, nothing else does."""
    case = Case(s.RLE, "MONOCHROME2", frames=2)
    parts = [split(b"\xff" + encoded(case, one)[1:], 1000) for one in pixels(case)]
    with pytest.raises(UnreadableFile, match="frames-unclear"):
        FORMAT.open(fragmented(tmp_path / "a.dcm", case, parts, "none", 2), Limits())
    with pytest.raises(UnreadableFile, match="codestream-mismatch"):
        FORMAT.open(fragmented(tmp_path / "b.dcm", case, parts, "basic", 2), Limits())


def test_fragments_that_make_up_fewer_frames(tmp_path: Path) -> None:
    case = Case(s.J2K_LOSSLESS, "YBR_RCT", frames=2)
    parts = [split(encoded(case, one), 1000) for one in pixels(case)]
    with pytest.raises(UnreadableFile, match=r"pixels-truncated.*fewer frames"):
        FORMAT.open(fragmented(tmp_path / "a.dcm", case, parts, "basic", 3), Limits())


def test_fragments_behind_the_last_frame_do_not_hide_it(tmp_path: Path) -> None:
    """Padding in a fragment of its own leaves other programs at a loss which fragments make up a frame."""
    case = Case(s.J2K_LOSSLESS, "YBR_RCT", frames=3)
    parts = [split(encoded(case, one), 100_000) for one in pixels(case)]
    path = fragmented(tmp_path / "a.dcm", case, [*parts[:2], [*parts[2], bytes(40)]], "none", 3)
    image = FORMAT.open(path, Limits())
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    assert pixel_array(dcmread(tmp_path / "b.dcm")).shape == (3, 64, 128, 3)


def test_bytes_between_fragments_are_refused(tmp_path: Path) -> None:
    case = Case(s.RLE, "MONOCHROME2", frames=2)
    made = [encoded(case, frame) for frame in pixels(case)]
    path = with_value(case, item(b"") + item(made[0]) + b"JANE DOE" + item(made[1]), tmp_path / "a.dcm")
    with pytest.raises(UnreadableFile, match="fragments-malformed"):
        FORMAT.open(path, Limits())


def jpeg_with_text(data: bytes) -> bytes:
    comment = b"\xff\xfe" + struct.pack(">H", len(NAME) + 2) + NAME
    exif = b"\xff\xe1" + struct.pack(">H", len(NAME) + 8) + b"Exif\0\0" + NAME
    return data[:2] + exif + comment + data[2:] + NAME


def j2k_with_text(data: bytes) -> bytes:
    comment = b"\xff\x64" + struct.pack(">HH", len(NAME) + 4, 1) + NAME
    main, tile = data.index(b"\xff\x90"), data.index(b"\xff\x93")
    length = struct.unpack(">L", data[main + 6 : main + 10])[0] + len(comment)
    tile_header = data[main : main + 6] + struct.pack(">L", length) + data[main + 10 : tile]
    return data[:main] + comment + tile_header + comment + data[tile:] + NAME


def rle_with_text(data: bytes) -> bytes:
    """In the offsets that are not used, between the segments and after the last one."""
    count, *offsets = struct.unpack_from("<16L", data)
    bounds = [*offsets[:count], len(data)]
    parts = [data[a:b] + NAME + b"\0" * (len(NAME) % 2) for a, b in itertools.pairwise(bounds)]
    starts = [64 + sum(map(len, parts[:i])) for i in range(count)]
    spare = (NAME * 4)[: 4 * (15 - count)]
    return struct.pack(f"<{1 + count}L", count, *starts) + spare + b"".join(parts)


PLANTS = {s.J2K_LOSSLESS: j2k_with_text, s.RLE: rle_with_text}


@pytest.mark.parametrize("edits", [[], [edit(0)]], ids=["unedited", "edited"])
@pytest.mark.parametrize(
    "case",
    [
        Case(s.RLE, "MONOCHROME2", 16, 12, frames=2),
        Case(s.RLE, "RGB", frames=2),
        Case(s.JPEG_BASELINE, "MONOCHROME2", frames=2),
        Case(s.JPEGLS, "RGB", frames=2),
        Case(s.J2K_LOSSLESS, "YBR_RCT", frames=2),
    ],
)
def test_text_in_markers_goes(case: Case, edits: list[Edit], tmp_path: Path) -> None:
    plant = PLANTS.get(case.syntax, jpeg_with_text)
    made = [plant(encoded(case, frame)) for frame in pixels(case)]
    path = with_value(case, encapsulate(made), tmp_path / "a.dcm")
    image = FORMAT.open(path, Limits())
    FORMAT.save(image, image.header, edits, tmp_path / "b.dcm")
    assert NAME in path.read_bytes()
    assert NAME not in (tmp_path / "b.dcm").read_bytes()
    again = FORMAT.open(tmp_path / "b.dcm", Limits())
    assert np.array_equal(again.frame(1).samples, image.frame(1).samples)


def test_the_transform_is_what_the_header_says(tmp_path: Path) -> None:
    for case in (Case(s.J2K_LOSSLESS, "RGB", frames=2), Case(s.J2K_LOSSLESS, "YBR_RCT", frames=2)):
        image = FORMAT.open(write(case, tmp_path / f"{case.photometric}.dcm"), Limits())
        FORMAT.save(image, image.header, [edit(0)], tmp_path / f"{case.photometric}-out.dcm")
        for frame in frames_of(tmp_path / f"{case.photometric}-out.dcm", 2):
            assert frame[frame.index(b"\xff\x52") + 8] == (case.photometric == "YBR_RCT")
        assert dcmread(tmp_path / f"{case.photometric}-out.dcm").PhotometricInterpretation == case.photometric


def test_a_run_that_goes_on_after_the_last_sample_is_cut(tmp_path: Path) -> None:
    header = struct.pack("<16L", 1, 64, *[0] * 14)
    literal, repeated = bytes([5]) + b"ab" + NAME[:4], bytes([254 + 1 - 4, 7])
    assert strip_rle(header + literal + b"\0", 2) == header + b"\x01ab\0"
    assert strip_rle(header + repeated, 3) == header + bytes([254, 7])
    with pytest.raises(UnreadableFile, match="codestream-truncated"):
        strip_rle(header + literal, 7)


def test_black_of_a_signed_jpeg_is_its_own(tmp_path: Path) -> None:
    """Samples of JPEG have no sign; an object that gives them one is decoded and written with its own black."""
    ds = dcmread(write(Case(s.JPEG_BASELINE, "MONOCHROME2"), tmp_path / "a.dcm"))
    ds.PixelRepresentation = 1
    ds.save_as(tmp_path / "a.dcm")
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    FORMAT.save(image, image.header, [edit(0)], tmp_path / "b.dcm")
    x0, y0, x1, y1 = BOX
    again = FORMAT.open(tmp_path / "b.dcm", Limits()).frame(0)
    assert (again.samples[y0:y1, x0:x1] == image.frame(0).black[0]).all()
