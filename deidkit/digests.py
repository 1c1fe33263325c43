"""SHA-256 of a file, read in pieces."""

from __future__ import annotations

import hashlib
from pathlib import Path

from deidkit.files import opened

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
