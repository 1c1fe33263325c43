"""JPEG and JPEG-LS streams taken apart without decoding them: sizes, colour, and segments that can hold text (ITU-T T.81 B)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deidkit.errors import UnreadableFile

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
SOF = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}
BARE = frozenset((0x01, *range(0xD0, 0xDA)))
JFIF, ADOBE, COM = 0xE0, 0xEE, 0xFE
_VERSION = rb"\d{1,3}(\.\d{1,3}){0,3}"
_SIGNATURE = re.compile(
    rb"(LEAD Technologies Inc\. V1\.\d{1,2}|Lavc" + _VERSION + rb"|Kakadu-v?" + _VERSION + rb"|MITRA_DICOM_STANDARD"
    rb"|OpenJPH Ver "
    + _VERSION
    + rb"\.?|Created by (GDCM/)?OpenJPEG version "
    + _VERSION
    + rb"|Creator: JasPer Version "
    + _VERSION
    + rb"|CREATOR: gd-jpeg "
    rb"v" + _VERSION + rb" \(using IJG JPEG v\d{2}\)(, (default )?quality( = \d{1,3})?)?\n?)\0{0,2}"
)
_PLAIN_JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"
_PLAIN_LJIF = b"LJIF\0\1\0\0\0\0\0\0\0"
_MOST_DENSITY = 1200
_ADOBE_VERSIONS = (b"\0\x64", b"\0\x65")
_ADOBE_FLAGS = (b"\0\0\0\0", b"\x80\0\0\0", b"\x40\0\0\0", b"\xc0\0\0\0")


_IDENTIFIERS = ((0,), (1,), (0, 1, 2), (1, 2, 3), tuple(b"RGB"), tuple(b"rgb"))


def plain_identifiers(identifiers: tuple[int, ...]) -> tuple[int, ...]:
    """Component identifiers that tell nothing: those in use, or numbers from 1 on, which stand for the same colours."""
    return identifiers if identifiers in _IDENTIFIERS else tuple(range(1, len(identifiers) + 1))


def is_signature(comment: bytes) -> bool:
    """Whether a comment is one that codecs sign their work with; everything else in a comment may be a name."""
    return bool(_SIGNATURE.fullmatch(comment))


def colour_marker(marker: int, payload: bytes, density: bool) -> bytes:
    """What is left of application data: an APP0 or APP14 segment that tells the colour space and nothing else, or no bytes.

    With ``density`` a plausible one may stay in APP0, and so may the empty segment of lossless frames.
    """
    if density and payload == _PLAIN_LJIF:
        return made_segment(marker, payload)
    if marker == JFIF and payload.startswith(b"JFIF\0") and len(payload) >= 12:
        return made_segment(marker, payload if density and _is_plain_jfif(payload) else _PLAIN_JFIF)
    if marker == ADOBE and payload.startswith(b"Adobe") and len(payload) >= 12:
        known = payload[5:7] in _ADOBE_VERSIONS and payload[7:11] in _ADOBE_FLAGS
        return made_segment(marker, (payload[:11] if known else b"Adobe\0\x64\0\0\0\0") + payload[11:12])
    return b""


def _is_plain_jfif(payload: bytes) -> bool:
    """No thumbnail, and a density of square pixels that a scanner or a printer could have."""
    across, down = int.from_bytes(payload[8:10], "big"), int.from_bytes(payload[10:12], "big")
    known = payload[5] == 1 and payload[6] <= 2 and payload[7] <= 2 and payload[12:] == b"\0\0"
    return known and across == down <= _MOST_DENSITY


def is_padding(rest: bytes) -> bool:
    """Whether the bytes behind a codestream fill a fragment to its length and tell nothing."""
    return not rest.strip(b"\0") or rest in (b"\xff", b"\xff\xff")


def made_segment(marker: int, payload: bytes) -> bytes:
    """A marker segment with its length."""
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


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


def strip_jpeg(data: bytes) -> bytes:
    """The same stream without comments, application data and bytes after its end, so that no marker tells the colour space.

    For decoding only; ``jpegbare`` makes streams that leave the house.

    Raises:
        UnreadableFile: not a JPEG stream, or cut short.
    """
    return b"".join(data[s.start : s.end] for s in segments(data) if s.marker != COM and not 0xE0 <= s.marker <= 0xEF)
