"""Hostile and damaged DICOM files: each gets its own reason, before anything is decoded."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from dicom_objects import Case, header, pixels, write
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate

from deidkit.errors import ItemError, OverBudget, UnreadableFile, UnsupportedFile
from deidkit.limits import Limits
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
PLAIN = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12)


def reason(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(ItemError) as caught:
        FORMAT.open(path, limits or Limits())
    assert "Zwetschgenbaum" not in str(caught.value)
    return caught.value.code


def dataset_start(raw: bytes) -> int:
    return 132 + 12 + struct.unpack("<L", raw[140:144])[0]


def nested(depth: int, undefined: bool) -> bytes:
    """An explicit VR sequence (0040,A730) nested ``depth`` times."""
    head = b"\x40\x00\x30\xa7SQ\0\0"
    body = b""
    if undefined:
        return (head + b"\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff") * depth + (
            b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0" * depth
        )
    for _ in range(depth):
        item = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(body)) + body
        body = head + struct.pack("<L", len(item)) + item
    return body


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize(("depth", "code"), [(3000, "nesting-too-deep"), (60, "")])
def test_nesting(tmp_path: Path, undefined: bool, depth: int, code: str) -> None:
    path = write(PLAIN, tmp_path / "a.dcm")
    raw = path.read_bytes()
    at = raw.index(b"\xe0\x7f\x10\x00")
    path.write_bytes(raw[:at] + nested(depth, undefined) + raw[at:])
    if code:
        assert reason(path) == code
    else:
        assert FORMAT.open(path, Limits()).header[0x0040A730].value[0][0x0040A730]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_cut_short(tmp_path: Path, share: float) -> None:
    for case in (PLAIN, Case(s.RLE, "RGB", frames=2), Case(s.DEFLATED_LE, "RGB")):
        raw = write(case, tmp_path / "whole.dcm").read_bytes()
        path = tmp_path / "cut.dcm"
        path.write_bytes(raw[: int(len(raw) * share)])
        assert reason(path) in {
            "header-truncated",
            "pixels-truncated",
            "length-lie",
            "not-dicom",
            "deflate-truncated",
            "dataset-missing",
            "file-truncated",
        }


def test_a_length_that_lies(tmp_path: Path) -> None:
    raw = bytearray(write(PLAIN, tmp_path / "a.dcm").read_bytes())
    at = raw.index(b"\x10\x00\x10\x00PN")
    raw[at + 6 : at + 8] = b"\xff\xff"
    (tmp_path / "a.dcm").write_bytes(raw)
    assert reason(tmp_path / "a.dcm") in ("length-lie", "header-truncated")


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "BitsAllocated"])
def test_a_required_element_is_missing(tmp_path: Path, keyword: str) -> None:
    ds = dcmread(write(PLAIN, tmp_path / "a.dcm"))
    del ds[keyword]
    ds.save_as(tmp_path / "a.dcm")
    assert reason(tmp_path / "a.dcm") == "pixel-module-incomplete"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Rows": 65535, "Columns": 65535}, "frame-too-large"),
        ({"NumberOfFrames": 2**31 - 1}, "frames-out-of-range"),
        ({"NumberOfFrames": 0}, "frames-out-of-range"),
        ({"Rows": 0}, "size-invalid"),
        ({"BitsAllocated": 24}, "bits-allocated-unsupported"),
        ({"PhotometricInterpretation": "HSV"}, "photometric-unsupported"),
        ({"SamplesPerPixel": 3}, "pixel-module-contradictory"),
        ({"BitsStored": 17}, "pixel-module-contradictory"),
        ({"Rows": 70}, "pixels-truncated"),
    ],
)
def test_a_pixel_module_that_cannot_be(tmp_path: Path, changes: dict[str, object], code: str) -> None:
    ds = dcmread(write(PLAIN, tmp_path / "a.dcm"))
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    ds.save_as(tmp_path / "a.dcm")
    assert reason(tmp_path / "a.dcm") == code


@pytest.mark.parametrize(
    "case", [Case(s.JPEG_BASELINE, "MONOCHROME2"), Case(s.J2K_LOSSLESS, "MONOCHROME2"), Case(s.JPEGLS, "MONOCHROME2")]
)
def test_a_codestream_larger_than_the_header_says(tmp_path: Path, case: Case) -> None:
    ds = dcmread(write(case, tmp_path / "a.dcm"))
    ds.Rows = 32
    ds.save_as(tmp_path / "a.dcm")
    assert reason(tmp_path / "a.dcm") == "codestream-mismatch"


def test_a_deflate_bomb(tmp_path: Path) -> None:
    raw = write(Case(s.DEFLATED_LE, "RGB"), tmp_path / "a.dcm").read_bytes()
    engine = zlib.compressobj(wbits=-15)
    packed = b"".join(engine.compress(bytes(1 << 20)) for _ in range(40)) + engine.flush()
    (tmp_path / "a.dcm").write_bytes(raw[: dataset_start(raw)] + packed)
    assert reason(tmp_path / "a.dcm", Limits(inflated_bytes=24 << 20)) == "deflate-bomb"


def test_the_file_is_too_large(tmp_path: Path) -> None:
    assert reason(write(PLAIN, tmp_path / "a.dcm"), Limits(file_bytes=1000)) == "file-too-large"


def test_bytes_after_the_dataset(tmp_path: Path) -> None:
    raw = write(PLAIN, tmp_path / "a.dcm").read_bytes()
    padding = b"\xfc\xff\xfc\xffOB\0\0" + struct.pack("<L", 40) + b"JANE DOE PADDING".ljust(40)
    (tmp_path / "a.dcm").write_bytes(raw + padding)
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    assert "trailing" in image.carriers
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    assert b"JANE" not in (tmp_path / "b.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(raw + b"name of the patient, in plain words")
    assert reason(tmp_path / "a.dcm") == "trailing-bytes"


def test_pixel_data_longer_than_its_frames(tmp_path: Path) -> None:
    ds = dcmread(write(PLAIN, tmp_path / "a.dcm"))
    ds.PixelData += b"SECOND FRAME OF SOMEBODY ELSE "
    ds.save_as(tmp_path / "a.dcm")
    assert reason(tmp_path / "a.dcm") == "pixels-excess"


@pytest.mark.parametrize("magic", [b"MZ\x90\0", b"\x7fELF", b"II*\0"])
def test_a_preamble_that_is_a_program(tmp_path: Path, magic: bytes) -> None:
    raw = write(PLAIN, tmp_path / "a.dcm").read_bytes()
    (tmp_path / "a.dcm").write_bytes(magic + b"\x01" * 124 + raw[128:])
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    assert "preamble" in image.carriers
    assert ("preamble-executable" in image.carriers) == (magic != b"II*\0")
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    assert (tmp_path / "b.dcm").read_bytes()[:128] == bytes(128)


def test_a_dicomdir_is_no_object(tmp_path: Path) -> None:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = s.EXPLICIT_LE
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = "1.2.840.10008.1.3.10", "1.2.3"
    ds.FileSetID = "A"
    ds.save_as(tmp_path / "DICOMDIR", enforce_file_format=True)
    with pytest.raises(UnsupportedFile, match="dicomdir"):
        FORMAT.open(tmp_path / "DICOMDIR", Limits())


def test_videos_are_refused(tmp_path: Path) -> None:
    ds = header(PLAIN)
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    ds.PixelData = encapsulate([b"video"])
    ds["PixelData"].is_undefined_length = True
    ds.save_as(tmp_path / "b.dcm", enforce_file_format=True)
    with pytest.raises(UnsupportedFile, match=r"transfer-syntax-unsupported.*MPEG-4 AVC/H.264 High Profile / Level 4.1"):
        FORMAT.open(tmp_path / "b.dcm", Limits())


def test_a_missing_codec_names_its_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(Case(s.JPEG_LOSSLESS_SV1, "MONOCHROME2", 16, 12), tmp_path / "a.dcm")
    monkeypatch.setattr(s, "find_spec", lambda _: None)
    with pytest.raises(UnsupportedFile, match="pip install python-gdcm"):
        FORMAT.open(path, Limits())


@pytest.mark.parametrize("where", [0.3, 0.5, 0.7])
def test_a_damaged_codestream_is_not_passed_on(tmp_path: Path, where: float) -> None:
    """Damage inside a lossless codestream shows or is refused; it never ends the process."""
    for case in (Case(s.RLE, "MONOCHROME2", 16, 12), Case(s.J2K_LOSSLESS, "YBR_RCT"), Case(s.JPEGLS, "MONOCHROME2", 16, 12)):
        raw = bytearray(write(case, tmp_path / "a.dcm").read_bytes())
        at = int(len(raw) * where)
        raw[at : at + 40] = bytes(range(40))
        (tmp_path / "a.dcm").write_bytes(raw)
        try:
            samples = FORMAT.open(tmp_path / "a.dcm", Limits()).frame(0).samples
        except (UnreadableFile, OverBudget):
            continue
        assert samples.shape[:2] == (64, 128)
        assert not np.array_equal(samples, pixels(case)[0])
