"""Opens a file with the one format that recognises it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.errors import UnreadableFile, UnsupportedFile
from deidkit.files import opened
from deidkit.image import Image
from deidkit.interfaces import Format
from deidkit.limits import Limits

if TYPE_CHECKING:
    pass


SNIFF_BYTES = 4096


def read(path: Path, formats: Mapping[str, Format], limits: Limits) -> tuple[Format, Image]:
    """Opens the file with the one format that recognises it.

    Raises:
        UnreadableFile, UnsupportedFile, OverBudget.
    """
    with opened(path) as (stream, size):
        if not size:
            raise UnreadableFile("empty-file", "the size of the file is 0 bytes")
        head = stream.read(min(SNIFF_BYTES, size))
    claims = [name for name, candidate in sorted(formats.items()) if candidate.sniff(head)]
    if not claims:
        raise UnsupportedFile("format-unknown", "no installed format recognises the file")
    if len(claims) > 1:
        raise UnsupportedFile("format-ambiguous", f"recognised by {' and '.join(claims)}")
    chosen = formats[claims[0]]
    return chosen, chosen.open(path, limits)
