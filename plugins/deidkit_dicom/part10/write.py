"""Writes Part 10 files (PS3.10 section 7.1) with a blank preamble and this program's own file meta information."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path
from struct import pack
from types import TracebackType
from typing import BinaryIO

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.uid import UID

from deidkit import __version__
from deidkit.errors import UnreadableFile, UnsupportedFile
from deidkit_dicom.part10.fragments import ITEM, SEQUENCE_END
from deidkit_dicom.part10.parts import OFFSET_TAGS, PIXEL_DATA, PIXEL_TAGS, TRAILING_PADDING
from deidkit_dicom.part10.structure import UNDEFINED
from deidkit_dicom.part10.syntaxes import DEFLATED_LE, Syntax

IMPLEMENTATION_CLASS_UID = "2.25.47988917198262512032031703188636537752551"
IMPLEMENTATION_VERSION = f"DEIDKIT_{__version__}"[:16]
ICON, DOCUMENT = 0x00880200, 0x00420011


class Writer:
    """One output file. ``begin`` writes everything before the pixel data, ``end`` everything after it.

    The dataset is compressed on the way when the transfer syntax is the deflated one.
    """

    def __init__(self, path: Path, header: Dataset, syntax: Syntax) -> None:
        self._path = path
        self._syntax = syntax
        self._header = header
        self._stream: BinaryIO
        self._engine = zlib.compressobj(wbits=-zlib.MAX_WBITS) if syntax.uid == DEFLATED_LE else None

    def __enter__(self) -> Writer:
        self._stream = self._path.open("xb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.close()

    def begin(self) -> None:
        meta = DicomBytesIO()
        write_file_meta_info(meta, _file_meta(self._header, self._syntax), enforce_standard=True)
        self._stream.write(b"\0" * 128 + b"DICM" + meta.getvalue())
        self.write(_encoded(_part(self._header, before=True), self._syntax))

    def native(self, vr: str, length: int, pieces: Iterable[bytes], tag: int = PIXEL_DATA) -> None:
        """The pixel data element with ``length`` bytes of native frames, padded to an even length.

        Raises:
            UnsupportedFile: they are more than an element can hold.
        """
        if length >= UNDEFINED - 1:
            raise UnsupportedFile("pixels-too-long", "uncompressed, the pixel data is longer than an element can be")
        self._pixel_header(vr, length + length % 2, tag)
        total = 0
        for piece in pieces:
            self.write(piece)
            total += len(piece)
        if total not in (length, length + length % 2):
            raise UnreadableFile("pixels-length", "the frames do not add up to the pixel data")
        self.write(b"\0" * (total % 2))

    def verbatim(self, vr: str, pieces: Iterable[bytes]) -> None:
        """An encapsulated value as it was, from its offset table to its sequence delimiter."""
        self._pixel_header(vr, UNDEFINED)
        for piece in pieces:
            self._stream.write(piece)

    def encapsulated(self, frames: Iterable[bytes], count: int, with_table: bool) -> None:
        """Encoded frames, one fragment each, with a basic offset table unless offsets could pass 32 bits (PS3.5 A.4)."""
        self._pixel_header("OB", UNDEFINED)
        table_at = self._stream.tell() + 8
        self._stream.write(ITEM + pack("<L", 4 * count if with_table else 0) + b"\0" * (4 * count if with_table else 0))
        first = self._stream.tell()
        offsets: list[int] = []
        for frame in frames:
            offsets.append(self._stream.tell() - first)
            padded = frame + b"\0" * (len(frame) % 2)
            self._stream.write(ITEM + pack("<L", len(padded)) + padded)
        if len(offsets) != count:
            raise UnreadableFile("pixels-length", "the frames do not add up to the pixel data")
        end = self._stream.tell()
        if with_table:
            self._stream.seek(table_at)
            self._stream.write(pack(f"<{count}L", *offsets))
            self._stream.seek(end)
        self._stream.write(SEQUENCE_END + b"\0\0\0\0")

    def _pixel_header(self, vr: str, length: int, tag: int = PIXEL_DATA) -> None:
        order = "<" if self._syntax.little else ">"
        if self._syntax.implicit:
            self.write(pack(order + "HHL", tag >> 16, tag & 0xFFFF, length))
        else:
            self.write(pack(order + "HH2sHL", tag >> 16, tag & 0xFFFF, vr.encode(), 0, length))

    def end(self) -> None:
        self.write(_encoded(_part(self._header, before=False), self._syntax))
        if self._engine is not None:
            rest = self._engine.flush()
            self._stream.write(rest + b"\0" * (self._stream.tell() + len(rest) & 1))

    def write(self, data: bytes) -> None:
        self._stream.write(data if self._engine is None else self._engine.compress(data))


def released_header(header: Dataset, nested_icons: bool, may_drop_document: bool) -> Dataset:
    """A copy of the top level without offset tables, pixel data, icons, trailing padding, and documents if so wished.

    Raises:
        UnreadableFile: a document is still there and may not be removed.
    """
    skipped = PIXEL_TAGS | OFFSET_TAGS | {TRAILING_PADDING, ICON}
    tags = [tag for tag in header.keys() if tag not in skipped and tag >> 16 not in (0, 2, 4)]  # noqa: SIM118
    out = Dataset({tag: header.get_item(tag) for tag in tags})
    implicit, little = header.original_encoding
    out.set_original_encoding(implicit, little, header.original_character_set)
    out.file_meta = header.file_meta if hasattr(header, "file_meta") else FileMetaDataset()
    if DOCUMENT in out:
        if not may_drop_document and out[DOCUMENT].value:
            raise UnsupportedFile(
                "encapsulated-document", "an encapsulated document cannot be searched, and is not to be removed"
            )
        del out[DOCUMENT]
    if nested_icons:
        for element in out:
            if element.VR == "SQ":
                _without_icons(element.value)
    return out


def _without_icons(sequence: Iterable[Dataset]) -> None:
    pending = list(sequence)
    while pending:
        item = pending.pop()
        for tag in [tag for tag in item.keys() if tag in PIXEL_TAGS or tag == ICON]:  # noqa: SIM118
            del item[tag]
        pending += [child for element in item if element.VR == "SQ" for child in element.value]


def _part(header: Dataset, *, before: bool) -> Dataset:
    part = Dataset({tag: header.get_item(tag) for tag in header.keys() if (tag < PIXEL_DATA) == before})  # noqa: SIM118
    implicit, little = header.original_encoding
    part.set_original_encoding(implicit, little, header.original_character_set)
    return part


def _encoded(part: Dataset, syntax: Syntax) -> bytes:
    """The elements of ``part`` in the encoding of ``syntax``.

    Raises:
        UnreadableFile: a value that pydicom cannot write.
    """
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = syntax.little, syntax.implicit
    try:
        write_dataset(buffer, part)
    except Exception:
        raise UnreadableFile("header-unwritable", "an element of the header cannot be written") from None
    return buffer.getvalue()


def _file_meta(header: Dataset, syntax: Syntax) -> FileMetaDataset:
    """Nothing of the input's meta information is kept but the class, and the instance UID where the header has none."""
    old = header.file_meta
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = UID(header.get("SOPClassUID") or old.get("MediaStorageSOPClassUID") or "")
    meta.MediaStorageSOPInstanceUID = UID(header.get("SOPInstanceUID") or old.get("MediaStorageSOPInstanceUID") or "")
    meta.TransferSyntaxUID = UID(syntax.uid)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    if not meta.MediaStorageSOPClassUID or not meta.MediaStorageSOPInstanceUID:
        raise UnreadableFile("sop-common-missing", "SOP Class UID or SOP Instance UID is missing")
    return meta
