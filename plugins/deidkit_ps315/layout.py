"""Which bytes of a written DICOM file are pixel data, found in the bytes themselves."""

from __future__ import annotations

import mmap
import struct
import zlib
from pathlib import Path

from deidkit.errors import UnreadableFile

LITTLE = (b"\xe0\x7f\x10\x00OB\0\0", b"\xe0\x7f\x10\x00OW\0\0")
BIG = (b"\x7f\xe0\x00\x10OB\0\0", b"\x7f\xe0\x00\x10OW\0\0")
IMPLICIT = b"\xe0\x7f\x10\x00"
ITEM, DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
UNDEFINED = 0xFFFFFFFF
DEFLATED = b"1.2.840.10008.1.2.1.99"
META_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
MOST_INFLATED = 1 << 30
HEAD = 4096

Buffer = mmap.mmap | bytes


def load(path: Path) -> Buffer:
    """The bytes of a file, mapped; a deflated data set (PS3.5 A.5) is inflated.

    Raises:
        UnreadableFile: empty, or deflated and damaged or too large.
    """
    with path.open("rb") as stream:
        if not path.stat().st_size:
            raise UnreadableFile("output-empty", "the written file is empty")
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    head = mapped[:HEAD]
    return _inflated(head, mapped) if DEFLATED in head else mapped


def _inflated(head: bytes, mapped: mmap.mmap) -> bytes:
    at = head.find(META_LENGTH)
    if at < 0:
        raise UnreadableFile("output-damaged", "the file meta information of a deflated file has no length")
    start = at + 12 + int(struct.unpack_from("<I", head, at + 8)[0])
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(mapped[start:], MOST_INFLATED)
    except zlib.error:
        raise UnreadableFile("output-damaged", "the data set cannot be inflated") from None
    if inflater.unconsumed_tail:
        raise UnreadableFile("output-damaged", "the data set inflates to more than the limit")
    return head[:start] + body


def pixel_span(data: Buffer) -> tuple[int, int]:
    """(start, end) of the value of the last PixelData element; (length, length) where there is none.

    Of several places that look like its beginning the last one counts whose length fits into the file: what is wrongly taken
    for header bytes is searched more strictly, not less.
    """
    for pattern, order, extra in (*((p, "<", 8) for p in LITTLE), *((p, ">", 8) for p in BIG), (IMPLICIT, "<", 4)):
        at = data.rfind(pattern)
        if 0 <= at <= len(data) - extra - 4:
            start = at + extra + 4
            length = struct.unpack_from(order + "I", data, start - 4)[0]
            end = _end(data, start) if length == UNDEFINED else start + int(length)
            if start < end <= len(data):
                return start, end
    return len(data), len(data)


def _end(data: Buffer, start: int) -> int:
    """Behind the last item of encapsulated pixel data (PS3.5 A.4); -1 where the items do not add up."""
    at = start
    while data[at : at + 4] == ITEM and at + 8 <= len(data):
        at += 8 + int(struct.unpack_from("<I", data, at + 4)[0])
    return at if data[at : at + 4] == DELIMITER else -1
