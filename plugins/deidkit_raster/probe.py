"""What a raster file is and how large it would get, read from its structure before anything is decoded."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

from deidkit.errors import UnreadableFile, UnsupportedFile
from deidkit.jpeg.segments import jpeg_info, segments
from deidkit.limits import Limits

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PNG_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PNG_PIXELS = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"))


@dataclass(frozen=True, slots=True)
class Probe:
    """``kind`` is png, jpeg or tiff; ``deep`` says that samples have 16 bits; ``carriers`` as in ``Image.carriers``.

    ``shape`` is (rows, columns) as stored, before any orientation is applied.
    """

    kind: str
    deep: bool
    carriers: tuple[str, ...]
    shape: tuple[int, int] = (0, 0)


def kind_of(head: bytes) -> str:
    """png, jpeg, tiff, or empty."""
    if head.startswith(PNG):
        return "png"
    if head.startswith(JPEG):
        return "jpeg"
    return "tiff" if head[:4] in TIFF else ""


def probe_png(data: bytes, limits: Limits) -> Probe:
    """Walks the chunks (ISO/IEC 15948 section 5) and checks their order, lengths and checksums.

    Raises:
        UnreadableFile, UnsupportedFile, OverBudget.
    """
    position, found, header = len(PNG), set[bytes](), b""
    while b"IEND" not in found:
        if position + 12 > len(data):
            raise UnreadableFile("file-truncated", "the PNG file is cut short")
        length = int.from_bytes(data[position : position + 4], "big")
        name, end = data[position + 4 : position + 8], position + 12 + length
        if end > len(data):
            raise UnreadableFile("file-truncated", "the PNG file is cut short")
        if zlib.crc32(data[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise UnreadableFile("checksum-wrong", "a chunk of the PNG file is damaged")
        if name == b"IHDR" and not header:
            header = data[position + 8 : end - 4]
            _check_png(header, limits)
        found.add(name)
        position = end
    if len(header) != 13 or b"IDAT" not in found:
        raise UnreadableFile("file-malformed", "the PNG file has no image")
    if b"acTL" in found:
        raise UnsupportedFile("animated", "an animated PNG holds frames that are not handled")
    carriers = {"comment"} if found - PNG_PIXELS else set[str]()
    carriers |= {"trailing"} if position < len(data) else set()
    columns, rows = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    return Probe("png", header[8] == 16, tuple(sorted(carriers)), (rows, columns))


def _check_png(header: bytes, limits: Limits) -> None:
    if len(header) != 13 or header[9] not in PNG_SAMPLES:
        raise UnreadableFile("file-malformed", "the PNG header is damaged")
    columns, rows = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    limits.check_frame(rows, columns, PNG_SAMPLES[header[9]], max(header[8], 8))


def probe_jpeg(data: bytes, limits: Limits) -> Probe:
    """Reads the frame header and the list of segments (ITU-T T.81 B).

    Raises:
        UnreadableFile, UnsupportedFile, OverBudget.
    """
    info = jpeg_info(data)
    limits.check_frame(info.rows, info.columns, info.components, 8)
    if info.precision != 8 or info.process not in (0xC0, 0xC1, 0xC2) or info.components not in (1, 3):
        raise UnsupportedFile("jpeg-unsupported", "only baseline and progressive JPEG of 8 bits, grey or colour, is handled")
    found = segments(data)
    carriers = {"comment"} if any(s.marker == 0xFE or 0xE1 <= s.marker <= 0xED or s.marker == 0xEF for s in found) else set()
    carriers |= {"trailing"} if found[-1].end < len(data) else set()
    return Probe("jpeg", deep=False, carriers=tuple(sorted(carriers)), shape=(info.rows, info.columns))


def read_probe(path: Path, limits: Limits) -> tuple[Probe, bytes]:
    """The probe, and the file's bytes for PNG and JPEG; TIFF files stay on disk.

    Raises:
        UnreadableFile, UnsupportedFile, OverBudget.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
        kind = kind_of(head)
        if kind == "tiff":
            return Probe("tiff", deep=False, carriers=("comment",)), b""
        if not kind:
            raise UnreadableFile("not-raster", "neither PNG nor JPEG nor TIFF")
        data = head + stream.read()
    return (probe_png if kind == "png" else probe_jpeg)(data, limits), data
