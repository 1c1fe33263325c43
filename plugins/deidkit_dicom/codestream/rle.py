"""RLE frames taken apart without decoding them (PS3.5 annex G): what they hold beside the bytes of their samples."""

from __future__ import annotations

from itertools import pairwise
from struct import pack, unpack_from

from deidkit.errors import UnreadableFile

HEADER, MOST_SEGMENTS = 64, 15


def strip_rle(data: bytes, size: int) -> bytes:
    """The frame without unused offsets, and with segments that hold the codes of their ``size`` decoded bytes and nothing else.

    A frame with nothing to drop comes back as the same object.

    Raises:
        UnreadableFile: a segment ends before it has given ``size`` bytes, or the header names no segments in order.
    """
    count, *offsets = unpack_from(f"<{1 + MOST_SEGMENTS}L", data.ljust(HEADER, b"\0"))
    if not 0 < count <= MOST_SEGMENTS or any(a >= b for a, b in pairwise([HEADER - 1, *offsets[:count], len(data)])):
        raise UnreadableFile("codestream-malformed", "the header of an RLE frame names no segments in order")
    bounds = [*offsets[:count], len(data)]
    segments = [_segment(data, bounds[i], bounds[i + 1], size) for i in range(count)]
    whole = all(_only_padding(data[bounds[i] + len(segments[i]) : bounds[i + 1]]) for i in range(count))
    if whole and not any(offsets[count:]) and all(data.startswith(s, at) for s, at in zip(segments, bounds, strict=False)):
        return data
    even = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    starts = [HEADER + sum(map(len, even[:i])) for i in range(count)]
    return pack(f"<{1 + MOST_SEGMENTS}L", count, *starts, *[0] * (MOST_SEGMENTS - count)) + b"".join(even)


def _only_padding(rest: bytes) -> bool:
    return not rest.strip(b"\0")


def _segment(data: bytes, start: int, end: int, size: int) -> bytes:
    """The PackBits codes that give ``size`` bytes, without those that give none; a last one that gives more is made shorter."""
    position, made, last, idle = start, 0, start, list[int]()
    while made < size:
        if position >= end:
            raise UnreadableFile("codestream-truncated", "a segment of an RLE frame is too short")
        last, code = position, data[position]
        if code < 128:
            made += code + 1
            position += code + 2
        elif code > 128:
            made += 257 - code
            position += 2
        else:
            idle.append(position)
            position += 1
    if position > end:
        raise UnreadableFile("codestream-truncated", "a segment of an RLE frame is too short")
    over = made - size
    kept = bytearray(b"".join(data[a + 1 : b] for a, b in pairwise([start - 1, *idle, position])))
    last -= start + len(idle)
    if over and kept[last] < 128:
        kept[last] -= over
        del kept[-over:]
    elif over:
        kept[last] = (kept[last] + over) % 256  # 256 would be a run of one byte, which a literal of one byte is too
    return bytes(kept)
