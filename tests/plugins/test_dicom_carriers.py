"""Text in an image object that is not in its samples: named as a carrier, and gone from what a run writes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_objects import ROWS, Case, encoded, header, pixels, write
from pydicom import Dataset, Sequence, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import EncapsulatedPDFStorage, GrayscaleSoftcopyPresentationStateStorage

from deidkit.batch.runner import Settings, run
from deidkit.errors import UnsupportedFile
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
NAME = "Zwetschgenbaum^Xaver"
PLAIN = Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12)
TWELVE = [PLAIN, Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, signed=True), Case(s.RLE, "MONOCHROME2", 16, 12)]
PROFILE = """\
profile: carriers
schema_version: 1
detect: [{use: catalog, options: {builtin: false}}]
decide: {use: policy}
redact: {use: blackbox}
scrub: [{use: ps315}]
verify: [{use: sweep}]
"""


def overlay(ds: Dataset) -> None:
    ds.add_new(0x60000010, "US", ROWS)
    ds.add_new(0x60000011, "US", 128)
    ds.add_new(0x60000040, "CS", "G")
    ds.add_new(0x60000050, "SS", [1, 1])
    ds.add_new(0x60000100, "US", 1)
    ds.add_new(0x60000102, "US", 0)
    ds.add_new(0x60003000, "OW", NAME.encode().ljust(1024, b"\0"))


def curve(ds: Dataset) -> None:
    ds.add_new(0x50000005, "US", 2)
    ds.add_new(0x50000022, "LO", NAME)
    ds.add_new(0x50003000, "OW", NAME.encode() + b"\0" * (len(NAME) % 2))


def icon(ds: Dataset) -> None:
    item = Dataset()
    item.Rows = item.Columns = 8
    item.SamplesPerPixel, item.PhotometricInterpretation, item.BitsAllocated, item.BitsStored = 1, "MONOCHROME2", 8, 8
    item.HighBit, item.PixelRepresentation = 7, 0
    item.PixelData = NAME.encode().ljust(64, b"\0")
    ds.IconImageSequence = Sequence([item])
    deep = Dataset()
    deep.IconImageSequence = Sequence([item])
    ds.ReferencedImageSequence = Sequence([deep])


def comment(ds: Dataset) -> None:
    ds.ImageComments = NAME


def document(ds: Dataset) -> None:
    ds.add_new(0x00420011, "OB", b"%PDF-1.4 " + NAME.encode() + b"\0")


CARRIERS: dict[str, Callable[[Dataset], None]] = {
    "overlay": overlay,
    "curve": curve,
    "icon": icon,
    "comment": comment,
    "document": document,
}


@pytest.mark.parametrize("name", CARRIERS)
def test_a_run_leaves_no_text_in_any_carrier(name: str, tmp_path: Path) -> None:
    ds = dcmread(write(PLAIN, tmp_path / "plain.dcm"))
    CARRIERS[name](ds)
    (tmp_path / "in").mkdir()
    ds.save_as(tmp_path / "in" / "a.dcm")
    assert name in FORMAT.open(tmp_path / "in" / "a.dcm", Limits()).carriers
    (tmp_path / "p.yaml").write_text(PROFILE)
    summary = run([tmp_path / "in"], tmp_path / "out", Settings(Keys(bytes(32)), str(tmp_path / "p.yaml")))
    released = [path for path in (tmp_path / "out" / "released").rglob("*") if path.is_file()]
    assert len(released) == 1, summary
    assert b"Zwetschgenbaum" not in released[0].read_bytes()


def test_icons_go_even_when_the_scrubber_keeps_them(tmp_path: Path) -> None:
    ds = dcmread(write(PLAIN, tmp_path / "a.dcm"))
    icon(ds)
    ds.save_as(tmp_path / "a.dcm")
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    raw = (tmp_path / "b.dcm").read_bytes()
    assert struct.pack("<HH", 0x0088, 0x0200) not in raw
    assert raw.count(struct.pack("<HH", 0x7FE0, 0x0010)) == 1


def raw_words(case: Case, words: np.ndarray, path: Path) -> None:
    """An object whose 16-bit words are these, whatever its stored bits are."""
    ds, native = header(case), s.SYNTAXES[case.syntax].native
    wide = Case(case.syntax, case.photometric, 16, 16)
    ds.PixelData = words.tobytes() if native else encapsulate([encoded(wide, frame) for frame in words])
    ds["PixelData"].VR = "OW" if native else "OB"
    ds.save_as(path, enforce_file_format=True)


def with_overlay_bit(bit: int, path: Path) -> Path:
    ds = dcmread(path)
    for tag, vr, value in ((0x60000010, "US", 64), (0x60000011, "US", 128), (0x60000100, "US", 16), (0x60000102, "US", bit)):
        ds.add_new(tag, vr, value)
    ds.save_as(path)
    return path


@pytest.mark.parametrize(
    "case", [PLAIN, Case(s.EXPLICIT_LE, "MONOCHROME2", 16, 12, signed=True), Case(s.RLE, "MONOCHROME2", 16, 12)]
)
def test_overlays_in_high_bits(case: Case, tmp_path: Path) -> None:
    made = pixels(case)
    words = made.view(np.uint16) & 0x0FFF
    words[:, 20:30, 20:90] |= 0x8000
    raw_words(case, words, tmp_path / "a.dcm")
    with_overlay_bit(15, tmp_path / "a.dcm")
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    assert "overlay" in image.carriers
    assert np.array_equal(image.frame(0).samples, made[0])
    FORMAT.save(image, image.header, [], tmp_path / "kept.dcm")
    kept = FORMAT.open(tmp_path / "kept.dcm", Limits())
    assert "overlay" in kept.carriers
    for tag in [element.tag for element in image.header if element.tag.group == 0x6000]:
        del image.header[tag]
    FORMAT.save(image, image.header, [], tmp_path / "gone.dcm")
    gone = FORMAT.open(tmp_path / "gone.dcm", Limits())
    assert np.array_equal(gone.frame(0).samples, made[0])
    raw = dcmread(tmp_path / "gone.dcm")
    stored = np.frombuffer(raw.PixelData, "<u2") if case.syntax != s.RLE else raw.pixel_array.view(np.uint16)
    assert np.array_equal(stored.reshape(made.shape) & 0x8000, (made < 0) * np.uint16(0x8000))


def test_undeclared_bits_above_the_stored_ones_are_looked_at(tmp_path: Path) -> None:
    made = pixels(PLAIN)
    words = made.copy()
    words[:, 20:30, 20:90] |= 0x4000
    frame = FORMAT.open(write(PLAIN, tmp_path / "a.dcm", words), Limits()).frame(0)
    assert np.array_equal(frame.samples, made[0])
    assert np.array_equal(frame.words, words[0])
    assert np.array_equal(frame.view("unused") > 0, words[0] & 0x4000 > 0)


def without_pixels(kind: str) -> Dataset:
    ds = header(PLAIN)
    for keyword in (
        "Rows",
        "Columns",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
    ):
        del ds[keyword]
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = kind
    return ds


def test_an_encapsulated_document_is_refused_or_removed(tmp_path: Path) -> None:
    ds = without_pixels(EncapsulatedPDFStorage)
    document(ds)
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    assert image.frame_count == 0
    assert image.carriers == ("document",)
    with pytest.raises(UnsupportedFile, match="encapsulated-document"):
        FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    DicomFormat(DicomOptions(documents="remove")).save(image, image.header, [], tmp_path / "b.dcm")
    assert b"%PDF" not in (tmp_path / "b.dcm").read_bytes()


def test_presentation_state_text(tmp_path: Path) -> None:
    ds = without_pixels(GrayscaleSoftcopyPresentationStateStorage)
    text, annotation = Dataset(), Dataset()
    text.UnformattedTextValue = NAME
    annotation.GraphicLayer, annotation.TextObjectSequence = "LAYER", Sequence([text])
    ds.GraphicAnnotationSequence = Sequence([annotation])
    ds.Modality = "PR"
    (tmp_path / "in").mkdir()
    ds.save_as(tmp_path / "in" / "a.dcm", enforce_file_format=True)
    image = FORMAT.open(tmp_path / "in" / "a.dcm", Limits())
    assert image.frame_count == 0
    assert "graphics" in image.carriers
    run([tmp_path / "in"], tmp_path / "out", Settings(Keys(bytes(32)), "pr"))
    released = [path for path in (tmp_path / "out" / "released").rglob("*") if path.is_file()]
    assert len(released) == 1
    assert b"Zwetschgenbaum" not in released[0].read_bytes()


def test_file_meta_is_ours_alone(tmp_path: Path) -> None:
    ds = dcmread(write(PLAIN, tmp_path / "a.dcm"))
    ds.file_meta.SourceApplicationEntityTitle = "XAVERS_PC"
    ds.file_meta.PrivateInformationCreatorUID = "1.2.3"
    ds.file_meta.PrivateInformation = NAME.encode()
    ds.file_meta.ImplementationVersionName = "XAVER_1"
    ds.save_as(tmp_path / "a.dcm")
    image = FORMAT.open(tmp_path / "a.dcm", Limits())
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    meta = dcmread(tmp_path / "b.dcm").file_meta
    assert meta.ImplementationVersionName.startswith("DEIDKIT")
    assert {element.keyword for element in meta} == {
        "FileMetaInformationGroupLength",
        "FileMetaInformationVersion",
        "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID",
        "TransferSyntaxUID",
        "ImplementationClassUID",
        "ImplementationVersionName",
    }


@pytest.mark.parametrize("bit", [5, 11])
def test_an_overlay_bit_inside_the_stored_ones_is_a_part_of_the_samples(bit: int, tmp_path: Path) -> None:
    image = FORMAT.open(with_overlay_bit(bit, write(PLAIN, tmp_path / "a.dcm")), Limits())
    assert np.array_equal(image.frame(0).samples, pixels(PLAIN)[0])
    for tag in [element.tag for element in image.header if element.tag.group == 0x6000]:
        del image.header[tag]
    FORMAT.save(image, image.header, [], tmp_path / "b.dcm")
    assert np.array_equal(dcmread(tmp_path / "b.dcm").pixel_array, pixels(PLAIN)[0])


@pytest.mark.parametrize("syntax", [s.EXPLICIT_LE, s.RLE])
def test_bits_beside_signed_samples_that_are_not_their_sign(syntax: str, tmp_path: Path) -> None:
    case = Case(syntax, "MONOCHROME2", 16, 12, signed=True)
    words = pixels(case).view(np.uint16) & 0x0FFF
    raw_words(case, words, tmp_path / "zeros.dcm")
    plain = FORMAT.open(tmp_path / "zeros.dcm", Limits()).frame(0)
    words[:, 20:30, 20:90] |= 0x4000
    raw_words(case, words, tmp_path / "hidden.dcm")
    hidden = FORMAT.open(tmp_path / "hidden.dcm", Limits()).frame(0)
    assert np.array_equal(plain.samples, pixels(case)[0])
    assert np.array_equal(hidden.samples, pixels(case)[0])
    assert set(hidden.views) - set(plain.views) == {"unused"}
    assert hidden.view("unused")[20:30, 20:90].min() == 255
