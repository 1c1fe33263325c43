"""The chain of image file directories of a TIFF file (TIFF 6.0 section 2, BigTIFF), followed strictly.

Readers take a chain that leads out of the file for its end, which would make pages disappear without a word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from deidkit.errors import OverBudget, UnreadableFile


def count_pages(path: Path, most: int) -> int:
    """How many directories there are.

    Raises:
        UnreadableFile: the chain leaves the file or runs in a circle.
        OverBudget: more than ``most``.
    """
    size = path.stat().st_size
    seen: set[int] = set()
    with path.open("rb") as stream:
        order: Literal["little", "big"] = "big" if stream.read(2) == b"MM" else "little"

        def number(offset: int, width: int) -> int:
            stream.seek(offset)
            data = stream.read(width)
            if len(data) != width:
                raise UnreadableFile("file-truncated", "the TIFF file is cut short")
            return int.from_bytes(data, order)

        big = number(2, 2) == 43
        counter, entry, pointer = (8, 20, 8) if big else (2, 12, 4)
        offset = number(8 if big else 4, pointer)
        while offset:
            if offset in seen:
                raise UnreadableFile("file-malformed", "the directories of the TIFF file run in a circle")
            if offset >= size:
                raise UnreadableFile("file-truncated", "the TIFF file is cut short")
            seen.add(offset)
            if len(seen) > most:
                raise OverBudget("frames-out-of-range", f"the TIFF file has more than {most} pages")
            offset = number(offset + counter + entry * number(offset, counter), pointer)
    return len(seen)
