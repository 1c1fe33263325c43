"""Nothing of a compressed frame leaves but what its samples need, and a frame with nothing else in it keeps its bytes."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path

import carriers
import cv2
import numpy as np
import pytest
from carriers import Carrier
from dicom_objects import BOX, Case, encoded, header, pixels
from ht_frames import HT_FRAMES
from j2k_frames import J2K_FRAMES
from PIL import Image, ImageFilter
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate, generate_frames

from deidkit.errors import ItemError
from deidkit.jpeg.bare import bare_jpeg
from deidkit.jpeg.huffman import Table, Unsuitable
from deidkit.jpeg.tables import DHT, Definition, definitions, limited_huffman, limited_quantiser
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.types import Case as Verified
from deidkit.types import Context, Deadline, Edit, Labels, Patch
from deidkit_dicom.codestream.j2k import bare_j2k
from deidkit_dicom.codestream.jpeg_ls import bare_jpegls
from deidkit_dicom.codestream.rle import strip_rle
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s
from deidkit_reconstruct.equality.verifier import Equality
from deidkit_reconstruct.options import EqualityOptions

FORMAT = DicomFormat(DicomOptions())
LONG, SHORT = b"ZWETSCHGENBAUM XAVER 19440203", b"WQJ"
GREY = Case(s.JPEG_BASELINE, "MONOCHROME2")
COLOUR = Case(s.JPEG_BASELINE, "YBR_FULL_422", sampling="4:2:0")
LOSSLESS = Case(s.JPEG_LOSSLESS_SV1, "MONOCHROME2", 16, 12)
JPEG_LS, JPEG_LS_COLOUR = Case(s.JPEGLS, "MONOCHROME2", 16, 12), Case(s.JPEGLS, "RGB")
J2K, HTJ2K = Case(s.J2K_LOSSLESS, "MONOCHROME2"), Case(s.HTJ2K_LOSSLESS, "MONOCHROME2")
RLE = Case(s.RLE, "MONOCHROME2", 16, 12)
STEPS = [17 + place for place in range(64)]
"""A quantiser that is no multiple of annex K's, as those of vendors are."""


def jpeg(case: Case, **options: object) -> bytes:
    buffer = io.BytesIO()
    smooth = Image.fromarray(pixels(case)[0]).filter(ImageFilter.GaussianBlur(4))
    smooth.save(buffer, "JPEG", **({"quality": 85} | options))
    return buffer.getvalue()


FRAMES = {
    "jpeg": (GREY, jpeg(GREY, qtables=[STEPS], optimize=True), carriers.DCT),
    "jpeg-restart": (GREY, jpeg(GREY, restart_marker_blocks=5), carriers.RESTARTED),
    "jpeg-colour": (COLOUR, jpeg(COLOUR, subsampling=2), carriers.COLOUR),
    "jpeg-progressive": (
        GREY,
        jpeg(GREY, progressive=True),
        [c for c in carriers.DCT if c.name not in carriers.SEQUENTIAL_ONLY],
    ),
    "jpeg-lossless": (LOSSLESS, encoded(LOSSLESS, pixels(LOSSLESS)[0]), carriers.LOSSLESS),
    "jpegls": (JPEG_LS, encoded(JPEG_LS, pixels(JPEG_LS)[0]), carriers.JPEG_LS),
    "jpegls-colour": (JPEG_LS_COLOUR, encoded(JPEG_LS_COLOUR, pixels(JPEG_LS_COLOUR)[0]), carriers.COLOUR),
    "j2k": (J2K, encoded(J2K, pixels(J2K)[0]), carriers.J2K),
    "htj2k": (HTJ2K, HT_FRAMES[HTJ2K.syntax, 1], [c for c in carriers.J2K if c.name != "CAP"]),
    "rle": (RLE, encoded(RLE, pixels(RLE)[0]), carriers.RLE),
}
PLACES = [pytest.param(kind, carrier, id=f"{kind}-{carrier.name}") for kind in FRAMES for carrier in FRAMES[kind][2]]


def written(case: Case, frames: list[bytes], path: Path) -> Path:
    ds = header(case)
    ds.PatientID = "1"
    ds.PixelData = encapsulate(frames)
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    ds.save_as(path, enforce_file_format=True)
    return path


def frame_of(path: Path) -> bytes:
    return next(generate_frames(dcmread(path).PixelData, number_of_frames=1))


def bare(data: bytes, case: Case) -> bytes:
    family = s.SYNTAXES[case.syntax].family
    return {"jpeg": bare_jpeg, "jpegls": bare_jpegls, "j2k": bare_j2k, "rle": lambda d: strip_rle(d, 64 * 128)}[family](data)


def without_colour(frame: bytes) -> bytes:
    """A planted marker of the colour space stays as one that tells nothing else."""
    while frame[2:4] in (b"\xff\xe0", b"\xff\xee"):
        frame = frame[:2] + frame[2 + carriers.length(frame, 2) :]
    return frame


@pytest.mark.parametrize("text", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize(("kind", "carrier"), PLACES)
def test_text_beside_the_samples_stays_in_the_house(kind: str, carrier: Carrier, text: bytes, tmp_path: Path) -> None:
    case, frame, _ = FRAMES[kind]
    text = text[: carrier.room]
    planted = carrier.plant(frame, text)
    assert carrier.name == "no-op codes" or (carrier.there(planted, text) and not carrier.there(frame, text))
    clean = FORMAT.open(written(case, [frame], tmp_path / "clean.dcm"), Limits()).frame(0).samples
    path = written(case, [planted], tmp_path / "a.dcm")
    for edits in ([], [Edit(0, (Patch(BOX),), "test")]):
        out = tmp_path / f"out{len(edits)}.dcm"
        try:
            image = FORMAT.open(path, Limits())
            assert np.array_equal(image.frame(0).samples, clean), "the planted frame is another picture"
            FORMAT.save(image, image.header, edits, out)
        except ItemError:
            continue
        again = FORMAT.open(out, Limits())
        assert not carrier.there(out.read_bytes(), text)
        assert again.surplus(0) == ""
        if not edits:
            assert np.array_equal(again.frame(0).samples, clean)
        if not edits and again.syntax is image.syntax:
            assert without_colour(frame_of(out)).rstrip(b"\0") == without_colour(bare(frame, case)).rstrip(b"\0")


@pytest.mark.parametrize("kind", FRAMES)
def test_most_planted_frames_are_released(kind: str, tmp_path: Path) -> None:
    """Only what decoders refuse, or what is no frame of its kind, is quarantined."""
    case, frame, places = FRAMES[kind]
    refused = []
    for carrier in places:
        try:
            image = FORMAT.open(written(case, [carrier.plant(frame, SHORT[: carrier.room])], tmp_path / "a.dcm"), Limits())
            assert image.frame(0).samples.shape == (64, 128, *([3] if case.samples == 3 else []))
        except ItemError:
            refused.append(carrier.name)
    j2k = ["unknown segment", "QCC of no component", "before EOC", "tile size"]
    expected = {"jpeg": ["DAC"], "jpeg-progressive": ["DAC"], "jpegls": ["scan surplus"], "j2k": j2k, "htj2k": j2k}
    assert set(refused) <= {*expected.get(kind, []), "a gap before the first segment"}


def four_tables(frame: bytes) -> bytes:
    """A grey frame with the Huffman tables of annex K for colour behind those that it uses, as many encoders write it."""
    colour = jpeg(COLOUR, subsampling=2)
    unused = b""
    place = carriers.at(colour, 0xC4)
    while colour[place + 1] == 0xC4:
        size = carriers.length(colour, place)
        unused += colour[place : place + size] if colour[place + 4] & 15 else b""
        place += size
    place = carriers.at(frame, 0xDA)
    return frame[:place] + unused + frame[place:]


def test_unused_tables_of_ordinary_encoders_go(tmp_path: Path) -> None:
    frame = jpeg(GREY)
    made = four_tables(frame)
    assert len(made) > len(frame) + 200
    image = FORMAT.open(written(GREY, [made], tmp_path / "a.dcm"), Limits())
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    assert frame_of(tmp_path / "b.dcm").rstrip(b"\0") == frame.rstrip(b"\0")


JPEGS = [
    pytest.param(size, colours, options, id=f"{size[0]}x{size[1]}-{'colour' if colours else 'grey'}-{options}")
    for size in ((1, 1), (17, 50), (64, 128))
    for colours in (False, True)
    for options in (
        {},
        {"optimize": True},
        {"progressive": True},
        {"restart_marker_rows": 1},
        {"restart_marker_blocks": 1, "progressive": True},
        {"quality": 100, "subsampling": 0},
        {"quality": 5, "subsampling": 1},
    )
    if size != (1, 1) or "restart_marker_rows" not in options
]


@pytest.mark.parametrize(("size", "colours", "options"), JPEGS)
def test_clean_jpeg_frames_keep_their_bytes(size: tuple[int, int], colours: bool, options: dict[str, object]) -> None:
    rng = np.random.default_rng(7)
    made = cv2.GaussianBlur(rng.integers(0, 256, (*size, 3), np.uint8), (0, 0), 1.5)
    buffer = io.BytesIO()
    options = {name: value for name, value in options.items() if colours or name != "subsampling"}
    Image.fromarray(made if colours else np.ascontiguousarray(made[..., 0])).save(buffer, "JPEG", **options)
    data = buffer.getvalue()
    if size == (1, 1) and "restart_marker_blocks" in options:
        assert bare_jpeg(bare_jpeg(data)) == bare_jpeg(data)
        return
    assert bare_jpeg(data) is data
    assert bare_jpeg(data + b"\0") == data + b"\0"
    for surplus in (b"WQJ", b"\0", b"\xff\xff\xff", b"\xff\x00W"):
        end = data.rindex(b"\xff\xd9")
        assert bare_jpeg(data[:end] + surplus + data[end:]) == data
    with pytest.raises(Unsuitable):
        bare_jpeg(_without_last(data))


def _without_last(data: bytes) -> bytes:
    """The stream without the last entropy-coded byte, which is needed."""
    end = data.rindex(b"\xff\xd9")
    return data[: end - (2 if data[end - 2 : end] == b"\xff\0" else 1)] + data[end:]


J2KS = [
    pytest.param(size, colours, progression, options, id=f"{size[0]}x{size[1]}-{colours}-{progression}-{index}")
    for size in ((1, 1), (70, 131))
    for colours in (False, True)
    for progression in ("LRCP", "RLCP", "RPCL", "PCRL", "CPRL")
    for index, options in enumerate(
        (
            {},
            {"tile_size": (64, 48)},
            {"precinct_size": (64, 64), "codeblock_size": (32, 32)},
            {"quality_mode": "rates", "quality_layers": [30, 10, 1]},
            {"irreversible": True, "quality_mode": "rates", "quality_layers": [20]},
            {"num_resolutions": 1},
            {"tile_size": (100, 70), "precinct_size": (32, 32), "codeblock_size": (16, 16), "irreversible": True},
        )
    )
]


@pytest.mark.parametrize(("size", "colours", "progression", "options"), J2KS)
def test_clean_j2k_frames_keep_their_bytes(size: tuple[int, int], colours: bool, progression: str, options: dict) -> None:
    rng = np.random.default_rng(7)
    made = cv2.GaussianBlur(rng.integers(0, 256, (*size, 3), np.uint8), (0, 0), 1.5)
    buffer = io.BytesIO()
    image = Image.fromarray(made if colours else np.ascontiguousarray(made[..., 0]))
    image.save(buffer, "JPEG2000", no_jp2=True, progression=progression, **options)
    data = buffer.getvalue()
    assert bare_j2k(data) is data
    assert bare_j2k(carriers.after_packets(data, b"WQJ")) == data
    if not options and size != (1, 1):
        with pytest.raises(Unsuitable):
            bare_j2k(_shortened(data))


def _shortened(data: bytes) -> bytes:
    """The codestream with a last tile-part that lacks its last byte."""
    place = data.rindex(b"\xff\x90\x00\x0a")
    told = int.from_bytes(data[place + 6 : place + 10], "big")
    length = (told - 1 if told else 0).to_bytes(4, "big")
    return data[: place + 6] + length + data[place + 10 : -3] + data[-2:]


@pytest.mark.parametrize("kind", ["jpegls", "jpegls-colour", "htj2k", "rle", "jpeg-lossless"])
def test_clean_frames_of_other_kinds_keep_their_bytes(kind: str) -> None:
    case, frame, _ = FRAMES[kind]
    assert bare(frame, case) is frame


@pytest.mark.parametrize("kind", J2K_FRAMES)
def test_code_blocks_and_packets_of_every_style_are_followed(kind: str) -> None:
    frame = J2K_FRAMES[kind]
    assert bare_j2k(frame) is frame
    planted = carriers.after_packets(frame, b"WQJ")
    assert bare_j2k(planted) == frame
    assert bare_j2k(carriers.in_tile(lambda text: carriers.segment(0x58, b"\0" + text))(frame, LONG)) == frame
    with pytest.raises(Unsuitable):
        bare_j2k(_shortened(frame))


def test_tile_lengths_of_a_clean_codestream_stay() -> None:
    frame = FRAMES["j2k"][1]
    place = carriers.tile(frame)
    length = frame[place + 6 : place + 10]
    told = frame[:place] + carriers.segment(0x55, b"\0\x50\0" + length) + frame[place:]
    assert bare_j2k(told) is told
    assert bare_j2k(told.replace(b"\0\x50\0" + length, b"\0\x50\0WQJK")) == told
    assert bare_j2k(frame[:place] + carriers.segment(0x55, b"\0\x40" + length + b"WQJK") + frame[place:]) == frame


def test_a_step_that_no_code_block_uses_goes_unless_it_follows_from_the_others() -> None:
    buffer = io.BytesIO()
    flat = Image.fromarray(np.full((64, 128), 99, np.uint8))
    flat.save(buffer, "JPEG2000", no_jp2=True, irreversible=True)
    data = buffer.getvalue()
    assert bare_j2k(data) is data
    place = carriers.at(data, 0x5C, 2 + 2 + int.from_bytes(data[4:6], "big"))
    spelled = data[: place + 9] + LONG[:26] + data[place + 35 :]
    assert LONG[:26] not in bare_j2k(spelled)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(bare_j2k(spelled)))), np.asarray(flat))


def test_tables_are_cut_behind_the_last_code_in_use() -> None:
    table = Definition(DHT, bytes([0x10, 0, 2, 1, 1, *[0] * 12]) + b"ABCD")
    kept = limited_huffman(table, {ord("A"), ord("C")})
    assert kept.body == bytes([0x10, 0, 2, 1, *[0] * 13]) + b"A\0C"
    codes = Table(kept.body[1:17], kept.body[17:]).codes()
    assert {symbol: codes[symbol] for symbol in b"AC"} == {symbol: table.table.codes()[symbol] for symbol in b"AC"}
    assert limited_huffman(kept, {ord("A"), ord("C")}).body == kept.body
    steps = definitions(0xDB, b"\0" + LONG.ljust(64, b"!"))[0]
    assert limited_quantiser(steps, {0, 2}).body == b"\0" + b"ZZ" + b"E" * 62


@pytest.mark.parametrize("damage", ["restart markers", "fill bytes", "two frames", "arithmetic", "twice defined"])
def test_what_cannot_be_followed_is_no_frame_of_its_own(damage: str) -> None:
    data = jpeg(GREY, restart_marker_blocks=5)
    made = {
        "restart markers": data.replace(b"\xff\xd2", b"\xff\xd3"),
        "fill bytes": data.replace(b"\xff\xd2", b"\xff\xff\x00\xff\xd2"),
        "two frames": data[:2] + data[carriers.at(data, 0xC0) : carriers.at(data, 0xC4)] + data[2:],
        "arithmetic": data.replace(b"\xff\xc0\x00\x0b", b"\xff\xc9\x00\x0b"),
        "twice defined": carriers.unused_codes(jpeg(GREY, optimize=True), b"WW"),
    }[damage]
    with pytest.raises(Unsuitable):
        bare_jpeg(made)


@pytest.mark.parametrize(
    ("case", "target"), [(GREY, s.EXPLICIT_LE), (J2K, s.J2K_LOSSLESS), (Case(s.J2K, "YBR_ICT"), s.EXPLICIT_LE)]
)
def test_a_frame_that_cannot_be_followed_is_encoded_anew(case: Case, target: str, tmp_path: Path) -> None:
    clean = jpeg(GREY, restart_marker_blocks=5) if case is GREY else encoded(case, pixels(case)[0])
    strange = clean.replace(b"\xff\xd3", b"\xff\xff\xd3") if case is GREY else _regions_twice(clean)
    if case is GREY:
        strange = strange.replace(b"\xff\xd2", b"\xff\xff\x00\xff\xd2")
    with pytest.raises(Unsuitable):
        bare(strange, case)
    image = FORMAT.open(written(case, [strange], tmp_path / "a.dcm"), Limits())
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    again = FORMAT.open(tmp_path / "b.dcm", Limits())
    assert again.syntax.uid == target
    assert np.array_equal(again.frame(0).samples, image.frame(0).samples)
    assert again.surplus(0) == ""


def _regions_twice(data: bytes) -> bytes:
    """A progression order change that changes nothing: with it, packets could come in any order."""
    place = carriers.tile(data)
    coding = carriers.at(data, 0x52, 2)
    layers, order = data[coding + 6 : coding + 8], data[coding + 5 : coding + 6]
    components = data[40:42]
    return data[:place] + carriers.segment(0x5F, b"\0\0" + layers + b"\x21" + components[1:] + order) + data[place:]


def test_offset_tables_hold_offsets_alone(tmp_path: Path) -> None:
    """Three bytes behind the last offset used to go with the value that is copied."""
    frame = FRAMES["jpegls"][1]
    frame += b"\0" * (len(frame) % 2)
    path = written(JPEG_LS, [frame], tmp_path / "a.dcm")
    ds = dcmread(path)
    ds.PixelData = ds.PixelData.replace(b"\xfe\xff\x00\xe0\x04\0\0\0\0\0\0\0", b"\xfe\xff\x00\xe0\x08\0\0\0\0\0\0\0WQJ\0", 1)
    ds["PixelData"].is_undefined_length = True
    ds.save_as(path, enforce_file_format=True)
    image = FORMAT.open(path, Limits())
    assert image.surplus(0) == "fragments or offsets that belong to no frame"
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    assert b"WQJ" not in (tmp_path / "b.dcm").read_bytes()


@pytest.mark.parametrize("kind", ["jpeg", "jpegls", "j2k", "rle"])
def test_the_verifier_finds_what_a_writer_left(kind: str, tmp_path: Path) -> None:
    case, frame, places = FRAMES[kind]
    before = FORMAT.open(written(case, [bare(frame, case)], tmp_path / "before.dcm"), Limits())
    planted = next(
        carrier for carrier in places if carrier.name in ("COM after the scan", "tile-part surplus", "behind a segment")
    )
    wrong = FORMAT.open(written(case, [planted.plant(frame, LONG)], tmp_path / "wrong.dcm"), Limits())
    context = Context(Labels(), "test", (), Keys(bytes(32)), Deadline.after(60), Dataset())
    for after, known, status in ((before, True, "passed"), (wrong, True, "failed"), (wrong, False, "warned")):
        made = Verified(before, after, after.path, {}, {}, (), context, edits_known=known)
        checks = {check.name: check.status.value for check in Equality(EqualityOptions()).verify(made)}
        assert checks["equality-surplus"] == status


def test_libjpeg_finds_no_byte_too_many(tmp_path: Path) -> None:
    """OpenCV lets the library say what it thinks of a stream; a planted one makes it speak, a written one does not."""
    frame = jpeg(COLOUR, subsampling=2, restart_marker_blocks=3)
    planted = carriers.before_restart(carriers.after_scan(frame, LONG), LONG)
    told = {}
    for name, data in (("planted", planted), ("bare", bare_jpeg(planted))):
        (tmp_path / name).write_bytes(data)
        script = f"import cv2; cv2.imread({str(tmp_path / name)!r})"
        told[name] = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr
    assert "extraneous bytes" in told["planted"]
    assert told["bare"] == ""


def test_a_run_that_is_cut_to_one_byte_is_a_literal() -> None:
    """A run has two bytes at least; the code that one of a single byte would have is no byte at all."""
    frame = struct.pack("<16L", 1, 64, *[0] * 14)
    assert strip_rle(frame + b"\x01ab" + bytes([200, 7]), 3) == frame + b"\x01ab\x00\x07\0"


@pytest.mark.parametrize(
    ("data", "family"),
    [
        (b"\1\0\0\0\x40\0\0\0", "rle"),
        (struct.pack("<16L", 99, 64, *[0] * 14) + b"\0a", "rle"),
        (J2K_FRAMES["TLM"][:100], "j2k"),
    ],
)
def test_a_damaged_frame_is_refused_with_a_reason(data: bytes, family: str) -> None:
    with pytest.raises((ItemError, Unsuitable)):
        bare(data, RLE if family == "rle" else J2K)
