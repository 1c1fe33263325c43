"""Frames of a DICOM file through pydicom alone, one at a time and read where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import SEEK_CUR
from pathlib import Path
from struct import unpack
from typing import Any, BinaryIO

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames, get_frame
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_file_meta_info
from pydicom.filewriter import write_file_meta_info
from pydicom.pixels.decoders.base import Decoder, get_decoder
from pydicom.pixels.utils import as_pixel_options, get_nr_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGExtended12Bit,
    RLELossless,
)

from deidkit.headers.inflate import CHUNK, inflate
from deidkit.image import Array
from deidkit.jpeg.segments import jpeg_info, segments
from deidkit.limits import Limits

KEYWORDS = {0x7FE00008: "FloatPixelData", 0x7FE00009: "DoubleFloatPixelData", 0x7FE00010: "PixelData"}
DECODED = ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
WORDS = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, RLELossless)
"""Transfer syntaxes that hold all bits of a word."""
ALLOCATED = (1, *range(8, 65, 8))
VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
UNDEFINED = 0xFFFFFFFF
COHERENT = 0.7
"""Share of neighbours that agree from which on a single bit is no noise, where half of them do."""
SOI = b"\xff\xd8"
PREFIX_END = 132
GROUP_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Samples:
    """What one frame holds.

    Args:
        array: native ``(rows, columns)`` or ``(rows, columns, 3)``, without unused bits.
        photometric: the Photometric Interpretation of ``array``.
        doubtful: whether the codestream tells another colour space than the header.
        beside: uint8 pictures of single unused bits that are neither noise nor the sign, by their position.
    """

    array: Array = field(repr=False)
    photometric: str
    doubtful: bool = False
    beside: Mapping[int, Array] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Value:
    """The value of the pixel data element: where it begins, its length, None when it is encapsulated, its keyword and VR."""

    offset: int
    length: int | None
    keyword: str
    vr: str


class DicomSamples:
    """One file. ``frame_count`` is the number of frames that it tells, or holds where these are more; 0 without pixel data.

    Raises:
        NotImplementedError: pydicom has no decoder for the transfer syntax.
        Exception: whatever else pydicom raises for a file that it cannot read. Its text may hold header values.
    """

    def __init__(self, path: Path) -> None:
        self._stream = _opened(path)
        self.header = dcmread(self._stream, stop_before_pixels=True, force=True)
        self._value = _pixel_value(self._stream, self.header)
        self.frame_count = _frames_held(self._value, self.header) if self._value else 0
        self._decoder = _decoder(self.header) if self._value else None

    def close(self) -> None:
        self._stream.close()

    def frames(self) -> Iterator[Samples]:
        """All frames in order, also encapsulated ones beyond the number that the header tells."""
        if self._value is not None and self._value.length is None:
            yield from map(self._decoded, generate_frames(self._at_value(), **self._layout()))
        else:
            yield from map(self.frame, range(self.frame_count))

    def frame(self, index: int) -> Samples:
        if self._value is not None and self._value.length is None:
            return self._decoded(get_frame(self._at_value(), index, **self._layout()))
        return self._made(self._at_value(), index, self.frame_count)

    def _at_value(self) -> BinaryIO:
        self._stream.seek(self._value.offset if self._value else 0)
        return self._stream

    def _layout(self) -> dict[str, Any]:
        """Where the frames of encapsulated pixel data lie."""
        tables = (self.header.get("ExtendedOffsetTable"), self.header.get("ExtendedOffsetTableLengths"))
        return {"number_of_frames": self.frame_count, "extended_offsets": tables if all(tables) else None}

    def _decoded(self, frame: bytes) -> Samples:
        samples = self._made(encapsulate([frame]), 0, 1)
        if samples.array.ndim < 3 or frame[:2] != SOI:
            return samples
        told = "RGB" if self.header.get("PhotometricInterpretation") == "RGB" else "YBR"
        return replace(samples, doubtful=bool({coded_colour(frame), samples.photometric[:3]} - {"", told}))

    def _made(self, source: BinaryIO | bytes, index: int, count: int) -> Samples:
        if self._decoder is None or self._value is None:
            raise IndexError(index)
        options = as_pixel_options(self.header, **_told(self.header), number_of_frames=count)
        options |= {"pixel_keyword": self._value.keyword, "pixel_vr": self._value.vr}
        options["correct_unused_bits"] = False
        options.pop("extended_offsets", None)
        array, found = self._decoder.as_array(source, index=index, raw=True, **options)
        bits = int(options["bits_stored"] or 0)
        high = self._high_bit(array, bits)
        beside = _beside(array, bits, high) if array.ndim == 2 else {}
        return Samples(_stored(array, bits, high), str(found["photometric_interpretation"]), beside=beside)

    def _high_bit(self, array: Array, bits: int) -> int:
        """Where the stored bits end (PS3.5 8.1.1). pydicom takes no notice of it; codestreams may hold the samples alone."""
        told = self.header.get("HighBit")
        words = self._decoder is not None and self._decoder.UID in WORDS
        if not isinstance(told, int) or not bits <= told < self.header.BitsAllocated or array.dtype.kind not in "iu":
            return bits - 1
        return told if words or max(int(array.max()), ~int(array.min())) >> bits else bits - 1


def _stored(array: Array, bits: int, high: int) -> Array:
    """The stored bits alone, sign-extended (PS3.5 8.1.1): codestreams may hold more of them than the header tells."""
    width = 8 * array.dtype.itemsize
    return array << width - 1 - high >> width - bits if array.dtype.kind in "iu" and 0 < bits < width else array


def _beside(array: Array, bits: int, high: int) -> dict[int, Array]:
    width = 8 * array.dtype.itemsize
    if array.dtype.kind not in "iu" or not 0 < bits < width:
        return {}
    sign = _bit(array, high)
    planes = {bit: _bit(array, bit) for bit in range(width) if not high - bits < bit <= high}
    return {bit: plane for bit, plane in planes.items() if _coherent(plane) and not np.array_equal(plane, sign)}


def _bit(array: Array, bit: int) -> Array:
    return ((array >> bit) & 1).astype(np.uint8) * np.uint8(255)


def _coherent(plane: Array) -> bool:
    """Whether neighbours agree as they do in drawings and letters, and lines are not all the same as they are in stripes."""
    if (plane == plane[:1]).all() or (plane == plane[:, :1]).all():
        return False
    agree = (plane[1:] == plane[:-1]).mean() + (plane[:, 1:] == plane[:, :-1]).mean()
    return bool(agree >= 2 * COHERENT)


def coded_colour(frame: bytes) -> str:
    """RGB or YBR where a JPEG or JPEG-LS codestream settles it by markers, component names or subsampling, else empty."""
    info = jpeg_info(frame)
    header = next(segment for segment in segments(frame) if segment.marker == info.process)
    factors = set(frame[header.payload + 7 : header.end : 3])
    return info.colour[:3] or ("YBR" if len(factors) > 1 else "")


def _opened(path: Path) -> BinaryIO:
    """The file; a deflated one inflated to a temporary file, with meta information that says so."""
    stream = path.open("rb")
    meta = read_file_meta_info(path) if stream.read(PREFIX_END).endswith(b"DICM") else FileMetaDataset()
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        stream.seek(0)
        return stream
    with stream:
        stream.seek(PREFIX_END + GROUP_LENGTH + meta.FileMetaInformationGroupLength)
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        head = DicomBytesIO()
        write_file_meta_info(head, meta, enforce_standard=False)
        pieces = iter(lambda: stream.read(CHUNK), b"")
        made = inflate(pieces, Limits().inflated_bytes, b"\0" * 128 + b"DICM" + head.getvalue()).stream
    made.seek(0)
    return made


def _decoder(header: Dataset) -> Decoder:
    """The decoder of the transfer syntax that the meta information tells, or that pydicom found in a data set without any."""
    implicit, little = header.original_encoding
    native = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    decoder = get_decoder(header.file_meta.get("TransferSyntaxUID") or native)
    deep = JPEGExtended12Bit == decoder.UID and header.get("BitsStored") != 8
    if not decoder.is_available or (deep and "pylibjpeg" not in decoder.available_plugins):
        raise NotImplementedError
    return decoder


def _pixel_value(stream: BinaryIO, header: Dataset) -> Value | None:
    """The element at which ``stream`` stands, None at its end. Its VR, where it has one, says whether VRs are written."""
    head = stream.read(12)
    if len(head) < 12:
        return None
    order = "<" if header.original_encoding[1] else ">"
    group, number = unpack(f"{order}HH", head[:4])
    explicit = head[4:6] in VRS
    if not explicit:
        stream.seek(-4, SEEK_CUR)
    (length,) = unpack(f"{order}L", head[8:12] if explicit else head[4:8])
    vr = head[4:6].decode() if explicit else "OW"
    return Value(stream.tell(), None if length == UNDEFINED else length, KEYWORDS[group << 16 | number], vr)


def _frames_held(value: Value, header: Dataset) -> int:
    """The number of frames that the header tells, or that native pixel data have room for where these are more.

    Raises:
        NotImplementedError: pydicom does not decode the Photometric Interpretation or Bits Allocated.
        ValueError: native pixel data are too short, or hold three bytes a pixel where the header tells two.
    """
    told = get_nr_frames(header, warn=False)
    if _told(header)["photometric_interpretation"] not in DECODED or header.BitsAllocated not in ALLOCATED:
        raise NotImplementedError
    if value.length is None:
        return told
    bits = header.Rows * header.Columns * (header.get("SamplesPerPixel") or 1) * header.BitsAllocated
    subsampled = header.get("PhotometricInterpretation") == "YBR_FULL_422"
    frame, held = bits * 2 // 3 if subsampled else bits, value.length * 8
    if held < told * frame or (subsampled and held >= told * bits):
        raise ValueError("pixel data of another length than the header tells")
    return told if held < told * frame + 16 else held // frame


def _told(header: Dataset) -> dict[str, Any]:
    """Attributes that pydicom asks for and files leave out."""
    samples = header.get("SamplesPerPixel") or 1
    return {
        "samples_per_pixel": samples,
        "photometric_interpretation": header.get("PhotometricInterpretation") or ("MONOCHROME2" if samples == 1 else "RGB"),
        "bits_stored": header.get("BitsStored") or header.get("BitsAllocated"),
        "pixel_representation": header.get("PixelRepresentation") or 0,
        "planar_configuration": header.get("PlanarConfiguration") or 0,
    }
