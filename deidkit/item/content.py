"""What an object holds, whatever it was written in: equal for two files exactly when they are copies of one object.

Copies may differ in file meta information, transfer syntax, lengths, padding and character set, and in what archives set on the
way. Headers are compared as they are stored, samples as they are decoded, so that a lossless recompression is a copy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_sequence
from pydicom.filewriter import write_data_element

from deidkit.headers.bounded_read import is_sequence
from deidkit.headers.raw_elements import TEXT_VRS, UNDECLARED, Codecs, dictionary_vr, elements_of, encodings_of, text_of, vr_of
from deidkit.headers.uids import class_of, value
from deidkit.image import Image

_ON_THE_WAY = (
    "LengthToEnd QueryRetrieveLevel QueryRetrieveView RetrieveAETitle InstanceAvailability RetrieveURL RetrieveURI "
    "RetrieveLocationUID AvailableTransferSyntaxUID StorageMediaFileSetID StorageMediaFileSetUID IconImageSequence "
    "NumberOfPatientRelatedStudies NumberOfPatientRelatedSeries NumberOfPatientRelatedInstances NumberOfStudyRelatedSeries "
    "NumberOfStudyRelatedInstances NumberOfSeriesRelatedInstances"
)
"""Set by whoever stores, finds or sends an object (PS3.4 C.4 and I.4), so that it says nothing of the object itself."""

_OF_ENCODING = (
    "NumberOfFrames PlanarConfiguration PhotometricInterpretation LossyImageCompressionRatio LossyImageCompressionMethod "
    "DerivationDescription DerivationCodeSequence"
)
"""Changed with the transfer syntax: frames are counted and decoded instead. Some lossless encoders write what they did."""

_OTHERWISE = "SOPClassUID SOPInstanceUID"
"""May stand in the file meta information alone."""

PASSED_OVER = frozenset(int(tag_for_keyword(keyword) or 0) for keyword in f"{_ON_THE_WAY} {_OF_ENCODING} {_OTHERWISE}".split())
ARCHIVES = frozenset(("AGFA PACS Archive Mirroring 1.0", "dcm4che/archive", "GEIIS", "GEIIS PACS", "Mayo/IBM Archive Project"))
"""Private creators of archives, which add their blocks to what they store."""

SAME_COLOUR = {"YBR_RCT": "RGB", "YBR_ICT": "RGB", "YBR_FULL_422": "YBR_FULL"}
"""Photometric Interpretation of encoded frames -> that of their samples."""

CHARACTER_SET, PHOTOMETRIC, LOSSY, NOT_LOSSY, PADDING = 0x00080005, 0x00280004, 0x00282110, "00", 0xFFFCFFFC
TEXT = re.compile(rb"[^\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]*\x00?")
ITEM = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
SINGLE = frozenset({"LT", "ST", "UR", "UT"})
WIDTHS = {2: ("US", "SS", "OW", "AT"), 4: ("UL", "SL", "FL", "OF", "OL"), 8: ("FD", "OD", "OV", "SV", "UV")}
"""Bytes of one number, whose order differs between little and big endian (PS3.5 7.3) -> VRs."""

WIDTH_OF = {vr: width for width, vrs in WIDTHS.items() for vr in vrs}


def digest(image: Image, on_frame: Callable[[int], None] = lambda _: None) -> bytes:
    """32 bytes that stand for header and samples. ``on_frame`` is told of each frame before it is decoded.

    Raises:
        ItemError: a frame cannot be decoded.
    """
    made = _Digest()
    made.add(class_of(image.header).encode(), str(image.frame_count).encode())
    if image.frame_count:
        colour = value(image.header, PHOTOMETRIC)
        made.add(SAME_COLOUR.get(colour, colour).encode())
    made.dataset(image.header, UNDECLARED, top=True)
    for index in range(image.frame_count):
        on_frame(index)
        samples = image.frame(index).samples
        made.add(repr(samples.shape).encode(), samples.dtype.newbyteorder("<").str.encode())
        made.add(np.ascontiguousarray(samples, samples.dtype.newbyteorder("<")).tobytes())
    return made.end()


class _Digest:
    """A hash over values, each with its length, so that no two sequences of them look alike."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, *values: bytes) -> None:
        for one in values:
            self._hash.update(len(one).to_bytes(8, "big") + one)

    def end(self) -> bytes:
        return self._hash.digest()

    def dataset(self, dataset: Dataset, parent: Codecs, top: bool = False) -> None:
        codecs = encodings_of(dataset, parent)
        passing = _passing(dataset) if top else frozenset()
        for element in sorted(elements_of(dataset), key=lambda element: int(element.tag)):
            tag = int(element.tag)
            if not tag & 0xFFFF or tag in {CHARACTER_SET, PADDING} or tag in passing:
                continue
            items = _items(dataset, element)
            if not items:
                self.add(tag.to_bytes(4, "big"), b"" if items == [] else _value(element, codecs))
                continue
            self.add(tag.to_bytes(4, "big"), b"items", len(items).to_bytes(4, "big"))
            for item in items:
                self.dataset(item, codecs)
                self.add(b"end")


def _passing(dataset: Dataset) -> frozenset[int]:
    """Tags of the top level that are no part of the object."""
    tags = [int(tag) for tag in dataset.keys()]  # noqa: SIM118
    found = set(PASSED_OVER)
    if value(dataset, LOSSY) == NOT_LOSSY:
        found.add(LOSSY)
    for creator in tags:
        if creator >> 16 & 1 and 0x10 <= creator & 0xFFFF <= 0xFF and value(dataset, creator) in ARCHIVES:
            block = creator >> 16 << 8 | creator & 0xFF
            found |= {creator, *(tag for tag in tags if tag >> 8 == block)}
    return frozenset(found)


def _items(dataset: Dataset, element: DataElement | RawDataElement) -> list[Dataset] | None:
    """The items of a sequence, also of one whose VR nobody knows; None for anything else."""
    if vr_of(element) == "SQ":
        return list(dataset[element.tag].value or ())
    stored: Any = element.value
    if not isinstance(element, RawDataElement) or not stored or not stored.startswith(ITEM):
        return None
    implicit, little = element.is_implicit_VR or element.VR == "UN", element.is_little_endian
    if not is_sequence(stored, implicit, little):
        return None
    return list(read_sequence(BytesIO(stored), implicit, little, len(stored), "iso8859"))


def _value(element: DataElement | RawDataElement, codecs: Codecs) -> bytes:
    """Text in UTF-8 without padding; anything else as it is stored in little endian.

    The VR that the file states has no say in this, because not every encoding states one. What nobody knows loses its padding
    when it looks like text.
    """
    known = dictionary_vr(int(element.tag))
    if known not in TEXT_VRS:
        stored = _stored(element)
        return stored.rstrip(b" \0") if known is None and TEXT.fullmatch(stored) else stored
    text = text_of(element, codecs)
    parts = [text] if known in SINGLE else text.split("\\")
    return "\\".join(part.strip(" \0") for part in parts).encode("utf-8", "surrogatepass")


def _stored(element: DataElement | RawDataElement) -> bytes:
    if not isinstance(element, RawDataElement):
        stream = DicomBytesIO()
        stream.is_little_endian = stream.is_implicit_VR = True
        write_data_element(stream, element)
        return stream.getvalue()[8:]
    stored: bytes = element.value or b""
    width = WIDTH_OF.get(element.VR or "", 1)
    if element.is_little_endian or len(stored) % width:
        return stored
    return np.frombuffer(stored, f">u{width}").astype(f"<u{width}").tobytes()
