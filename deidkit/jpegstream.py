"""JPEG and JPEG-LS streams taken apart without decoding them: sizes, colour, and segments that can hold text (ITU-T T.81 B)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deidkit.errors import UnreadableFile

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
SOF = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset((0x01, *range(0xD0, 0xDA)))
HARMLESS = re.compile(
    rb"(LEAD Technologies Inc\. V1\.\d+|Lavc[\d.]+|Kakadu-v?[\d.]+|MITRA_DICOM_STANDARD"
    rb"|Created by (GDCM/)?OpenJPEG version [\d.]+|Creator: JasPer Version [\d.]+"
    rb"|CREATOR: gd-jpeg v[\d.]+ \(using IJG JPEG v\d+\)(, (default )?quality( = \d+)?)?\n?)\0*"
)
"""Comments that codecs sign their work with; everything else in a comment may be a name."""


@dataclass(frozen=True, slots=True)
class Info:
    """``colour`` is RGB or YBR_FULL where the codestream itself settles it, else empty."""

    rows: int
    columns: int
    components: int
    precision: int
    process: int
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker segment: ``start`` at its 0xFF, ``end`` after its last byte (after the entropy-coded data for a scan)."""

    marker: int
    start: int
    payload: int
    end: int


def segments(data: bytes) -> list[Segment]:
    """All marker segments of a JPEG or JPEG-LS stream up to and including EOI.

    Raises:
        UnreadableFile: not a JPEG stream, or cut short.
    """
    found: list[Segment] = []
    position = 0
    while True:
        position = _next_marker(data, position)
        marker = data[position + 1]
        if marker in BARE:
            found.append(Segment(marker, position, position + 2, position + 2))
            position += 2
            if marker == EOI:
                return found
            continue
        if position + 4 > len(data):
            raise UnreadableFile("codestream-truncated", "a JPEG stream is cut short")
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == SOS:
            end = _after_scan(data, end, found)
        if end > len(data):
            raise UnreadableFile("codestream-truncated", "a JPEG stream is cut short")
        found.append(Segment(marker, position, position + 4, end))
        position = end


def _next_marker(data: bytes, position: int) -> int:
    if position + 2 > len(data):
        raise UnreadableFile("codestream-truncated", "a JPEG stream has no end marker")
    if data[position] != 0xFF:
        raise UnreadableFile("codestream-malformed", "a JPEG stream is not made of marker segments")
    while data[position + 1 : position + 2] == b"\xff":
        position += 1
    if position + 2 > len(data):
        raise UnreadableFile("codestream-truncated", "a JPEG stream has no end marker")
    return position


_SCAN_END = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SCAN_END_LS = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")


def _after_scan(data: bytes, position: int, before: list[Segment]) -> int:
    """Where the marker after the entropy-coded data begins; a stuffed byte (JPEG-LS: a bit) follows every 0xFF inside it."""
    pattern = _SCAN_END_LS if any(segment.marker == 0xF7 for segment in before) else _SCAN_END
    match = pattern.search(data, position)
    return match.start() if match else len(data)


def jpeg_info(data: bytes) -> Info:
    """The frame header of a JPEG or JPEG-LS stream (ITU-T T.81 B.2.2).

    Raises:
        UnreadableFile: there is none.
    """
    colour, position = "", 2
    if data[:2] != b"\xff\xd8":
        raise UnreadableFile("codestream-malformed", "a JPEG stream does not begin as its transfer syntax says")
    while position + 10 <= len(data):
        position = _next_marker(data, position)
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
        payload = data[position + 4 : position + 2 + length]
        if marker == 0xE0 and payload[:4] == b"JFIF":
            colour = colour or "YBR_FULL"
        elif marker == 0xEE and payload[:5] == b"Adobe" and len(payload) >= 12:
            colour = "YBR_FULL" if payload[11] == 1 else "RGB"
        elif marker in SOF:
            if len(payload) < 6:
                break
            identifiers = payload[6 : 6 + 3 * payload[5] : 3]
            rgb = identifiers in (b"RGB", b"rgb")
            rows, columns = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
            return Info(rows, columns, payload[5], payload[0], marker, "RGB" if rgb else colour)
        position += 2 + length
    raise UnreadableFile("codestream-malformed", "a JPEG stream has no frame header")


def strip_jpeg(data: bytes, *, colour: bool = True, signatures: bool = True) -> bytes:
    """The same stream without comments, application data and bytes after its end; decoded samples stay the same.

    ``colour`` False also drops the markers that tell the colour space, ``signatures`` False the known comments of encoders.
    A stream with nothing to drop comes back as it is.

    Raises:
        UnreadableFile: not a JPEG stream, or cut short.
    """
    found = segments(data)
    keep = [s for s in found if not _droppable(data, s, colour, signatures)]
    tail = data[found[-1].end :]
    if len(keep) == len(found) and (len(tail) <= 2 or not tail.strip(b"\0\xff")):
        return data
    return b"".join(data[s.start : s.end] for s in keep)


def _droppable(data: bytes, segment: Segment, colour: bool, signatures: bool) -> bool:
    payload = data[segment.payload : segment.end]
    if segment.marker == 0xFE:
        return not (signatures and HARMLESS.fullmatch(payload))
    if not 0xE0 <= segment.marker <= 0xEF:
        return False
    if segment.marker == 0xE8 and payload[:4] in (b"mrfx", b"SPIF"):
        return len(payload) > 40
    plain = (segment.marker, payload[:5], len(payload)) in (
        (0xE0, b"JFIF\0", 14),
        (0xE0, b"LJIF\0", 13),
        (0xEE, b"Adobe", 12),
    )
    return not (plain and colour)
