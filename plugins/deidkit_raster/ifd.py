"""The chain of image file directories of a TIFF file (TIFF 6.0 section 2, BigTIFF), followed strictly.

Readers take a chain that leads out of the file for its end, which would make pages disappear without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Literal

from deidkit.errors import OverBudget, UnreadableFile, UnsupportedFile


class Chain:
    """The directories of one open file. ``most`` is how many there may be.

    Raises:
        UnreadableFile: the file is cut short.
    """

    def __init__(self, stream: BinaryIO, size: int, most: int) -> None:
        self._stream, self._size, self._most = stream, size, most
        stream.seek(0)
        self._order: Literal["little", "big"] = "big" if stream.read(2) == b"MM" else "little"
        self.big = self._number(2, 2) == 43
        self._counter, self._entry, self._pointer = (8, 20, 8) if self.big else (2, 12, 4)

    @property
    def start(self) -> tuple[int, int]:
        """Where the position of the first directory is told, and in how many bytes."""
        return (8 if self.big else 4), self._pointer

    def _number(self, offset: int, width: int) -> int:
        self._stream.seek(offset)
        data = self._stream.read(width)
        if len(data) != width:
            raise UnreadableFile("file-truncated", "the TIFF file is cut short")
        return int.from_bytes(data, self._order)

    def encoded(self, offset: int) -> bytes:
        """An offset as it stands in the file."""
        return offset.to_bytes(self._pointer, self._order)

    def after(self, offset: int) -> int:
        """The position of the directory behind the one at ``offset``; 0 when that is the last one."""
        return self._number(offset + self._counter + self._entry * self._number(offset, self._counter), self._pointer)

    def count(self) -> int:
        """How many directories there are in the main chain.

        Raises:
            UnreadableFile: the chain leaves the file or runs in a circle.
            OverBudget: more than allowed.
        """
        seen: set[int] = set()
        offset = self._number(*self.start)
        while offset:
            if offset in seen:
                raise UnreadableFile("file-malformed", "the directories of the TIFF file run in a circle")
            if offset >= self._size:
                raise UnreadableFile("file-truncated", "the TIFF file is cut short")
            seen.add(offset)
            if len(seen) > self._most:
                raise OverBudget("frames-out-of-range", f"the TIFF file has more than {self._most} pages")
            offset = self.after(offset)
        return len(seen)

    def check_below(self, offsets: Sequence[int]) -> None:
        """Raises UnsupportedFile when the directories below a page (SubIFDs) are followed by others than themselves."""
        for offset in offsets:
            if offset >= self._size or self.after(offset) not in (0, *offsets):
                raise UnsupportedFile("pyramid-unsupported", "a directory below a page is followed by further ones")
