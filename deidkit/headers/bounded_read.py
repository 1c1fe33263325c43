"""Skims DICOM headers: a few wanted elements of any file, however hostile, in bounded time and memory.

pydicom makes an object of every element and item, so that a file of 30 MiB can take gigabytes and a minute. Here a data set is
walked once, forward and without recursion; what is not wanted is skipped where it lies. Encodings follow PS3.5 sections 7.1
(elements), 7.5 (sequences), 6.2.2 (UN of undefined length is implicit little endian) and A.5 (deflated data sets).
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO, RawIOBase
from pathlib import Path
from struct import Struct
from typing import Protocol

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from deidkit.files import opened
from deidkit.headers.raw_elements import UNDECLARED, dictionary_vr, text_of
from deidkit.limits import Limits

MOST_KEPT, LONGEST, OBJECT_BYTES, ITEM_OBJECTS = 16 * 2**20, 64 * 2**10, 512, 4
"""Bytes of all wanted elements of one file, of a single one, what one takes beside its value, and how many an item is like."""

BLOCK = 32 * 2**10
PREAMBLE, MAGIC = 128, b"DICM"
BARE = (b"\x08\x00", b"\x02\x00", b"\x00\x08")
"""How a data set without preamble begins: group 8 or 2, group 8 in big endian."""

PADDING = bytes(8)
"""Zeros behind a data set; no element begins like that."""

ITEM, ITEM_END, SEQUENCE_END, UNDEFINED = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0xFFFFFFFF
TRANSFER_SYNTAX, META, PIXELS, DELIMITERS = 0x00020010, 0x0002, 0x7FE0, 0xFFFE
LONG = frozenset(map(str, EXPLICIT_VR_LENGTH_32))

Wanted = Callable[[int, "str | None"], bool]
"""Whether to keep an element, by its tag and its VR, which is None where it is implicit."""

Elements = dict[BaseTag, "DataElement | RawDataElement"]


class _End(Exception):
    """Nothing more can be read: the file is at its end, or a budget is used up."""


class _Broken(Exception):
    """A sequence is not made as it should be."""


class _Source(Protocol):
    def more(self) -> bytes:
        """The next bytes, some of them; none at the end."""

    def jump(self, count: int) -> bytes:
        """Goes ``count`` bytes on; returns what was made of those behind."""


@dataclass(slots=True)
class _Stored:
    stream: RawIOBase | BytesIO
    left: int

    def more(self) -> bytes:
        data = self.stream.read(min(BLOCK, self.left))
        self.left -= len(data)
        return data

    def jump(self, count: int) -> bytes:
        if count > self.left:
            raise _End
        self.stream.seek(count, os.SEEK_CUR)
        self.left -= count
        return b""


@dataclass(slots=True)
class _Deflated:
    """What ``window`` holds inflated, up to any damage, and at most ``left`` bytes of it."""

    window: _Window
    left: int
    engine: zlib._Decompress = field(default_factory=lambda: zlib.decompressobj(-zlib.MAX_WBITS))

    def more(self) -> bytes:
        made = b""
        while not made and not self.engine.eof:
            data = self.engine.unconsumed_tail or self.window.rest()
            try:
                made = self.engine.decompress(data, BLOCK)
            except zlib.error:
                return b""
            if not data and not made:
                break
        self.left -= len(made)
        return made if self.left >= 0 else b""

    def jump(self, count: int) -> bytes:
        while count:
            made = self.more()
            if not made:
                raise _End
            if len(made) > count:
                return made[count:]
            count -= len(made)
        return b""


class _Window:
    """The bytes of a source, forward only. ``position`` counts those that were read or skipped."""

    __slots__ = ("_at", "_buffer", "_source", "position")

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._buffer = b""
        self._at = 0
        self.position = 0

    def peek(self, count: int) -> bytes:
        """The next ``count`` bytes, fewer at the end."""
        while len(self._buffer) - self._at < count:
            more = self._source.more()
            if not more:
                break
            self._buffer, self._at = self._buffer[self._at :] + more, 0
        return self._buffer[self._at : self._at + count]

    def read(self, count: int) -> bytes:
        data = self.peek(count)
        if len(data) != count:
            raise _End
        self._at += count
        self.position += count
        return data

    def skip(self, count: int) -> None:
        self._at += count
        self.position += count
        beyond = self._at - len(self._buffer)
        if beyond > 0:
            self._buffer, self._at = self._source.jump(beyond), 0

    def rest(self) -> bytes:
        """Some of what is left; nothing at the end."""
        return self.read(len(self.peek(BLOCK)))


@dataclass(slots=True)
class _Level:
    """A data set or item (``items`` None), or the sequence ``tag``; ``end`` None where a delimiter ends it."""

    end: int | None
    implicit: bool
    tag: int = 0
    items: list[Dataset] | None = None
    elements: Elements = field(default_factory=dict)


class _Walk:
    """One pass over a data set. ``stops`` ends it at the first element of the top level whose tag it is true of."""

    def __init__(self, window: _Window, little: bool, wanted: Wanted, limits: Limits, stops: Callable[[int], bool]) -> None:
        self._window = window
        self._little = little
        self._wanted = wanted
        self._depth = limits.depth
        self._stops = stops
        order = "<" if little else ">"
        self._short, self._explicit, self._long = Struct(order + "HHL"), Struct(order + "HH2sH"), Struct(order + "L")
        self._steps = limits.elements
        self._kept = MOST_KEPT
        self._stack: list[_Level] = []

    def dataset(self, implicit: bool) -> Dataset:
        """What is wanted of the data set, or of its part before any damage."""
        self._stack = [_Level(None, self._looks_implicit(implicit))]
        try:
            while self._step_or_recover():
                pass
        except _End:
            pass
        self._close_all()
        return self._made(self._stack[0])

    def sequence(self, length: int, implicit: bool) -> bool:
        """Whether exactly ``length`` bytes are the items of a sequence."""
        self._stack = [_Level(None, implicit)]
        try:
            self._push(length, implicit, 0, [])
            while len(self._stack) > 1:
                if not self._step():
                    return False
        except (_Broken, _End):
            return False
        return True

    def _step_or_recover(self) -> bool:
        try:
            return self._step()
        except _Broken:
            return self._recover()

    def _recover(self) -> bool:
        """Goes on behind the damaged sequence of the top level, where its length says where that is."""
        end = self._stack[1].end if len(self._stack) > 1 else None
        self._close_all()
        if end is None or end < self._window.position:
            return False
        self._window.skip(end - self._window.position)
        return True

    def _step(self) -> bool:
        level = self._stack[-1]
        if level.end is not None and self._window.position >= level.end:
            if self._window.position > level.end:
                raise _Broken
            self._close()
            return True
        self._count()
        head = self._window.peek(8)
        if len(head) < 8 or head == PADDING:
            return False
        group, number, length = self._short.unpack(head)
        tag = group << 16 | number
        if len(self._stack) == 1 and self._stops(tag):
            return False
        self._window.skip(8)
        if level.items is not None:
            self._item(level, tag, length)
        elif group == DELIMITERS:
            self._delimiter(level, tag, length)
        else:
            self._element(level, tag, head, length)
        return True

    def _count(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise _End

    def _item(self, level: _Level, tag: int, length: int) -> None:
        if tag == SEQUENCE_END and level.end is None:
            self._close()
        elif tag == ITEM:
            self._push(length, level.implicit or self._looks_implicit(False))
        else:
            raise _Broken

    def _delimiter(self, level: _Level, tag: int, length: int) -> None:
        """The end of an item; items and delimiters that end nothing are left behind by careless editors."""
        if tag == ITEM_END and level.end is None and len(self._stack) > 1:
            self._close()
        elif length != UNDEFINED:
            self._window.skip(length)
        else:
            raise _Broken

    def _element(self, level: _Level, tag: int, head: bytes, length: int) -> None:
        vr = None if level.implicit or not _is_explicit(head) else head[4:6].decode("ascii")
        if vr in LONG:
            length = self._long.unpack(self._window.read(4))[0]
        elif vr is not None:
            length = self._explicit.unpack(head)[3]
        if length == UNDEFINED and (vr not in (None, "SQ", "UN") or (vr is None and tag >> 16 == PIXELS)):
            self._fragments()
        elif length == UNDEFINED or vr == "SQ" or (vr in (None, "UN") and dictionary_vr(tag) == "SQ"):
            self._push(length, vr in (None, "UN"), tag, [])
        elif length <= LONGEST and self._wanted(tag, vr):
            self._keep(length, 1 if level.elements else ITEM_OBJECTS)
            value = self._window.read(length)
            level.elements[BaseTag(tag)] = RawDataElement(BaseTag(tag), vr, length, value, 0, vr is None, self._little)
        else:
            self._window.skip(length)

    def _keep(self, count: int, objects: int) -> None:
        self._kept -= count + objects * OBJECT_BYTES
        if self._kept < 0:
            raise _End

    def _fragments(self) -> None:
        """Goes over a value that is made of fragments."""
        while True:
            self._count()
            group, number, length = self._short.unpack(self._window.read(8))
            tag = group << 16 | number
            if tag == SEQUENCE_END:
                return
            if tag != ITEM or length == UNDEFINED:
                raise _Broken
            self._window.skip(length)

    def _push(self, length: int, implicit: bool, tag: int = 0, items: list[Dataset] | None = None) -> None:
        if items is not None and len(self._stack) >= 2 * self._depth:
            raise _Broken
        end = None if length == UNDEFINED else self._window.position + length
        self._stack.append(_Level(end, implicit, tag, items))

    def _close(self) -> None:
        level = self._stack.pop()
        above = self._stack[-1]
        if above.items is not None and level.elements:
            above.items.append(self._made(level))
        elif level.items:
            above.elements[BaseTag(level.tag)] = DataElement(level.tag, "SQ", Sequence(level.items))

    def _close_all(self) -> None:
        while len(self._stack) > 1:
            self._close()

    def _made(self, level: _Level) -> Dataset:
        made = Dataset(level.elements)
        made.set_original_encoding(level.implicit, self._little)
        return made

    def _looks_implicit(self, assumed: bool) -> bool:
        """Whether the data set that begins here is coded implicitly, judged by the bytes where an explicit VR would stand."""
        head = self._window.peek(6)
        return assumed if len(head) < 6 else not _is_explicit(head)


def skim(path: Path, wanted: Wanted, limits: Limits) -> Dataset | None:
    """The wanted elements before the pixel data, with ``file_meta``; None for what does not begin as DICOM does.

    Sequences come along as far as there is anything wanted in them. Where a file is cut short, inflates to more than ``limits``
    allow, or holds more than this module looks at, it ends there, and so does a sequence that is damaged or nested too deeply.

    Raises:
        UnreadableFile: no regular file. OSError: it cannot be read.
    """
    with opened(path) as (stream, size):
        window = _Window(_Stored(stream, size))
        head = window.peek(PREAMBLE + len(MAGIC))
        magic = head[PREAMBLE:] == MAGIC
        if not magic and not head.startswith(BARE):
            return None
        window.skip(len(head) if magic else 0)
        meta = _Walk(window, True, _any, limits, lambda tag: tag >> 16 != META).dataset(False)
        element = meta.get_item(TRANSFER_SYNTAX)
        syntax = text_of(element, UNDECLARED) if element is not None else ""
        if syntax == DeflatedExplicitVRLittleEndian:
            window = _Window(_Deflated(window, limits.inflated_bytes))
        little = not _begins_big(window.peek(2)) if not syntax else syntax != ExplicitVRBigEndian
        implicit = syntax in ("", ImplicitVRLittleEndian)
        made = _Walk(window, little, wanted, limits, _at_pixels).dataset(implicit)
        made.file_meta = FileMetaDataset(meta)
        return made


def is_sequence(value: bytes, implicit: bool, little: bool) -> bool:
    """Whether a value of an unknown VR is made of items, to its last byte."""
    window = _Window(_Stored(BytesIO(value), len(value)))
    return _Walk(window, little, lambda *_: False, Limits(), lambda _: False).sequence(len(value), implicit)


def _any(tag: int, vr: str | None) -> bool:  # noqa: ARG001
    return True


def _at_pixels(tag: int) -> bool:
    return PIXELS <= tag >> 16 < DELIMITERS


def _is_explicit(head: bytes) -> bool:
    """Whether two capital letters stand where an explicit VR would."""
    return 0x40 < head[4] < 0x5B and 0x40 < head[5] < 0x5B


def _begins_big(head: bytes) -> bool:
    return head[:1] == b"\0" and head != b"\0\0"
