"""Finds preamble, file meta information, dataset and pixel data of one file (PS3.10 section 7), and builds the header."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset
from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.dataset import FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.values import convert_string

from deidkit.errors import IndexFile, UnreadableFile, UnsupportedFile
from deidkit.limits import Limits
from deidkit_dicom.part10.fragments import Fragments, list_fragments
from deidkit_dicom.part10.source import FileSource, Source, inflated
from deidkit_dicom.part10.structure import SEQUENCE_END, UNDEFINED, Element, Structure
from deidkit_dicom.part10.syntaxes import (
    DEFLATED_LE,
    EXPLICIT_BE,
    EXPLICIT_LE,
    GE_BIG_ENDIAN_PIXELS,
    IMPLICIT_LE,
    NO_DATASET,
    registered_name,
)

PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA = 0x7FE00010, 0x7FE00008, 0x7FE00009
PIXEL_TAGS = frozenset((PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA))
OFFSET_TAGS = frozenset((0x7FE00001, 0x7FE00002, 0x7FE00003))
TRAILING_PADDING = 0xFFFCFFFC


Elements = dict[BaseTag, DataElement | RawDataElement]


@dataclass(slots=True)
class PixelElement:
    """Where the value of a pixel data element lies: ``length`` for native ones, ``fragments`` for encapsulated ones."""

    tag: int
    vr: str
    offset: int
    length: int | None
    fragments: Fragments | None


@dataclass(slots=True)
class Parts:
    """One file taken apart. ``header`` holds all elements but pixel data, offset tables, group lengths and trailing padding."""

    source: Source
    preamble: bytes
    syntax: str
    header: Dataset
    pixel: PixelElement | None
    nested: set[int] = field(default_factory=set)
    offsets: dict[int, bytes] = field(default_factory=dict)
    padding: int = 0
    has_meta: bool = True


def looks_like_dicom(head: bytes) -> bool:
    """Whether these first bytes are a Part 10 file, or a dataset without preamble that begins with group 2 or 8."""
    if head[128:132] == b"DICM":
        return True
    if len(head) < 8:
        return False
    little, big = head[0:2], head[1::-1]
    if head[0:4] in (b"\x02\x00\x00\x00", b"\x02\x00\x01\x00", b"\x02\x00\x10\x00"):
        return True
    if b"\x08\x00" not in (little, big):
        return False
    explicit = head[4:6] in (b"UL", b"CS", b"UI", b"DA", b"TM", b"LO", b"SH", b"DT")
    implicit = head[0:2] == b"\x08\x00" and int.from_bytes(head[4:8], "little") <= 64
    return explicit or implicit


def take_apart(path: Path, limits: Limits) -> Parts:
    """Reads everything but the pixels.

    Raises:
        UnreadableFile: not DICOM, cut short, or lengths that lie.
        UnsupportedFile: a transfer syntax whose dataset is no sequence of elements.
        IndexFile: a DICOMDIR.
        OverBudget: too large, too deep.
    """
    file = FileSource(path)
    limits.check_file(file.size)
    head = file.read(0, min(file.size, 132))
    if not looks_like_dicom(head):
        raise UnreadableFile("not-dicom", "no DICM prefix and no dataset without one")
    preamble = head[:128] if head[128:132] == b"DICM" else b""
    start = 132 if preamble else 0
    meta, start = _read_meta(file, start, limits)
    syntax = str(meta.get("TransferSyntaxUID", "") or "").strip("\0 ") or _guess(file, start)
    if syntax in NO_DATASET:
        raise UnsupportedFile("transfer-syntax-unsupported", f"not read: {registered_name(syntax)}")
    source: Source = file
    if syntax == DEFLATED_LE:
        source = inflated(file, start, limits.inflated_bytes)
        start = 0
    parts = _read_dataset(source, start, syntax, limits)
    parts.preamble = preamble
    parts.has_meta = len(meta) > 0
    parts.header.file_meta = meta
    if meta.get("MediaStorageSOPClassUID") == "1.2.840.10008.1.3.10" or 0x00041220 in parts.header:
        raise IndexFile("dicomdir", "a DICOMDIR is an index, not an object; make a new one from the released files")
    return parts


def _read_meta(file: FileSource, start: int, limits: Limits) -> tuple[FileMetaDataset, int]:
    """File meta information, always explicit little endian, and where the dataset begins."""
    structure = Structure(file, True, limits)
    meta = FileMetaDataset()
    position = start
    implicit = structure.is_implicit(position, False)
    while position + 8 <= file.size and structure.item(position)[0] >> 16 == 2:
        element = structure.element(position, implicit)
        position = structure.end_of(element)
        if element.tag & 0xFFFF in (0x0001, 0x0002, 0x0003, 0x0010, 0x0012, 0x0013):
            structure.need(position)
            meta[BaseTag(element.tag)] = convert_raw_data_element(_raw(structure, element, element.value, position))
    return meta, position


def _guess(file: FileSource, start: int) -> str:
    """The native syntax of a dataset whose meta information does not name one."""
    if file.size < start + 8:
        raise UnreadableFile("dataset-missing", "there is nothing after the file meta information")
    head = file.read(start, 8)
    if head[0] == 0 and head[1] != 0:
        return EXPLICIT_BE
    explicit = 0x40 < head[4] < 0x5B and 0x40 < head[5] < 0x5B
    return EXPLICIT_LE if explicit else IMPLICIT_LE


def _read_dataset(source: Source, start: int, syntax: str, limits: Limits) -> Parts:
    structure = Structure(source, syntax != EXPLICIT_BE, limits)
    implicit = structure.is_implicit(start, syntax in (IMPLICIT_LE, GE_BIG_ENDIAN_PIXELS))
    parts = Parts(source, b"", syntax, Dataset(), None)
    elements: Elements = {}
    position = start
    while position < source.size:
        if _only_zeros(source, position):
            parts.padding = source.size - position
            break
        element = structure.element(position, implicit)
        if element.tag in PIXEL_TAGS:
            parts.pixel, end = _locate_pixels(structure, element)
            _read_tail(parts, structure, end, implicit, elements)
            break
        position = _keep(structure, element, elements, parts.offsets)
    parts.header = _dataset(elements, implicit, structure.little)
    parts.nested |= structure.nested
    return parts


def _read_tail(parts: Parts, before: Structure, end: int, implicit: bool, elements: Elements) -> None:
    """Elements after the pixel data: signatures and private groups join the header, padding is only noted.

    Raises:
        UnreadableFile: what follows the pixel data is no dataset.
    """
    tail = parts.source.after(end)
    structure = Structure(tail, before.little, before.limits)
    position, last = 0, PIXEL_DATA
    while position < tail.size:
        if _only_zeros(tail, position):
            parts.padding += tail.size - position
            return
        try:
            element = structure.element(position, implicit)
            following = _keep(structure, element, elements, {})
        except UnreadableFile:
            element, following = Element(0, None, 0, 0, implicit), 0
        if element.tag <= last and element.tag != SEQUENCE_END:
            raise UnreadableFile("trailing-bytes", "what follows the pixel data is not part of a dataset")
        last = max(last, element.tag) if element.tag != SEQUENCE_END else last
        if element.tag == TRAILING_PADDING:
            parts.padding += following - position
        position = following
    parts.nested |= structure.nested


def _keep(structure: Structure, element: Element, elements: Elements, offsets: dict[int, bytes]) -> int:
    """Stores one element, returns the position after it. Group lengths and command elements are not part of a file."""
    structure.count()
    if element.tag >> 16 == 0xFFFE and element.length != UNDEFINED:
        # Delimiters and items without a sequence, as careless editors leave behind; nothing can refer to them.
        end = element.value + element.length
        if end > structure.source.size:
            raise UnreadableFile("length-lie", "an element claims more bytes than the file has")
        return end
    end = structure.end_of(element)
    if element.tag & 0xFFFF == 0 or element.tag >> 16 in (0, 2) or element.tag == TRAILING_PADDING:
        return end
    structure.need(end)
    if element.tag in OFFSET_TAGS:
        offsets[element.tag] = bytes(structure.buffer[element.value : end])
        return end
    elements[BaseTag(element.tag)] = _raw(structure, element, element.value, end)
    return end


def _raw(structure: Structure, element: Element, start: int, end: int) -> RawDataElement:
    """A sequence of undefined length becomes one of defined length, so that pydicom parses it only when it is looked at."""
    vr = element.vr.decode("latin-1") if element.vr is not None else None
    length, implicit = element.length, element.implicit
    if length == UNDEFINED:
        end -= 8
        if structure.holds_items(element):
            length = end - start
            implicit = implicit or vr == "UN"
            vr = None if element.vr is None and element.tag >> 16 & 1 == 0 else "SQ"
    value = bytes(structure.buffer[start:end])
    return RawDataElement(BaseTag(element.tag), vr, length, value, start, implicit, structure.little)


def _locate_pixels(structure: Structure, element: Element) -> tuple[PixelElement, int]:
    """The pixel data element and the position after it."""
    vr = element.vr.decode("ascii") if element.vr else "OW"
    if element.length == UNDEFINED:
        fragments = list_fragments(structure.source, element.value)
        return PixelElement(element.tag, vr, element.value, None, fragments), fragments.end
    end = element.value + element.length
    if end > structure.source.size:
        raise UnreadableFile("pixels-truncated", "the file ends inside its pixel data")
    return PixelElement(element.tag, vr, element.value, element.length, None), end


def _only_zeros(source: Source, position: int) -> bool:
    """Whether nothing but NUL bytes is left. Looks at eight bytes first, because that settles it nearly always."""
    if any(source.read(position, min(8, source.size - position))):
        return False
    return not any(any(chunk) for chunk in source.chunks(position, source.size - position))


def _dataset(elements: Elements, implicit: bool, little: bool) -> Dataset:
    header = Dataset(elements)
    charset = elements.get(BaseTag(0x00080005))
    encodings: str | list[str] = default_encoding
    if charset is not None and charset.value:
        encodings = convert_encodings(convert_string(charset.value, little))
    header.set_original_encoding(implicit, little, encodings)
    for tag, raw in list(elements.items()):
        if isinstance(raw, RawDataElement) and raw.is_implicit_VR != implicit:
            header[tag] = convert_raw_data_element(raw, encoding=encodings, ds=header)
    return header
