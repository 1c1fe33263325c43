"""Deflated streams inside bytes: gzip members (RFC 1952) and zlib streams (RFC 1950), as GE's protocol data block holds one.

A gzip header tells a time and a file name, which are those of the examination.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

BEGINNING = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]|\x78[\x01\x5e\x9c\xda]", re.DOTALL)
GZIP = b"\x1f\x8b"
MOST = 1 << 24
"""Inflated bytes of a stream beyond which nobody looks into it."""
DEEPEST = 3
"""How many times deflated streams are looked for within each other."""
LENGTH = struct.Struct("<I")


class Stream(NamedTuple):
    """Where a stream stands; ``content`` None where it holds more than may be looked at."""

    start: int
    end: int
    gzip: bool
    content: bytes | None


def streams(value: bytes) -> Iterator[Stream]:
    """Every stream in ``value`` that is whole: its checksum is right, so that no other bytes are taken for one."""
    done, view = 0, memoryview(value)
    for match in BEGINNING.finditer(value):
        if match.start() < done:
            continue
        stream = _stream(view[match.start() :], match.start(), match.group().startswith(GZIP))
        if stream is not None:
            done = stream.end
            yield stream


def _stream(view: memoryview, start: int, zipped: bool) -> Stream | None:
    engine = zlib.decompressobj(zlib.MAX_WBITS | (16 if zipped else 0))
    try:
        content = engine.decompress(view, MOST)
    except zlib.error:
        return None
    if engine.eof:
        return Stream(start, start + len(view) - len(engine.unused_data), zipped, content)
    return Stream(start, start + len(view), zipped, None) if len(content) == MOST else None


def contents(value: bytes, depth: int = DEEPEST) -> Iterator[bytes | None]:
    """What is deflated in ``value``, and in that again; None where it is too much or deflated more than ``depth`` times."""
    for stream in streams(value):
        yield stream.content if depth else None
        if stream.content and depth:
            yield from contents(stream.content, depth - 1)


def repacked(value: bytes, clean: Callable[[bytes], bytes]) -> bytes:
    """``value`` with the content of its streams cleaned and without what gzip headers tell.

    A length of 32 bits, little endian, right before a stream is set anew. A stream that nobody can look into becomes empty.
    """
    made, done = bytearray(), 0
    for stream in streams(value):
        made += value[done : stream.start]
        packed = value[stream.start : stream.end]
        content = b"" if stream.content is None else clean(stream.content)
        if stream.gzip:
            packed = gzip.compress(content, mtime=0)
        elif content != stream.content:
            packed = zlib.compress(content)
        if stream.start - done >= LENGTH.size and made[-LENGTH.size :] == LENGTH.pack(stream.end - stream.start):
            made[-LENGTH.size :] = LENGTH.pack(len(packed))
        made += packed
        done = stream.end
    return bytes(made + value[done:])
