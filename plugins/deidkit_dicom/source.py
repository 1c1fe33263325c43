"""Bytes of a file by offset: straight from disk, or inflated in memory for the deflated transfer syntax."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import pack

from deidkit.errors import OverBudget, UnreadableFile

CHUNK = 1 << 20
TRAILER = 8


class FileSource:
    """A file on disk, from ``base`` on. Keeps no handle, so that any number of images can be open at once."""

    def __init__(self, path: Path, base: int = 0) -> None:
        self._path = path
        self._base = base
        self.size = path.stat().st_size - base

    def after(self, offset: int) -> FileSource:
        """The same bytes from ``offset`` on."""
        return FileSource(self._path, self._base + offset)

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes.

        Raises:
            UnreadableFile: the file ends before.
        """
        with self._path.open("rb", buffering=0) as stream:
            stream.seek(self._base + offset)
            data = stream.read(length)
        if len(data) != length:
            raise UnreadableFile("file-truncated", "the file ends inside a value")
        return data

    def chunks(self, offset: int, length: int) -> Iterator[bytes]:
        """The same bytes in pieces of at most one MiB."""
        with self._path.open("rb", buffering=0) as stream:
            stream.seek(self._base + offset)
            left = length
            while left:
                data = stream.read(min(CHUNK, left))
                if not data:
                    raise UnreadableFile("file-truncated", "the file ends inside a value")
                left -= len(data)
                yield data


class MemorySource:
    """Bytes in memory with the interface of a file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def after(self, offset: int) -> MemorySource:
        return MemorySource(self._data[offset:])

    def read(self, offset: int, length: int) -> bytes:
        if offset + length > self.size:
            raise UnreadableFile("file-truncated", "the file ends inside a value")
        return self._data[offset : offset + length]

    def chunks(self, offset: int, length: int) -> Iterator[bytes]:
        for start in range(offset, offset + length, CHUNK):
            yield self.read(start, min(CHUNK, offset + length - start))


Source = FileSource | MemorySource


def inflate(source: FileSource, offset: int, limit: int) -> MemorySource:
    """The deflated dataset that begins at ``offset`` (PS3.5 A.5), up to the end of the file.

    Raises:
        OverBudget: it would inflate to more than ``limit`` bytes; nothing beyond that is inflated.
        UnreadableFile: damaged, cut short, or followed by something else than padding or a gzip trailer.
    """
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    total = 0
    fed = 0
    for chunk in source.chunks(offset, source.size - offset):
        fed += len(chunk)
        data = chunk
        while data and not engine.eof:
            try:
                piece = engine.decompress(data, CHUNK)
            except zlib.error:
                raise UnreadableFile("deflate-damaged", "the deflated dataset cannot be inflated") from None
            total += len(piece)
            if total > limit:
                raise OverBudget("deflate-bomb", f"the deflated dataset holds more than {limit} bytes")
            pieces.append(piece)
            data = engine.unconsumed_tail
        if engine.eof:
            break
    if not engine.eof:
        raise UnreadableFile("deflate-truncated", "the deflated dataset is cut short")
    rest = source.size - offset - fed + len(engine.unused_data)
    tail = source.read(source.size - rest, rest) if rest <= TRAILER else b"\1"
    inflated = b"".join(pieces)
    if tail.strip(b"\0") and tail != pack("<LL", zlib.crc32(inflated), len(inflated) & 0xFFFFFFFF):
        raise UnreadableFile("trailing-bytes", "the deflated dataset is followed by further bytes")
    return MemorySource(inflated)
