"""Whether a written raster file holds anything beside its samples: read from its bytes, apart from what has written them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from deidkit.image import Array
from deidkit.jpeg.bare import bare_jpeg
from deidkit.jpeg.huffman import Unsuitable
from deidkit_raster.probe import PNG, PNG_PIXELS

TIFF_PIXELS = frozenset(
    (254, 256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 284, 296, 317, 320, 322, 323, 324, 325, 330, 338, 339)
)
"""Tags that samples need, and the resolution, which every writer sets to 1."""

TIFF_HEAD = {42: 8, 43: 16}


def jpeg_surplus(data: bytes) -> str:
    """What a JPEG file holds beside its samples, in a few words; empty when there is nothing."""
    try:
        return "" if bare_jpeg(data, signatures=False) is data else "bytes that no sample needs"
    except Unsuitable:
        return "entropy-coded bytes that cannot be followed"


def png_surplus(data: bytes, samples: Array) -> str:
    """The same for a PNG file; ``samples`` are its decoded ones, indices where it has a palette."""
    chunks = list(_chunks(data))
    names = [name for name, _ in chunks]
    if not set(names) <= PNG_PIXELS or len(data) != len(PNG) + sum(12 + len(content) for _, content in chunks):
        return "chunks or bytes that no sample needs"
    engine = zlib.decompressobj()
    for content in (content for name, content in chunks if name == b"IDAT"):
        engine.decompress(content)
    if not engine.eof or engine.unused_data:
        return "bytes behind the deflated samples"
    unused = np.setdiff1d(np.arange(256), samples) if b"PLTE" in names else ()
    palette = b"".join(content for name, content in chunks if name == b"PLTE")
    return "colours that no sample has" if any(any(palette[3 * entry : 3 * entry + 3]) for entry in unused) else ""


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(PNG)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        name = data[position + 4 : position + 8]
        yield name, data[position + 8 : position + 8 + length]
        position += 12 + length
        if name == b"IEND":
            return


def tiff_surplus(path: Path) -> str:
    """The same for a TIFF file: each of its bytes belongs to a directory, to a field that samples need, or to samples."""
    with tifffile.TiffFile(path) as file, path.open("rb") as stream:
        pages: list[Any] = list(file.pages)
        pages += [below for page in pages if page.subifds for below in page.pages]
        if any(tag.code not in TIFF_PIXELS for page in pages for tag in page.tags):
            return "fields that no sample needs"
        spans = sorted({(0, TIFF_HEAD[file.tiff.version]), *(span for page in pages for span in _spans(page, file.tiff))})
        end = 0
        for first, last in [*spans, (file.filehandle.size, file.filehandle.size)]:
            stream.seek(end)
            if first > end and any(stream.read(first - end)):
                return "bytes that belong to no page"
            end = max(end, last)
    return ""


def _spans(page: Any, tiff: Any) -> Iterator[tuple[int, int]]:
    """Where the directory of a page lies, its fields, and its samples."""
    yield page.offset, page.offset + tiff.tagnosize + tiff.tagsize * len(page.tags) + tiff.offsetsize
    yield from ((tag.valueoffset, tag.valueoffset + tag.valuebytecount) for tag in page.tags)
    yield from ((offset, offset + count) for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True))
