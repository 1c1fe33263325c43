"""The bytes of a written DICOM file by offset, and which of them are pixel data, found in the bytes themselves.

Nothing is mapped or read whole: a cine of gigabytes is gone through in windows.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from deidkit.errors import OverBudget, UnreadableFile
from deidkit.headers.inflate import inflate

PIXEL_TAGS = tuple(struct.pack(order, 0x7FE0, element) for order in ("<HH", ">HH") for element in (0x0008, 0x0009, 0x0010))
"""Float, Double Float and Pixel Data in either byte order."""
EXPLICIT_VRS = (b"OB\0\0", b"OW\0\0", b"OF\0\0", b"OD\0\0")
ITEM, DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
UNDEFINED = 0xFFFFFFFF
DEFLATED = b"1.2.840.10008.1.2.1.99"
META_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
MOST_INFLATED = 1 << 32
HEAD = 4096
CHUNK = 1 << 22


class Written:
    """A written file, a deflated data set (PS3.5 A.5) inflated. To be used as a context manager.

    Raises:
        UnreadableFile: empty, or deflated and damaged or too large.
    """

    def __init__(self, path: Path) -> None:
        self.size = path.stat().st_size
        if not self.size:
            raise UnreadableFile("output-empty", "the written file is empty")
        self._stream: BinaryIO = path.open("rb")
        try:
            if DEFLATED in (head := self.read(0, HEAD)):
                self._inflate(head)
        except BaseException:
            self._stream.close()
            raise

    def _inflate(self, head: bytes) -> None:
        at = head.find(META_LENGTH)
        if at < 0:
            raise UnreadableFile("output-damaged", "the file meta information of a deflated file has no length")
        start = at + 12 + int(struct.unpack_from("<I", head, at + 8)[0])
        pieces = (window for _, window in self.windows(start, self.size))
        try:
            made = inflate(pieces, MOST_INFLATED, head[:start])
        except (UnreadableFile, OverBudget):
            raise UnreadableFile("output-damaged", "the data set cannot be inflated, or to more than the limit") from None
        self._stream.close()
        self._stream, self.size = made.stream, start + made.size

    def __enter__(self) -> Written:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stream.close()

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` to ``end``, fewer where the file ends before."""
        pieces = []
        while start < end and (piece := os.pread(self._stream.fileno(), end - start, start)):
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)

    def windows(self, start: int, end: int, overlap: int = 0) -> Iterator[tuple[int, bytes]]:
        """(offset, bytes) of pieces of CHUNK bytes, each with up to ``overlap`` bytes of what follows it."""
        for at in range(start, end, CHUNK):
            yield at, self.read(at, min(at + CHUNK + overlap, end))


def pixel_span(written: Written) -> tuple[int, int]:
    """(start, end) of the value of the last pixel data element; (length, length) where there is none.

    Of several places that look like its beginning the last one counts whose length fits into the file, an explicit one before
    an implicit one: what is wrongly taken for header bytes is searched more strictly, not less.
    """
    found: dict[bool, tuple[int, int]] = {}
    for offset, window in written.windows(0, written.size, overlap=11):
        at = sorted(offset + place for tag in PIXEL_TAGS for place in _places(window, tag))
        for place in at:
            explicit, span = _value(written, place)
            if span:
                found[explicit] = span
    nothing = (written.size, written.size)
    return found.get(True) or found.get(False) or nothing


def _places(window: bytes, tag: bytes) -> Iterator[int]:
    at = window.find(tag)
    while at >= 0:
        yield at
        at = window.find(tag, at + 1)


def _value(written: Written, at: int) -> tuple[bool, tuple[int, int] | None]:
    """Whether the element at ``at`` has an explicit VR, and the span of its value; None where that does not fit in."""
    head = written.read(at, at + 12)
    little, explicit = head[:2] == b"\xe0\x7f", head[4:8] in EXPLICIT_VRS
    if len(head) < 8 or (explicit and len(head) < 12) or not (little or explicit):
        return explicit, None
    start = at + (12 if explicit else 8)
    length = int(struct.unpack_from("<I" if little else ">I", head, 8 if explicit else 4)[0])
    end = _end(written, start) if length == UNDEFINED else start + length
    return explicit, (start, end) if start < end <= written.size else None


def _end(written: Written, start: int) -> int:
    """Behind the last item of encapsulated pixel data (PS3.5 A.4); -1 where the items do not add up."""
    at, head = start, written.read(start, start + 8)
    while head[:4] == ITEM and len(head) == 8:
        at += 8 + int(struct.unpack_from("<I", head, 4)[0])
        head = written.read(at, at + 8)
    return at if head[:4] == DELIMITER else -1
