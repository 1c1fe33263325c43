"""Encapsulated pixel data (PS3.5 A.4): its fragments, and which of them make up which frame.

Basic and extended offset tables are believed only where they agree with the fragments, because many files carry wrong ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from struct import unpack

from deidkit.errors import UnreadableFile
from deidkit_dicom.source import Source

ITEM, SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
STARTS = {"jpeg": (b"\xff\xd8",), "jpegls": (b"\xff\xd8",), "j2k": (b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0c\x6a\x50")}


@dataclass(frozen=True, slots=True)
class Fragments:
    """``spans`` are (offset, length) of every fragment, ``table`` is the basic offset table.

    ``first`` is the position of the first fragment's item, ``end`` the position after all; ``closed`` says that a sequence
    delimiter was there.
    """

    table: bytes = field(repr=False)
    spans: tuple[tuple[int, int], ...] = field(repr=False)
    end: int
    first: int
    closed: bool


def list_fragments(source: Source, offset: int) -> Fragments:
    """Reads the item headers of the encapsulated value at ``offset``.

    Raises:
        UnreadableFile: something else than items, or cut short.
    """
    spans: list[tuple[int, int]] = []
    table: bytes | None = None
    first = position = offset
    while True:
        if position == source.size and table is not None and spans:
            return Fragments(table, tuple(spans), position, first, closed=False)
        if position + 8 > source.size:
            raise UnreadableFile("pixels-truncated", "the file ends inside its encapsulated pixel data")
        header = source.read(position, 8)
        length = unpack("<L", header[4:])[0]
        position += 8
        if header[:4] == SEQUENCE_END:
            break
        if header[:4] != ITEM:
            raise UnreadableFile("fragments-malformed", "the encapsulated pixel data holds bytes outside its fragments")
        if position + length > source.size:
            raise UnreadableFile("pixels-truncated", "the file ends inside its encapsulated pixel data")
        if table is None:
            table = source.read(position, length)
            first = position + length
        else:
            spans.append((position, length))
        position += length
    return Fragments(table or b"", tuple(spans), position, first, closed=True)


Spans = tuple[tuple[int, int], ...]


def group(fragments: Fragments, frames: int, family: str, source: Source, extended: bytes = b"") -> tuple[Spans, ...]:
    """The fragments of each frame; what belongs to no frame is left out.

    Raises:
        UnreadableFile: fewer fragments than frames, or no way to tell the frames apart.
    """
    spans = fragments.spans
    if len(spans) < frames:
        raise UnreadableFile("pixels-truncated", "there are fewer fragments than frames")
    starts = [index for index, span in enumerate(spans) if _begins_frame(source, span, family)]
    if len(spans) == frames or (len(starts) == len(spans) and family in STARTS):
        return tuple((span,) for span in spans[:frames])
    if family == "rle":
        return tuple((span,) for span in spans[:frames])
    for table in (_longs(extended, 8), _longs(fragments.table, 4)):
        found = _by_table(fragments, table, frames)
        if found and all(index in starts for index in found):
            return _cut(spans, found)
    if frames == 1 and starts[:1] == [0]:
        return _cut(spans, [0]) if len(starts) == 1 else (spans[: starts[1]],)
    if len(starts) >= frames and starts[0] == 0:
        return _cut(spans[: starts[frames]] if len(starts) > frames else spans, starts[:frames])
    raise UnreadableFile("frames-unclear", "the fragments cannot be assigned to frames")


def _begins_frame(source: Source, span: tuple[int, int], family: str) -> bool:
    if family not in STARTS:
        return True
    return source.read(span[0], min(6, span[1])).startswith(STARTS[family])


def _longs(table: bytes, width: int) -> list[int]:
    if len(table) % width:
        return []
    return list(unpack(f"<{len(table) // width}{'LQ'[width == 8]}", table))


def _by_table(fragments: Fragments, table: list[int], frames: int) -> list[int]:
    """Indices of the first fragment of each frame, or nothing when the table does not fit."""
    where = {offset - 8 - fragments.first: index for index, (offset, _) in enumerate(fragments.spans)}
    found = [where.get(offset, -1) for offset in table]
    fits = len(found) == frames and found[:1] == [0] and all(a < b for a, b in pairwise(found))
    return found if fits else []


def _cut(spans: Spans, starts: list[int]) -> tuple[Spans, ...]:
    return tuple(spans[a:b] for a, b in zip(starts, [*starts[1:], len(spans)], strict=True))
