"""Copies of one object are told from objects that differ, whatever either was written in."""

from __future__ import annotations

import copy
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from deidkit.item.content import digest
from deidkit.limits import Limits
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions

FORMAT = DicomFormat(DicomOptions())
ROWS, COLUMNS = 64, 72


def image(samples: int = 1, frames: int = 1, bits: int = 16) -> Dataset:
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 100"
    made.SOPClassUID, made.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3.4"
    made.StudyInstanceUID, made.SeriesInstanceUID, made.Modality = "1.2.3", "1.2.3.1", "OT"
    made.PatientName, made.PatientID, made.PatientAge = "Möller^Änne", "7 1", "041Y"
    made.ImageType, made.PixelSpacing, made.WindowCenter = ["ORIGINAL", "PRIMARY"], [0.5, 0.25], "40"
    made.SmallestImagePixelValue = 3
    code = Dataset()
    code.CodeValue, code.CodeMeaning = "T-1", "Größe"
    outer = Dataset()
    outer.ReferencedSOPInstanceUID, outer.PurposeOfReferenceCodeSequence = "1.2.3.9", [code]
    made.SourceImageSequence = [outer, Dataset()]
    block = made.private_block(0x0029, "DEMO 1", create=True)
    block.add_new(1, "LO", "odd")
    block.add_new(2, "US", [1, 258])
    block.add_new(3, "FD", 0.1)
    block.add_new(4, "SQ", [code])
    made.Rows, made.Columns, made.SamplesPerPixel = ROWS, COLUMNS, samples
    made.BitsAllocated = made.BitsStored = bits
    made.HighBit, made.PixelRepresentation = bits - 1, 0
    made.PhotometricInterpretation = "MONOCHROME2" if samples == 1 else "RGB"
    if samples > 1:
        made.PlanarConfiguration = 0
    if frames > 1:
        made.NumberOfFrames = frames
    values = np.random.default_rng(3).integers(0, 1 << bits, (frames, ROWS, COLUMNS, samples))
    made.PixelData = values.astype(f"<u{bits // 8}").tobytes()
    made["PixelData"].VR = "OW" if bits == 16 else "OB"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def native(syntax: str) -> Callable[[Dataset], Dataset]:
    def made(given: Dataset) -> Dataset:
        given.file_meta.TransferSyntaxUID = syntax
        if syntax == ExplicitVRBigEndian and given.BitsAllocated == 16:
            given.PixelData = np.frombuffer(given.PixelData, "<u2").byteswap().tobytes()
        return given

    return made


def compressed(syntax: str) -> Callable[[Dataset], Dataset]:
    def made(given: Dataset) -> Dataset:
        given.compress(syntax, generate_instance_uid=False)
        return given

    return made


def by_plane(given: Dataset) -> Dataset:
    samples = np.frombuffer(given.PixelData, np.uint8).reshape(-1, ROWS, COLUMNS, 3)
    given.PlanarConfiguration, given.PixelData = 1, samples.transpose(0, 3, 1, 2).tobytes()
    return given


def with_lengths(given: Dataset) -> Dataset:
    given.add(DataElement(0x00080000, "UL", 7))
    given.SourceImageSequence[0].add(DataElement(0x00080000, "UL", 7))
    given.DataSetTrailingPadding = bytes(10)
    given.SourceImageSequence[0].DataSetTrailingPadding = bytes(6)
    given.private_block(0x0029, "DEMO 1")[4].value[0].add(DataElement(0x00080000, "UL", 7))
    return given


def undefined_lengths(given: Dataset) -> Dataset:
    given["SourceImageSequence"].is_undefined_length = True
    given.SourceImageSequence[0].is_undefined_length_sequence_item = True
    return given


def on_the_way(given: Dataset) -> Dataset:
    given.RetrieveAETitle, given.InstanceAvailability, given.RetrieveURL = "PACS2", "ONLINE", "https://pacs.example/1"
    given.StorageMediaFileSetID, given.StorageMediaFileSetUID, given.QueryRetrieveLevel = "DISC1", "1.9", "IMAGE"
    given.NumberOfStudyRelatedInstances, given.IconImageSequence = 7, [Dataset()]
    given.private_block(0x0031, "AGFA PACS Archive Mirroring 1.0", create=True).add_new(0, "CS", "A")
    given.file_meta.SourceApplicationEntityTitle = "SENDER"
    given.file_meta.ImplementationVersionName = "OTHER"
    return given


def told_by_the_encoder(given: Dataset) -> Dataset:
    given.LossyImageCompression, given.LossyImageCompressionMethod = "00", "ISO_15444_1"
    given.DerivationDescription = "Lossless JPEG compression, selection value 1"
    return given


def trimmed(given: Dataset) -> Dataset:
    given.private_block(0x0029, "DEMO 1")[1].value = "odd      "
    given.PatientID = "7 1    "
    return given


def in_unicode(given: Dataset) -> Dataset:
    given.decode()
    given.SpecificCharacterSet = "ISO_IR 192"
    return given


def named_in_the_meta_alone(given: Dataset) -> Dataset:
    given.file_meta.MediaStorageSOPClassUID = given.SOPClassUID
    del given.SOPClassUID
    return given


COPIES: dict[str, Callable[[Dataset], Dataset]] = {
    "implicit": native(ImplicitVRLittleEndian),
    "big endian": native(ExplicitVRBigEndian),
    "deflated": native(DeflatedExplicitVRLittleEndian),
    "rle": compressed(RLELossless),
    "jpeg-ls": compressed(JPEGLSLossless),
    "jpeg 2000": compressed(JPEG2000Lossless),
    "group lengths and padding": with_lengths,
    "undefined lengths": undefined_lengths,
    "archive": on_the_way,
    "trailing spaces": trimmed,
    "encoder": told_by_the_encoder,
    "unicode": in_unicode,
    "class in the meta": named_in_the_meta_alone,
}


def content_of(given: Dataset, folder: Path) -> bytes:
    path = folder / "a.dcm"
    given.preamble = bytes(128)
    dcmwrite(path, given)
    return digest(FORMAT.open(path, Limits()))


@pytest.mark.parametrize("shape", [(1, 1, 16), (1, 3, 8), (3, 2, 8)], ids=["grey", "cine", "colour"])
@pytest.mark.parametrize("how", COPIES)
def test_a_copy_has_the_same_content(tmp_path: Path, how: str, shape: tuple[int, int, int]) -> None:
    assert content_of(COPIES[how](image(*shape)), tmp_path) == content_of(image(*shape), tmp_path)


def test_planes_and_lossless_marks_say_nothing_of_the_content(tmp_path: Path) -> None:
    marked = by_plane(image(3, 2, 8))
    marked.LossyImageCompression = "00"
    assert content_of(marked, tmp_path) == content_of(image(3, 2, 8), tmp_path)


def test_a_file_without_preamble_has_the_same_content(tmp_path: Path) -> None:
    whole = content_of(image(), tmp_path)
    bare = Dataset({element.tag: element for element in image()})
    dcmwrite(tmp_path / "bare", bare, implicit_vr=True, little_endian=True)
    assert digest(FORMAT.open(tmp_path / "bare", Limits())) == whole


def changed(keyword: str, value: object) -> Callable[[Dataset], Dataset]:
    def made(given: Dataset) -> Dataset:
        setattr(given, keyword, value)
        return given

    return made


def one_bit(given: Dataset) -> Dataset:
    given.PixelData = given.PixelData[:-1] + bytes([given.PixelData[-1] ^ 1])
    return given


def inside(given: Dataset) -> Dataset:
    given.SourceImageSequence[0].PurposeOfReferenceCodeSequence[0].CodeMeaning = "Grösse"
    return given


def another_item(given: Dataset) -> Dataset:
    given.SourceImageSequence.append(Dataset())
    return given


def private(number: int, value: object) -> Callable[[Dataset], Dataset]:
    def made(given: Dataset) -> Dataset:
        given.private_block(0x0029, "DEMO 1")[number].value = value
        return given

    return made


OTHERS: dict[str, Callable[[Dataset], Dataset]] = {
    "one bit of a sample": one_bit,
    "name": changed("PatientName", "Möller^Anne"),
    "window": changed("WindowCenter", "41"),
    "number": changed("SmallestImagePixelValue", 4),
    "lossy": changed("LossyImageCompression", "01"),
    "photometric": changed("PhotometricInterpretation", "MONOCHROME1"),
    "emptied": changed("PatientAge", ""),
    "added": changed("ImageComments", "x"),
    "inside": inside,
    "another item": another_item,
    "private text": private(1, "even"),
    "private numbers": private(2, [1, 0]),
    "fewer private numbers": private(2, 1),
    "private items": private(4, []),
}


@pytest.mark.parametrize("how", OTHERS)
def test_another_data_set_has_another_content(tmp_path: Path, how: str) -> None:
    whole = content_of(image(), tmp_path)
    other = OTHERS[how](image())
    assert content_of(other, tmp_path) != whole
    assert content_of(native(ImplicitVRLittleEndian)(copy.deepcopy(other)), tmp_path) == content_of(other, tmp_path)


def test_frames_in_another_order_are_another_content(tmp_path: Path) -> None:
    cine = image(1, 3, 8)
    cine.PixelData = cine.PixelData[ROWS * COLUMNS :] + cine.PixelData[: ROWS * COLUMNS]
    assert content_of(cine, tmp_path) != content_of(image(1, 3, 8), tmp_path)


def test_values_do_not_run_into_each_other(tmp_path: Path) -> None:
    one, two = image(), image()
    one.StudyID, one.SeriesDescription = "AB", "C"
    two.StudyID, two.SeriesDescription = "A", "BC"
    assert content_of(one, tmp_path) != content_of(two, tmp_path)


def test_bytes_that_begin_like_an_item_are_bytes(tmp_path: Path) -> None:
    given = image()
    given.private_block(0x0029, "DEMO 1").add_new(5, "OB", b"\xfe\xff\x00\xe0" + struct.pack("<L", 999) + b"junk")
    made = content_of(given, tmp_path)
    assert made == content_of(native(ImplicitVRLittleEndian)(copy.deepcopy(given)), tmp_path)
    given.private_block(0x0029, "DEMO 1")[5].value = b"\xfe\xff\x00\xe0" + struct.pack("<L", 999) + b"rest"
    assert made != content_of(given, tmp_path)


def test_the_content_does_not_depend_on_what_was_looked_at_before(tmp_path: Path) -> None:
    content_of(image(), tmp_path)
    fresh, used = (FORMAT.open(tmp_path / "a.dcm", Limits()) for _ in range(2))
    assert [element.value for element in used.header]
    assert digest(fresh) == digest(used)
    assert dcmread(tmp_path / "a.dcm").PatientName == "Möller^Änne"
