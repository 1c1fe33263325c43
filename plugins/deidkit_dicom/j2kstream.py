"""JPEG 2000 codestreams taken apart without decoding them (ITU-T T.800 annex A): sizes, wavelet, and comments."""

from __future__ import annotations

from deidkit.errors import UnreadableFile
from deidkit.jpegstream import HARMLESS, Info

SOC_SIZ = b"\xff\x4f\xff\x51"
SOT, SOD, EOC, COM, TLM = b"\xff\x90", b"\xff\x93", b"\xff\xd9", b"\xff\x64", b"\xff\x55"
MOST_WRAPPER = 1 << 20
"""Bytes that boxes of a JP2 wrapper may take before the codestream."""


def start_of(data: bytes) -> int:
    """Where the codestream begins, behind the boxes of a JP2 wrapper if there are any.

    Raises:
        UnreadableFile: nowhere.
    """
    if data.startswith(SOC_SIZ):
        return 0
    start = data.find(SOC_SIZ, 0, MOST_WRAPPER) if data[4:8] == b"jP  " else -1
    if start < 0:
        raise UnreadableFile("codestream-malformed", "a compressed frame does not begin as its transfer syntax says")
    return start


def j2k_info(data: bytes) -> Info:
    """Sizes from the SIZ segment (A.5.1).

    Raises:
        UnreadableFile: there is none.
    """
    start = start_of(data)
    if len(data) < start + 45:
        raise UnreadableFile("codestream-truncated", "a compressed frame is cut short")
    width, height, left, top = (int.from_bytes(data[start + 8 + 4 * i : start + 12 + 4 * i], "big") for i in range(4))
    components = int.from_bytes(data[start + 40 : start + 42], "big")
    precision = (data[start + 42] & 0x7F) + 1
    return Info(height - top, width - left, components, precision, 0x51)


def is_reversible(data: bytes) -> bool:
    """Whether the COD segment names the reversible 5-3 wavelet (A.6.1)."""
    position = data.find(b"\xff\x52", start_of(data))
    return position >= 0 and len(data) > position + 13 and data[position + 13] == 1


def component_transform(data: bytes) -> bool:
    """Whether the COD segment asks for the multiple component transform (A.6.1)."""
    position = data.find(b"\xff\x52", start_of(data))
    return position >= 0 and len(data) > position + 8 and data[position + 8] == 1


def strip_j2k(data: bytes) -> bytes:
    """The codestream alone: without wrapper, without comments in main and tile-part headers, ending with its end marker.

    A codestream with nothing to drop comes back as the same object. Packets are not touched.
    """
    start = start_of(data)
    position, pieces, changed = start + 2, [data[start : start + 2]], start > 0
    header, position = _segments(data, position, SOT)
    kept = [piece for piece in header if not _comment(piece)]
    changed |= len(kept) != len(header)
    tiles: list[bytes] = []
    shortened = False
    while data[position : position + 2] == SOT:
        tile, position, cut = _tile_part(data, position)
        tiles.append(tile)
        shortened |= cut
    if shortened:
        kept = [piece for piece in kept if piece[:2] != TLM]
    tail = data[position:]
    ends = tail[:2] == EOC
    if not (changed or shortened) and (not ends or not tail[2:].strip(b"\0\xff")):
        return data
    return b"".join([*pieces, *kept, *tiles, EOC])


def _segments(data: bytes, position: int, until: bytes) -> tuple[list[bytes], int]:
    """Marker segments up to the marker ``until``, and where that is."""
    found: list[bytes] = []
    while data[position : position + 2] != until:
        if position + 4 > len(data) or data[position] != 0xFF:
            raise UnreadableFile("codestream-malformed", "a JPEG 2000 header is not made of marker segments")
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        found.append(data[position:end])
        position = end
    return found, position


def _comment(segment: bytes) -> bool:
    return segment[:2] == COM and not HARMLESS.fullmatch(segment[6:])


def _tile_part(data: bytes, position: int) -> tuple[bytes, int, bool]:
    """One tile-part without comments, the position after it, and whether there were any."""
    length = int.from_bytes(data[position + 6 : position + 10], "big")
    end = position + length if length else data.rfind(EOC)
    if length and not 14 <= length <= len(data) - position:
        end = max(data.rfind(EOC), position + 14)
    header, body = _segments(data, position + 12, SOD)
    kept = [piece for piece in header if not _comment(piece)]
    if len(kept) == len(header):
        return data[position:end], end, False
    whole = b"".join(kept) + data[body:end]
    size = (len(whole) + 12 if length else 0).to_bytes(4, "big")
    return data[position : position + 6] + size + data[position + 10 : position + 12] + whole, end, True
