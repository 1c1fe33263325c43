"""JPEG-LS streams with nothing in them that their samples do not need (ITU-T T.87 annexes C and D).

Entropy-coded bytes are not followed here: CharLS decodes what is left, and takes a scan for damaged when bytes, or bits other
than 0, come after its last sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deidkit.jpeg.huffman import Unsuitable
from deidkit.jpeg.segments import (
    COM,
    EOI,
    SOI,
    SOS,
    Segment,
    is_padding,
    is_signature,
    made_segment,
    plain_identifiers,
    segments,
)

SOF55, LSE, DRI, APP8 = 0xF7, 0xF8, 0xDD, 0xE8
PRESET, PRESET_BYTES = 1, 11
MAPPINGS = (2, 3)
TRANSFORMS = tuple(b"mrfx" + bytes([kind]) for kind in range(6))
"""Colour transforms of Hewlett-Packard's codec, which decoders undo."""

_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


def bare_jpegls(data: bytes) -> bytes:
    """The stream without what its samples do not need; the same object when there is nothing of that kind.

    Raises:
        Unsuitable: it cannot be shown that every byte is needed: mapping tables, sizes of more than 16 bits, or bytes that
            CharLS does not take.
        UnreadableFile: not a JPEG-LS stream, or cut short.
    """
    found = segments(data)
    markers = [segment.marker for segment in found]
    if markers[0] != SOI or markers.count(SOI) + markers.count(EOI) != 2 or markers.count(SOF55) != 1 or SOS not in markers:
        raise Unsuitable("not one JPEG-LS frame")
    names = _names(data, found[markers.index(SOF55)])
    scans = [place for place, segment in enumerate(found) if segment.marker == SOS]
    restarted = [place for place in scans if _RESTART.search(data, found[place].payload, found[place].end)]
    presets = [place for place, segment in enumerate(found) if segment.marker == LSE and _is_preset(data, segment)]
    intervals = [place for place, segment in enumerate(found) if segment.marker == DRI]
    kept = _in_force(presets, scans) | _in_force(intervals, restarted)
    bare = b"".join(_piece(data, segment, names, place in kept) for place, segment in enumerate(found))
    _prove(bare)
    return data if data.startswith(bare) and is_padding(data[len(bare) :]) else bare


def _names(data: bytes, frame: Segment) -> dict[int, int]:
    """The identifier of each component and what is written in its place."""
    payload = data[frame.payload : frame.end]
    if len(payload) < 6 or len(payload) < 6 + 3 * payload[5]:
        raise Unsuitable("a frame header that makes no sense")
    old = tuple(payload[6 : 6 + 3 * payload[5] : 3])
    return dict(zip(old, plain_identifiers(old), strict=True))


def _is_preset(data: bytes, segment: Segment) -> bool:
    """Whether an LSE segment holds parameters of the coding; mapping tables are not used by any scan that is let through."""
    kind, length = data[segment.payload], segment.end - segment.payload
    if kind not in (PRESET, *MAPPINGS) or (kind == PRESET and length < PRESET_BYTES):
        raise Unsuitable("parameters that are not known")
    return kind == PRESET


def _in_force(places: Sequence[int], scans: Sequence[int]) -> set[int]:
    """For each of ``scans`` the last one of ``places`` before it."""
    return {max(before) for scan in scans if (before := [place for place in places if place < scan])}


def _piece(data: bytes, segment: Segment, names: dict[int, int], kept: bool) -> bytes:
    """What is left of one segment."""
    payload = data[segment.payload : segment.end]
    if segment.marker in (SOI, EOI):
        return bytes([0xFF, segment.marker])
    if segment.marker == SOF55:
        components = b"".join(bytes([names[name], 0x11, 0]) for name in names)
        return made_segment(SOF55, payload[:6] + components)
    if segment.marker == SOS:
        return _scan(data, segment, names)
    if segment.marker == LSE and kept:
        return made_segment(LSE, payload[:PRESET_BYTES])
    if segment.marker == DRI and kept:
        return made_segment(DRI, payload[:4])
    if (segment.marker == APP8 and payload in TRANSFORMS) or (segment.marker == COM and is_signature(payload)):
        return data[segment.start : segment.end]
    return b""


def _scan(data: bytes, segment: Segment, names: dict[int, int]) -> bytes:
    start = segment.start + 2 + int.from_bytes(data[segment.start + 2 : segment.start + 4], "big")
    fields = data[segment.payload : start]
    count = fields[0] if fields else 0
    selected = fields[1 : 1 + 2 * count]
    if len(fields) < 4 + 2 * count or not count or not set(selected[::2]) <= set(names) or any(selected[1::2]):
        raise Unsuitable("a scan header that makes no sense, or one with a mapping table")
    components = b"".join(bytes([names[name], 0]) for name in selected[::2])
    header = made_segment(SOS, fields[:1] + components + fields[1 + 2 * count : 4 + 2 * count])
    return header + data[start : segment.end].rstrip(b"\xff")


def _prove(bare: bytes) -> None:
    """Decodes the stream; see the top of the module for what that proves."""
    import jpeg_ls

    try:
        jpeg_ls.decode_buffer(bare)
    except Exception:
        raise Unsuitable("bytes that no sample needs, or a damaged scan") from None
