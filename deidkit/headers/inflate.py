"""Raw deflate streams (RFC 1951) inflated into a temporary file, so that memory does not depend on what they hold."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

from deidkit.errors import OverBudget, UnreadableFile

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Inflated:
    """``stream`` is an unnamed temporary file of ``size`` bytes with the CRC-32 ``crc``; ``fed`` bytes were deflated ones."""

    stream: BinaryIO = field(repr=False)
    size: int
    crc: int
    fed: int


def inflate(pieces: Iterable[bytes], limit: int, head: bytes = b"") -> Inflated:
    """Inflates ``pieces`` behind ``head``, which is copied as it is and counts neither for ``size`` nor for ``crc``.

    Raises:
        OverBudget: they hold more than ``limit`` bytes; nothing beyond that is inflated.
        UnreadableFile: damaged or cut short.
    """
    stream: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        stream.write(head)
        size, crc, fed = _pump(pieces, limit, stream)
        stream.flush()
    except BaseException:
        stream.close()
        raise
    return Inflated(stream, size, crc, fed)


def _pump(pieces: Iterable[bytes], limit: int, stream: BinaryIO) -> tuple[int, int, int]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    size = crc = fed = 0
    for piece in pieces:
        fed += len(piece)
        data = piece
        while data and not engine.eof:
            try:
                made = engine.decompress(data, CHUNK)
            except zlib.error:
                raise UnreadableFile("deflate-damaged", "the deflated dataset cannot be inflated") from None
            size += len(made)
            if size > limit:
                raise OverBudget("deflate-bomb", f"the deflated dataset holds more than {limit} bytes")
            crc = zlib.crc32(made, crc)
            stream.write(made)
            data = engine.unconsumed_tail
        if engine.eof:
            return size, crc, fed - len(engine.unused_data)
    raise UnreadableFile("deflate-truncated", "the deflated dataset is cut short")
