"""Looks into the codestreams of compressed frames without decoding them: sizes, colour, and bytes that no sample needs."""

from __future__ import annotations

import re
from itertools import pairwise
from struct import unpack_from

from deidkit.errors import UnreadableFile
from deidkit.jpeg.bare import bare_jpeg
from deidkit.jpeg.huffman import Unsuitable
from deidkit.jpeg.segments import Info, jpeg_info
from deidkit_dicom.codestream.j2k import bare_j2k, j2k_info
from deidkit_dicom.codestream.jpeg_ls import bare_jpegls
from deidkit_dicom.codestream.jpeg_xl import CODESTREAM, CONTAINER, jxl_size
from deidkit_dicom.codestream.rle import strip_rle
from deidkit_dicom.part10.syntaxes import RAW
from deidkit_dicom.pixel_module import ONE_SAMPLE, PixelModule

JPEG_START, J2K_STARTS = b"\xff\xd8\xff", (b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0c\x6a\x50")
_STARTS: dict[str, bytes | tuple[bytes, ...]] = {
    "jpeg": JPEG_START,
    "jpegls": JPEG_START,
    "j2k": J2K_STARTS,
    "jxl": (CODESTREAM, CONTAINER),
}
HEAD, RLE_START = 64, 8
"""So many bytes tell whether a frame begins with them; those of an RLE frame that others of its object begin with too."""
_FOLLOWING = {
    "jpeg": re.compile(rb"\xff\xd9[\x00\xff]*\xff\xd8\xff"),
    "j2k": re.compile(rb"\xff\xd9[\x00\xff]*(?:\xff\x4f\xff\x51|\x0cjP  )"),
}
_FOLLOWING["jpegls"] = _FOLLOWING["jpeg"]


def begins_frame(head: bytes, module: PixelModule, family: str) -> bool:
    """Whether a codestream begins with these bytes."""
    if family == "rle":
        return len(head) == HEAD and _is_rle_header(head, module)
    return head.startswith(_STARTS[family])


def check_codestream(data: bytes, module: PixelModule, family: str) -> Info | None:
    """The codestream's own header, after comparing it with the DICOM one. None for RLE, which has none.

    Raises:
        UnreadableFile: they contradict each other, so that decoding could need more memory than was allowed.
    """
    if family == "rle":
        _check_rle(data, module)
        return None
    if family in RAW:
        return None
    if family == "jxl":
        if jxl_size(data) != module.shape:
            raise UnreadableFile("codestream-mismatch", "a compressed frame has another size than the header says")
        return None
    info = j2k_info(data) if family == "j2k" else jpeg_info(data)
    if (info.rows, info.columns) != module.shape or info.components != module.samples:
        raise UnreadableFile("codestream-mismatch", "a compressed frame has another size than the header says")
    if info.precision > module.allocated:
        raise UnreadableFile("codestream-mismatch", "a compressed frame has more bits than the header says")
    return info


def _check_rle(data: bytes, module: PixelModule) -> None:
    if not _is_rle_header(data.ljust(HEAD, b"\0"), module, len(data)):
        raise UnreadableFile("codestream-mismatch", "an RLE frame has another layout than the header says")


def _is_rle_header(data: bytes, module: PixelModule, end: int = 1 << 32) -> bool:
    """Whether an RLE frame has this header (PS3.5 G.5): one segment for each byte of a sample, in order, before ``end``.

    Single bits are bytes of 0 and 1.
    """
    count, *offsets = unpack_from("<16L", data)
    used = offsets[: module.samples * max(1, module.allocated // 8)]
    return count == len(used) and used[0] == HEAD and all(a < b for a, b in pairwise([*used, end]))


def check_single(data: bytes, module: PixelModule, family: str) -> None:
    """Returns when the bytes of one frame hold one codestream.

    Raises:
        UnreadableFile: another one follows it, which no decoder would look at.
    """
    if family == "rle":
        last = data.rfind(data[:RLE_START], HEAD)
        further = last > 0 and last >= len(strip_rle(data, module.rows * module.columns)) - 1
    else:
        further = family in _FOLLOWING and bool(_FOLLOWING[family].search(data))
    if further:
        raise UnreadableFile("frames-uncounted", "a fragment holds further frames behind its first one")


def colour_of(photometric: str, info: Info | None, family: str) -> str:
    """Photometric interpretation of the samples that the decoder gives."""
    if info is not None and info.components == 3 and family == "jpeg":
        return info.colour or ("RGB" if photometric == "RGB" else "YBR_FULL")
    if photometric in ("YBR_ICT", "YBR_RCT") or (family == "jxl" and photometric not in ONE_SAMPLE):
        return "RGB"
    if info is not None and info.components == 3 and family == "jpegls":
        return info.colour or ("RGB" if photometric == "RGB" else "YBR_FULL")
    return "YBR_FULL" if photometric == "YBR_FULL_422" else photometric


def bare(data: bytes, module: PixelModule, family: str) -> bytes:
    """The same frame without any byte that its samples do not need; they stay the same.

    Frames with nothing to drop come back as the same object.

    Raises:
        Unsuitable: it cannot be shown that every byte is needed.
        UnreadableFile: no such frame, or cut short.
    """
    if family == "jpeg":
        return bare_jpeg(data)
    if family == "jpegls":
        return bare_jpegls(data)
    if family == "j2k":
        return bare_j2k(data)
    if family == "rle":
        return strip_rle(data, module.rows * module.columns)
    raise Unsuitable("frames that are not followed")
