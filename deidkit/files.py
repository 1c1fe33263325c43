"""Opens input files safely, including pipes, devices, endless kernel files and files that grow."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from deidkit.errors import UnreadableFile

__all__ = ["opened", "sha256"]


@contextmanager
def opened(path: Path) -> Iterator[tuple[FileIO, int]]:
    """A regular file and the number of bytes that it has now. Who reads no more than these comes to an end: files of the kernel
    that have none say that they are empty.

    Raises:
        UnreadableFile: no regular file. OSError: it cannot be opened.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0) as stream:
        info = os.fstat(stream.fileno())
        if not stat.S_ISREG(info.st_mode):
            raise UnreadableFile("not-a-file", "not a regular file")
        yield stream, info.st_size


CHUNK = 2**20


def sha256(path: Path) -> bytes:
    """The 32-byte SHA-256 of the file's content, of as many bytes as the file has when it is opened.

    Raises:
        UnreadableFile: no regular file. OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with opened(path) as (stream, left):
        while chunk := stream.read(min(CHUNK, left)):
            digest.update(chunk)
            left -= len(chunk)
    return digest.digest()
