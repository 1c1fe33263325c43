"""Bytes of a file by offset: straight from disk, or from a temporary file for the deflated transfer syntax."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import pack
from typing import BinaryIO

from deidkit.errors import UnreadableFile
from deidkit.headers.inflate import inflate

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


class SpooledSource:
    """An open temporary file with the interface of a file on disk; it goes away with the last source that refers to it."""

    def __init__(self, stream: BinaryIO, size: int, base: int = 0) -> None:
        self._stream = stream
        self._base = base
        self.size = size - base

    def after(self, offset: int) -> SpooledSource:
        return SpooledSource(self._stream, self._base + self.size, self._base + offset)

    def read(self, offset: int, length: int) -> bytes:
        if offset + length > self.size:
            raise UnreadableFile("file-truncated", "the file ends inside a value")
        self._stream.seek(self._base + offset)
        return self._stream.read(length)

    def chunks(self, offset: int, length: int) -> Iterator[bytes]:
        for start in range(offset, offset + length, CHUNK):
            yield self.read(start, min(CHUNK, offset + length - start))


Source = FileSource | SpooledSource


def inflated(source: FileSource, offset: int, limit: int) -> SpooledSource:
    """The deflated dataset that begins at ``offset`` (PS3.5 A.5), up to the end of the file.

    Raises:
        OverBudget: it would inflate to more than ``limit`` bytes; nothing beyond that is inflated.
        UnreadableFile: damaged, cut short, or followed by something else than padding or a gzip trailer.
    """
    made = inflate(source.chunks(offset, source.size - offset), limit)
    rest = source.size - offset - made.fed
    tail = source.read(source.size - rest, rest) if rest <= TRAILER else b"\1"
    if tail.strip(b"\0") and tail != pack("<LL", made.crc, made.size & 0xFFFFFFFF):
        raise UnreadableFile("trailing-bytes", "the deflated dataset is followed by further bytes")
    return SpooledSource(made.stream, made.size)
