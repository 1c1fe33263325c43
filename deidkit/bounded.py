"""Reading DICOM headers so that a hostile file costs a bounded time and memory."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom import Dataset
from pydicom.filereader import read_dataset, read_file_meta_info
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian

from deidkit.deflated import CHUNK, inflate
from deidkit.errors import OverBudget
from deidkit.limits import Limits

MOST_READS = 3_000_000
"""Calls of ``read`` on one file, about two an element: several times what an enhanced object of 10,000 frames takes."""

DEFER_BYTES = 64 * 2**20
PREAMBLE, MAGIC = 128, b"DICM"
META_HEAD = PREAMBLE + len(MAGIC) + 12
HEAD_BYTES = 4096
BARE = (b"\x08\x00", b"\x02\x00", b"\x00\x08")
"""How a dataset without preamble begins: group 8 or 2, group 8 in big endian."""

GROUP_OF_PIXELS = 0x7FE0


@dataclass(slots=True)
class Counted(io.RawIOBase):
    """A binary stream that may be read only so often.

    Raises:
        OverBudget: on the first call of ``read`` too many.
    """

    stream: BinaryIO = field(repr=False)
    left: int = field(default_factory=lambda: MOST_READS)

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OverBudget("header-too-large", "the header has too many elements")
        return self.stream.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        return self.stream.tell()


def header_of(path: Path) -> Dataset | None:
    """The attributes before the pixel data, or None for what does not begin as DICOM does.

    Raises:
        OverBudget: too many elements, or a deflated dataset that holds too much.
        Exception: whatever damage does to the parser.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        magic = head[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC
        if not magic and not head.startswith(BARE):
            return None
        if magic and DeflatedExplicitVRLittleEndian.encode() in head:
            return _deflated(path, stream)
        return _plain(stream, force=not magic)


def _plain(stream: BinaryIO, force: bool) -> Dataset:
    stream.seek(0)
    counted: Any = Counted(stream)
    return pydicom.dcmread(counted, stop_before_pixels=True, force=force, defer_size=DEFER_BYTES)


def _deflated(path: Path, stream: BinaryIO) -> Dataset:
    meta = read_file_meta_info(path)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian:
        return _plain(stream, force=False)
    stream.seek(META_HEAD + int(meta.FileMetaInformationGroupLength))
    inflated = inflate(iter(lambda: stream.read(CHUNK), b""), Limits().inflated_bytes)
    with inflated.stream as made:
        made.seek(0)
        counted: Any = Counted(made)
        return read_dataset(counted, False, True, stop_when=_at_pixels)


def _at_pixels(tag: BaseTag, *_: Any) -> bool:
    return tag.group >= GROUP_OF_PIXELS
