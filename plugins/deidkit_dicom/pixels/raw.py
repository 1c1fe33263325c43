"""Encapsulated frames that no codec encodes: native bytes as they are (PS3.5 A.4.11) or deflated one by one (A.4.13)."""

from __future__ import annotations

import zlib

from deidkit.errors import UnreadableFile
from deidkit.image import Array
from deidkit_dicom.pixel_module import PixelModule
from deidkit_dicom.pixels.sample_layout import frame_bytes, unpack

PADDING = 1
"""So many bytes a frame of an odd length may have got before it was deflated."""


def decode_raw(data: bytes, module: PixelModule, family: str) -> Array:
    """Stored samples ``(rows, columns[, samples])`` of one frame.

    Raises:
        UnreadableFile: damaged, or of another length than the header implies.
    """
    return unpack(_bytes_of(data, module, family), module)


def is_whole(data: bytes, module: PixelModule, family: str) -> bool:
    """Whether these bytes are one frame and nothing more but padding."""
    try:
        _bytes_of(data, module, family)
    except UnreadableFile:
        return False
    return True


def _bytes_of(data: bytes, module: PixelModule, family: str) -> bytes:
    """The native bytes of a frame, which only padding may follow: one byte, repeated."""
    size = frame_bytes(module)
    made, rest = (data[:size], data[size:]) if family == "uncompressed" else _inflated(data, size)
    if len(made) < size:
        raise UnreadableFile("pixels-truncated", "a frame is shorter than its samples")
    if rest.strip(rest[:1]):
        raise UnreadableFile("pixels-excess", "a frame is longer than its samples, and what follows them is not padding")
    return made


def _inflated(data: bytes, size: int) -> tuple[bytes, bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        made = engine.decompress(data, size + PADDING + 1)
    except zlib.error:
        raise UnreadableFile("deflate-damaged", "a deflated frame cannot be inflated") from None
    if len(made) > size + PADDING:
        raise UnreadableFile("pixels-excess", "a deflated frame holds more than its samples")
    if not engine.eof:
        raise UnreadableFile("deflate-truncated", "a deflated frame is cut short")
    return made[:size], engine.unused_data
