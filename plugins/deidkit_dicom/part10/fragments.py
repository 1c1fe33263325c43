"""Encapsulated pixel data (PS3.5 A.4): its fragments, and which of them make up which frame.

What a fragment holds says best whether a frame begins with it. Basic and extended offset tables are believed only where they
agree with the fragments, because many files carry wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from struct import unpack

from deidkit.errors import UnreadableFile
from deidkit_dicom.part10.source import Source

ITEM, SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"


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


@dataclass(frozen=True, slots=True)
class Grouped:
    """``frames`` are the fragments of each frame, ``tables`` the numbers of frames that offset tables which fit tell."""

    frames: tuple[Spans, ...]
    tables: frozenset[int] = frozenset()


def group(fragments: Fragments, frames: int, begins: Callable[[tuple[int, int]], bool], extended: bytes = b"") -> Grouped:
    """The fragments of each frame: all that are not empty, and as many frames as there are, whatever the header says.

    Args:
        frames: the number that the header says.
        begins: whether the fragment of this span begins a frame, by what it holds.
        extended: the Extended Offset Table (7FE0,0001), or nothing.

    Raises:
        UnreadableFile: fewer fragments than frames, or no way to tell the frames apart.
    """
    spans = tuple(span for span in _items(fragments, begins) if span[1])
    if len(spans) < frames:
        raise UnreadableFile("pixels-truncated", "there are fewer fragments than frames")
    if len(spans) == frames:
        return Grouped(tuple((span,) for span in spans))
    tables = [_by_table(fragments, spans, table) for table in (_longs(extended, 8), _longs(fragments.table, 4))]
    starts = [index for index, span in enumerate(spans) if begins(span)]
    if starts[:1] == [0]:
        fitting = frozenset(len(table) for table in tables if table and set(table) <= set(starts))
        return _enough(_cut(spans, starts), frames, fitting)
    for table in filter(None, tables):
        return _enough(_cut(spans, table), frames, frozenset({len(table)}))
    if frames == 1:
        return Grouped((spans,))
    raise UnreadableFile("frames-unclear", "no offset table and nothing in the fragments tells which of them make up a frame")


def _items(fragments: Fragments, begins: Callable[[tuple[int, int]], bool]) -> Spans:
    """All fragments; where a writer left the offset table out, its place is taken by the first one."""
    length = len(fragments.table)
    head = (fragments.first - length, length)
    return (head, *fragments.spans) if fragments.table.strip(b"\0") and begins(head) else fragments.spans


def _enough(found: tuple[Spans, ...], frames: int, tables: frozenset[int]) -> Grouped:
    if len(found) < frames:
        raise UnreadableFile("pixels-truncated", "the fragments make up fewer frames than the header says")
    return Grouped(found, tables)


def _longs(table: bytes, width: int) -> list[int]:
    if len(table) % width:
        return []
    return list(unpack(f"<{len(table) // width}{'LQ'[width == 8]}", table))


def _by_table(fragments: Fragments, spans: Spans, table: list[int]) -> list[int]:
    """Indices in ``spans`` of the first fragment of each frame, or nothing when the table does not fit."""
    where = {offset - 8 - fragments.first: index for index, (offset, _) in enumerate(spans)}
    found = [where.get(offset, -1) for offset in table]
    return found if found[:1] == [0] and all(a < b for a, b in pairwise(found)) else []


def _cut(spans: Spans, starts: list[int]) -> tuple[Spans, ...]:
    return tuple(spans[a:b] for a, b in zip(starts, [*starts[1:], len(spans)], strict=True))
