"""Looks into the codestreams of compressed frames without decoding them: sizes, colour, and segments that can hold text."""

from __future__ import annotations

from itertools import pairwise
from struct import unpack_from

from deidkit.errors import UnreadableFile
from deidkit.jpegstream import Info, jpeg_info, strip_jpeg
from deidkit_dicom.j2kstream import j2k_info, strip_j2k
from deidkit_dicom.module import PixelModule
from deidkit_dicom.rlestream import strip_rle


def check_codestream(data: bytes, module: PixelModule, family: str) -> Info | None:
    """The codestream's own header, after comparing it with the DICOM one. None for RLE, which has none.

    Raises:
        UnreadableFile: they contradict each other, so that decoding could need more memory than was allowed.
    """
    if family == "rle":
        _check_rle(data, module)
        return None
    info = j2k_info(data) if family == "j2k" else jpeg_info(data)
    if (info.rows, info.columns) != module.shape or info.components != module.samples:
        raise UnreadableFile("codestream-mismatch", "a compressed frame has another size than the header says")
    if info.precision > module.allocated:
        raise UnreadableFile("codestream-mismatch", "a compressed frame has more bits than the header says")
    return info


def _check_rle(data: bytes, module: PixelModule) -> None:
    """The header of an RLE frame (PS3.5 annex G.5): one segment for each byte of a sample, in order, inside the frame."""
    count, *offsets = unpack_from("<16L", data.ljust(64, b"\0"))
    used = offsets[: module.samples * module.allocated // 8]
    if count != len(used) or used[:1] != [64] or any(a >= b for a, b in pairwise([*used, len(data)])):
        raise UnreadableFile("codestream-mismatch", "an RLE frame has another layout than the header says")


def colour_of(photometric: str, info: Info | None, family: str) -> str:
    """Photometric interpretation of the samples that the decoder gives."""
    if photometric in ("YBR_ICT", "YBR_RCT"):
        return "RGB"
    if info is not None and info.components == 3 and family in ("jpeg", "jpegls"):
        return info.colour or ("RGB" if photometric == "RGB" else "YBR_FULL")
    return "YBR_FULL" if photometric == "YBR_FULL_422" else photometric


def strip_markers(data: bytes, module: PixelModule, family: str) -> bytes:
    """The same frame without comments, application data and bytes after its end; decoded samples stay the same.

    Frames with nothing to drop come back as the same object.
    """
    if family in ("jpeg", "jpegls"):
        return strip_jpeg(data)
    return strip_j2k(data) if family == "j2k" else strip_rle(data, module.rows * module.columns)
