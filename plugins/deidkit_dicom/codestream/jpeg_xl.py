"""JPEG XL frames (ISO/IEC 18181-1 and -2): their size before decoding, and their samples through libjxl."""

from __future__ import annotations

import numpy as np

from deidkit.errors import UnreadableFile
from deidkit.image import Array
from deidkit_dicom.pixel_module import PixelModule

CODESTREAM = b"\xff\x0a"
CONTAINER = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_WIDTHS = (9, 13, 18, 30)


def jxl_size(data: bytes) -> tuple[int, int]:
    """(rows, columns) from the size header of the codestream, inside a container or bare.

    Raises:
        UnreadableFile: there is none.
    """
    head = _codestream(data)
    if not head.startswith(CODESTREAM) or len(head) < 12:
        raise UnreadableFile("codestream-malformed", "a compressed frame does not begin as its transfer syntax says")
    bits = _Bits(int.from_bytes(head[2:12], "little"))
    small = bits.take(1)
    rows = _side(bits, small)
    ratio = bits.take(3)
    if not ratio:
        return rows, _side(bits, small)
    across, down = _RATIOS[ratio]
    return rows, rows * across // down


class _Bits:
    """Bits from the lowest one on."""

    def __init__(self, number: int) -> None:
        self._left = number

    def take(self, count: int) -> int:
        taken = self._left & ((1 << count) - 1)
        self._left >>= count
        return taken


def _side(bits: _Bits, small: int) -> int:
    return 8 * (bits.take(5) + 1) if small else bits.take(_WIDTHS[bits.take(2)]) + 1


def _codestream(data: bytes) -> bytes:
    """The first bytes of the codestream: of the boxes ``jxlc`` and ``jxlp`` the first one, where there are boxes."""
    if not data.startswith(CONTAINER):
        return data[:12]
    position = 0
    while position + 8 <= len(data):
        length, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        start = position + (16 if length == 1 else 8)
        if kind in (b"jxlc", b"jxlp"):
            start += 4 if kind == b"jxlp" else 0
            return data[start : start + 12]
        length = int.from_bytes(data[position + 8 : position + 16], "big") if length == 1 else length
        if length < 8:
            break
        position += length
    return b""


def decode_jxl(data: bytes, module: PixelModule) -> Array:
    """Stored samples ``(rows, columns[, samples])``: those of the codestream, or RGB where that holds XYB or a JPEG.

    Raises:
        UnreadableFile: damaged, or of another layout than the header says.
    """
    import imagecodecs

    try:
        samples = imagecodecs.jpegxl_decode(data, keeporientation=True, numthreads=1)
    except Exception:
        raise UnreadableFile("pixels-undecodable", "a JPEG XL frame cannot be decoded") from None
    shape = module.shape if module.samples == 1 else (*module.shape, module.samples)
    if samples.shape != shape or samples.dtype.kind != "u" or module.signed or int(samples.max()) > module.span[1]:
        raise UnreadableFile("codestream-mismatch", "a JPEG XL frame has another layout than the header says")
    return np.asarray(samples.astype(module.dtype))
