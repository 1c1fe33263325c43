"""Transfer syntaxes beyond the matrix: native frames in fragments, JPEG XL, retired JPEG processes, single bits; their names.

None of them leaves as it came, because few programs would open it: the samples do, in Explicit VR Little Endian.
"""

from __future__ import annotations

import struct
import subprocess
import zlib
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from dicom_objects import COLUMNS, ROWS, Case, header, native_bytes, pixels, save
from needs import present
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import UID

from deidkit.errors import ItemError
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
BOX = (8, 8, 40, 24)
RAW = [
    Case(s.RLE, photometric, allocated, stored, signed, planar, frames)
    for photometric, allocated, stored, signed, planar in (
        *(("MONOCHROME2", a, b, c, 0) for a, b, c in ((8, 8, False), (16, 12, True), (32, 32, False), (1, 1, False))),
        *(("RGB", 8, 8, False, p) for p in (0, 1)),
        *((photometric, 8, 8, False, 0) for photometric in ("PALETTE COLOR", "YBR_FULL_422")),
    )
    for frames in (1, 3)
]


def encapsulated(path: Path, case: Case, frames: list[bytes], syntax: str, **attributes: object) -> Path:
    ds = header(case)
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.PixelData = encapsulate(frames)
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    return save(ds, path)


def reason(path: Path) -> ItemError:
    with pytest.raises(ItemError) as caught:
        assert [frame.samples for frame in FORMAT.open(path, Limits()).frames()]
    return caught.value


def check(path: Path, made: np.ndarray, folder: Path) -> list[Dataset]:
    """The samples are read, and leave in Explicit VR Little Endian, where other programs read the same ones."""
    image = FORMAT.open(path, Limits())
    assert all(np.array_equal(frame.samples, one) for frame, one in zip(image.frames(), made, strict=True))
    written = []
    for name, edits in (("same", []), ("edited", [Edit(image.frame_count - 1, (Patch(BOX),), "test")])):
        out = folder / f"{name}.dcm"
        FORMAT.save(image, image.header, edits, out)
        for program in present("dcmdump", "gdcmdump"):
            assert subprocess.run([program, str(out)], capture_output=True, check=False).returncode == 0
        again = FORMAT.open(out, Limits())
        assert again.syntax.uid == s.EXPLICIT_LE
        outside = np.ones(made.shape[:3], bool)
        outside[-1, BOX[1] : BOX[3], BOX[0] : BOX[2]] = not edits
        samples = np.stack([frame.samples for frame in again.frames()])
        assert np.array_equal(samples[outside], made[outside])
        assert not edits or len(np.unique(samples[~outside], axis=0)) == 1
        written.append(dcmread(out))
        if written[-1].PhotometricInterpretation != "YBR_PARTIAL_422":
            theirs = written[-1].pixel_array if made.shape[0] > 1 else written[-1].pixel_array[None]
            assert theirs.shape == made.shape
    return written


@pytest.mark.parametrize("syntax", [s.ENCAPSULATED_LE, s.DEFLATED_FRAMES])
@pytest.mark.parametrize("case", RAW, ids=lambda case: case.name)
def test_native_frames_in_fragments(tmp_path: Path, case: Case, syntax: str) -> None:
    made = pixels(case)
    frames = [raw(case, one, syntax) for one in made]
    for out in check(encapsulated(tmp_path / "a.dcm", case, frames, syntax), made, tmp_path):
        assert out.PhotometricInterpretation == case.photometric
        assert out.get("PlanarConfiguration", 0) == case.planar
        per_pixel = 2 if case.photometric == "YBR_FULL_422" else case.samples
        assert len(out.PixelData) == -(-ROWS * COLUMNS * per_pixel * case.allocated * case.frames // 16) * 2


def raw(case: Case, one: np.ndarray, syntax: str) -> bytes:
    data = native_bytes(case, one[None])
    if syntax == s.ENCAPSULATED_LE:
        return data
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def test_single_bits_go_on_in_the_middle_of_a_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each frame begins on a byte in its fragment, and where the last one ended in native pixel data (PS3.5 8.1.1)."""
    monkeypatch.setattr("dicom_objects.ROWS", 61)
    monkeypatch.setattr("dicom_objects.COLUMNS", 127)
    case = Case(s.RLE, "MONOCHROME2", 1, 1, frames=3)
    made = pixels(case)
    path = encapsulated(tmp_path / "a.dcm", case, [raw(case, one, s.DEFLATED_FRAMES) for one in made], s.DEFLATED_FRAMES)
    for out in check(path, made, tmp_path):
        assert len(out.PixelData) == -(-61 * 127 * 3 // 16) * 2


@pytest.mark.parametrize(
    ("fault", "syntax", "code"),
    [
        ("long", s.ENCAPSULATED_LE, "pixels-excess"),
        ("long", s.DEFLATED_FRAMES, "pixels-excess"),
        ("short", s.ENCAPSULATED_LE, "pixels-truncated"),
        ("short", s.DEFLATED_FRAMES, "pixels-truncated"),
        ("text", s.ENCAPSULATED_LE, "pixels-excess"),
        ("text", s.DEFLATED_FRAMES, "pixels-excess"),
        ("bomb", s.DEFLATED_FRAMES, "pixels-excess"),
        ("cut", s.DEFLATED_FRAMES, "deflate-truncated"),
        ("damaged", s.DEFLATED_FRAMES, "deflate-damaged"),
    ],
)
def test_native_frames_of_another_length(tmp_path: Path, fault: str, syntax: str, code: str) -> None:
    case = Case(s.RLE, "MONOCHROME2")
    one = pixels(case)[0]
    rows = {"long": np.concatenate([one, one[:8]]), "short": one[:40], "bomb": np.zeros((100 * ROWS, COLUMNS), np.uint8)}
    frame = raw(case, rows.get(fault, one), syntax)
    frame = {"text": frame + b"NAME OF SOMEBODY", "cut": frame[:50], "damaged": b"\xff" * 50}.get(fault, frame)
    assert reason(encapsulated(tmp_path / "a.dcm", case, [frame], syntax)).code == code


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB"])
@pytest.mark.parametrize(("allocated", "stored"), [(8, 8), (16, 12), (16, 16)])
@pytest.mark.parametrize("frames", [1, 3])
def test_jpeg_xl(tmp_path: Path, photometric: str, allocated: int, stored: int, frames: int) -> None:
    case = Case(s.RLE, photometric, allocated, stored, frames=frames)
    made = pixels(case)
    encoded = [imagecodecs.jpegxl_encode(np.ascontiguousarray(one), lossless=True, bitspersample=stored) for one in made]
    for out in check(encapsulated(tmp_path / "a.dcm", case, encoded, s.JPEGXL_LOSSLESS), made, tmp_path):
        assert out.PhotometricInterpretation == photometric
        assert "LossyImageCompression" not in out


def test_jpeg_xl_with_loss_says_so(tmp_path: Path) -> None:
    case = Case(s.RLE, "RGB")
    encoded = imagecodecs.jpegxl_encode(pixels(case)[0], level=90)
    made = imagecodecs.jpegxl_decode(encoded)[None]
    path = encapsulated(tmp_path / "a.dcm", case, [encoded], s.JPEGXL, PhotometricInterpretation="XYB")
    for out in check(path, made, tmp_path):
        assert (out.PhotometricInterpretation, out.LossyImageCompression) == ("RGB", "01")
        assert out.LossyImageCompressionMethod == "ISO_18181_1"


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "YBR_FULL_422"])
def test_a_jpeg_inside_jpeg_xl(tmp_path: Path, photometric: str) -> None:
    """libjxl gives RGB, near to what libjpeg gives; the loss was that of JPEG."""
    case = Case(s.RLE, "MONOCHROME2" if photometric == "MONOCHROME2" else "RGB")
    buffer = BytesIO()
    Image.fromarray(pixels(case)[0]).save(buffer, "JPEG", quality=95)
    encoded = imagecodecs.jpegxl_encode_jpeg(buffer.getvalue())
    path = encapsulated(tmp_path / "a.dcm", case, [encoded], s.JPEGXL_RECOMPRESSION, PhotometricInterpretation=photometric)
    made = FORMAT.open(path, Limits()).frame(0).samples
    assert np.abs(made.astype(int) - np.asarray(Image.open(buffer)).astype(int)).mean() < 2
    for out in check(path, made[None], tmp_path):
        assert out.PhotometricInterpretation == case.photometric
        assert (out.LossyImageCompression, out.LossyImageCompressionMethod) == ("01", "ISO_10918_1")


@pytest.mark.parametrize("rows", [31, 64, 200, 9000])
@pytest.mark.parametrize("columns", [17, 128, 300])
def test_the_size_of_a_jpeg_xl_frame_is_known_before_it_is_decoded(tmp_path: Path, rows: int, columns: int) -> None:
    """A codestream larger than the header says could need any amount of memory."""
    case = Case(s.RLE, "MONOCHROME2")
    encoded = imagecodecs.jpegxl_encode(np.zeros((rows, columns), np.uint8), lossless=True)
    boxed = imagecodecs.jpegxl_encode(np.zeros((rows, columns), np.uint16), lossless=True, usecontainer=True)
    for one in (encoded, boxed):
        path = encapsulated(tmp_path / "a.dcm", case, [one], s.JPEGXL_LOSSLESS, Rows=rows, Columns=columns)
        assert FORMAT.open(path, Limits()).frame(0).shape == (rows, columns)
        path = encapsulated(tmp_path / "a.dcm", case, [one], s.JPEGXL_LOSSLESS, Rows=rows, Columns=columns + 1)
        assert reason(path).code == "codestream-mismatch"


def test_an_animated_or_damaged_jpeg_xl_is_refused(tmp_path: Path) -> None:
    case = Case(s.RLE, "MONOCHROME2")
    made = pixels(Case(s.RLE, "MONOCHROME2", frames=2))
    moving = imagecodecs.jpegxl_encode(made, lossless=True, photometric="gray")
    assert reason(encapsulated(tmp_path / "a.dcm", case, [moving], s.JPEGXL_LOSSLESS)).code == "codestream-mismatch"
    whole = imagecodecs.jpegxl_encode(made[0], lossless=True)
    assert reason(encapsulated(tmp_path / "b.dcm", case, [whole[:300]], s.JPEGXL_LOSSLESS)).code == "pixels-undecodable"
    assert reason(encapsulated(tmp_path / "c.dcm", case, [b"\xff\xd8" * 9], s.JPEGXL_LOSSLESS)).code == "codestream-malformed"


def test_jpeg_xl_without_its_codec_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(s.RLE, "MONOCHROME2")
    path = encapsulated(tmp_path / "a.dcm", case, [b"\xff\x0a"], s.JPEGXL_LOSSLESS)
    monkeypatch.setattr(s, "find_spec", lambda name: None if name == "imagecodecs" else object())
    found = reason(path)
    assert found.code == "codec-missing"
    assert "JPEG XL Lossless (1.2.840.10008.1.2.4.110)" in found.detail and "pip install imagecodecs" in found.detail


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "YBR_FULL_422"])
@pytest.mark.parametrize("syntax", [s.JPEG_SPECTRAL, s.JPEG_PROGRESSION])
def test_progressive_jpeg_of_a_retired_syntax(tmp_path: Path, syntax: str, photometric: str) -> None:
    grey = photometric == "MONOCHROME2"
    case = Case(s.RLE, photometric if grey else "RGB")
    buffer = BytesIO()
    Image.fromarray(pixels(case)[0]).save(buffer, "JPEG", progressive=True, quality=90)
    theirs = Image.open(BytesIO(buffer.getvalue()))
    theirs.draft("L" if grey else "YCbCr", theirs.size)
    path = encapsulated(tmp_path / "a.dcm", case, [buffer.getvalue()], syntax, PhotometricInterpretation=photometric)
    for out in check(path, np.asarray(theirs)[None], tmp_path):
        assert (out.LossyImageCompression, out.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
        assert out.PhotometricInterpretation == ("MONOCHROME2" if grey else "YBR_FULL")


def rle_of_bytes(one: np.ndarray) -> bytes:
    """One segment of literal runs."""
    data = one.tobytes()
    runs = (data[start : start + 128] for start in range(0, len(data), 128))
    return struct.pack("<16L", 1, 64, *[0] * 14) + b"".join(bytes([len(run) - 1]) + run for run in runs)


@pytest.mark.parametrize("syntax", [s.RLE, s.J2K_LOSSLESS])
def test_single_bits_that_are_compressed_as_bytes(tmp_path: Path, syntax: str) -> None:
    case = Case(syntax, "MONOCHROME2", 1, 1, frames=3)
    made = pixels(case)
    layout = {"rows": ROWS, "columns": COLUMNS, "number_of_frames": 1, "samples_per_pixel": 1, "pixel_representation": 0}
    layout |= {"bits_allocated": 8, "bits_stored": 1, "photometric_interpretation": "MONOCHROME2"}
    frames = [rle_of_bytes(one) if syntax == s.RLE else get_encoder(syntax).encode(one, **layout) for one in made]
    path = encapsulated(tmp_path / "a.dcm", case, frames, syntax)
    image = FORMAT.open(path, Limits())
    assert all(np.array_equal(frame.samples, one) for frame, one in zip(image.frames(), made, strict=True))
    FORMAT.save(image, image.header, [Edit(1, (Patch(BOX),), "test")], tmp_path / "b.dcm")
    out = dcmread(tmp_path / "b.dcm")
    assert out.file_meta.TransferSyntaxUID == s.EXPLICIT_LE
    assert np.array_equal(out.pixel_array[::2], made[::2])
    assert not out.pixel_array[1, BOX[1] : BOX[3], BOX[0] : BOX[2]].any()


def test_single_bits_in_the_bits_of_bytes_are_refused(tmp_path: Path) -> None:
    case = Case(s.RLE, "MONOCHROME2", 1, 1)
    made = pixels(case)[0]
    for one in (made * 255, np.packbits(made, bitorder="little")):
        found = reason(encapsulated(tmp_path / "a.dcm", case, [rle_of_bytes(one)], s.RLE))
        assert found.code == "pixels-undecodable"
        assert "single bits in RLE Lossless" in found.detail


@pytest.mark.parametrize("syntax", [s.EXPLICIT_LE, s.ENCAPSULATED_LE, s.DEFLATED_FRAMES])
def test_partial_range_chroma(tmp_path: Path, syntax: str) -> None:
    """YBR_PARTIAL_422 has the layout of YBR_FULL_422, and 16 and 235 in place of 0 and 255 (PS3.3 C.7.6.3.1.2)."""
    case = Case(s.EXPLICIT_LE, "YBR_FULL_422")
    made = pixels(case)
    made[0, :4, :8], made[0, 4:8, :8] = (16, 128, 128), (235, 128, 128)
    ds = header(case)
    ds.PhotometricInterpretation, ds.file_meta.TransferSyntaxUID = "YBR_PARTIAL_422", UID(syntax)
    ds.PixelData = native_bytes(case, made) if syntax == s.EXPLICIT_LE else encapsulate([raw(case, made[0], syntax)])
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", syntax != s.EXPLICIT_LE
    path = save(ds, tmp_path / "a.dcm")
    view = FORMAT.open(path, Limits()).frame(0).view()
    assert (view[:4, :8] == 0).all() and (view[4:8, :8] == 255).all()
    assert [out.PhotometricInterpretation for out in check(path, made, tmp_path)] == ["YBR_PARTIAL_422"] * 2


REFUSED = {
    "1.2.840.10008.1.2.4.58": "JPEG Lossless, Non-Hierarchical (Process 15)",
    "1.2.840.10008.1.2.4.59": "JPEG Extended, Hierarchical (Process 16 and 18)",
    "1.2.840.10008.1.2.4.66": "JPEG Lossless, Hierarchical (Process 29)",
    "1.2.840.10008.1.2.4.92": "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)",
    "1.2.840.10008.1.2.4.94": "JPIP Referenced",
    "1.2.840.10008.1.2.4.95": "JPIP Referenced Deflate",
    "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile / Main Level",
    "1.2.840.10008.1.2.4.102.1": "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1",
    "1.2.840.10008.1.2.4.107": "HEVC/H.265 Main Profile / Level 5.1",
    "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
    "1.2.840.10008.1.2.6.1": "RFC 2557 MIME encapsulation",
    "1.2.840.10008.1.2.6.2": "XML Encoding",
    "1.2.840.10008.1.2.7.1": "SMPTE ST 2110-20 Uncompressed Progressive Active Video",
    "1.2.840.10008.1.20": "Papyrus 3 Implicit VR Little Endian",
    "1.2.840.10008.5.1.4.1.1.2": "registers as something else",
    "1.2.840.10008.9.99.1": "PS3.6 does not register",
    "1.2.840.113619.9.99.1": "a private transfer syntax",
}


@pytest.mark.parametrize("syntax", REFUSED)
def test_what_is_not_read_is_named(tmp_path: Path, syntax: str) -> None:
    found = reason(encapsulated(tmp_path / "a.dcm", Case(s.RLE, "MONOCHROME2"), [b"\0" * 40], syntax))
    assert found.code == "transfer-syntax-unsupported"
    assert REFUSED[syntax] in found.detail
    assert (syntax in found.detail) == ("(" in found.detail)


@pytest.mark.parametrize("photometric", ["HSV", "ARGB", "CMYK", "YBR_PARTIAL_420", "ROTHMANN"])
def test_a_photometric_interpretation_that_is_not_read_is_named(tmp_path: Path, photometric: str) -> None:
    case = Case(s.EXPLICIT_LE, "RGB")
    ds = header(case)
    ds.PhotometricInterpretation, ds.PixelData = photometric, native_bytes(case, pixels(case))
    ds["PixelData"].VR = "OB"
    found = reason(save(ds, tmp_path / "a.dcm"))
    assert found.code == "photometric-unsupported"
    assert (photometric in found.detail) == (photometric != "ROTHMANN")


def test_pixel_data_too_long_for_an_element_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deidkit_dicom.part10.write.UNDEFINED", 10_000)
    case = Case(s.RLE, "MONOCHROME2", 16, 12)
    path = encapsulated(tmp_path / "a.dcm", case, [raw(case, pixels(case)[0], s.DEFLATED_FRAMES)], s.DEFLATED_FRAMES)
    image = FORMAT.open(path, Limits())
    with pytest.raises(ItemError, match="pixels-too-long"):
        FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
