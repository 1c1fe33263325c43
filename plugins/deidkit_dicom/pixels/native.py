"""Native pixel data of a whole object: its frames by offset, and the same bytes again with some samples changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd
from typing import Protocol

import numpy as np

from deidkit.errors import UnreadableFile
from deidkit.image import Array, Box
from deidkit_dicom.part10.parts import PixelElement
from deidkit_dicom.part10.source import Source
from deidkit_dicom.part10.syntaxes import Syntax
from deidkit_dicom.pixel_module import PixelModule
from deidkit_dicom.pixels.sample_layout import PACKED, cells, frame_bytes, packed_cells, shaped, unpack, words
from deidkit_dicom.stored_bits import cleared, without_overlays

Fill = tuple[Box, Array]
"""A box and the words that go into it, ``(rows, columns[, samples])``."""


class FillSource(Protocol):
    def __contains__(self, index: int) -> bool: ...

    def __len__(self) -> int: ...

    def of(self, index: int) -> Sequence[Fill]: ...


class Native:
    """Frames of one native pixel data element, which is long enough for them (see ``deidkit_dicom.pixels.extent``).

    Frames are read and written in groups that begin and end on a byte (single bits) or a word (bytes swapped inside OW words).
    """

    def __init__(self, module: PixelModule, source: Source, element: PixelElement, syntax: Syntax) -> None:
        self.module = module
        self._source = source
        self._element = element
        self._little = syntax.little != syntax.swapped
        self._reorder = syntax.swapped and module.allocated > 8
        if module.subsampled and (module.columns % 2 or module.allocated != 8 or module.planar):
            raise UnreadableFile(
                "pixel-module-contradictory", f"{module.photometric} needs an even number of columns, 8 bits, by pixel"
            )
        small = module.allocated <= 8 or module.allocated in PACKED
        if syntax.swapped and small:
            raise UnreadableFile("pixels-order-unclear", "readers of this private transfer syntax differ on the order of bytes")
        self._swapped = not self._little and small and element.vr == "OW"
        unit = 16 if self._swapped else 8
        self._group = unit // gcd(unit, module.frame_bits)

    @property
    def length(self) -> int:
        """Exact length of all frames in bytes, without padding."""
        return (self.module.frame_bits * self.module.frames + 7) // 8

    def load(self, index: int) -> Array:
        """Words of one frame in native byte order; see ``words`` for the samples in them."""
        group, place = divmod(index, self._group)
        data = self._read_group(group)
        if self.module.allocated in PACKED and place:
            return without_overlays(self._cells_of(cells(data, self.module), place), self.module)
        size = frame_bytes(self.module)
        return unpack(data[place * size : (place + 1) * size], self.module, self._little)

    def _cells_of(self, found: Array, place: int) -> Array:
        """A view of one of the frames whose samples stand one after the other."""
        size = self.module.frame_bits // self.module.allocated
        return shaped(found[place * size : (place + 1) * size], self.module)

    def _read_group(self, group: int) -> bytes:
        start = group * self._group * self.module.frame_bits // 8
        frames = min(self._group, self.module.frames - group * self._group)
        length = (frames * self.module.frame_bits + 7) // 8
        if not self._swapped:
            return self._source.read(self._element.offset + start, length)
        even = min(length + length % 2, (self._element.length or 0) - start)
        return _swap(self._source.read(self._element.offset + start, even))[:length]

    def written(self, fills: FillSource, clear: int, *, picture: bool) -> Iterator[bytes]:
        """The bytes of all frames in order, with ``fills`` applied and without overlays in the bits of ``clear``. Unused bits
        of a ``picture`` are cleared; see ``cleared``.

        They have the byte order of the dataset, whatever that of the words was.
        """
        tidy = picture and bool(self.module.unused_bits)
        if not len(fills) and not clear and not tidy and not self._swapped and not self._reorder:
            yield from self._source.chunks(self._element.offset, self.length)
            return
        for group in range(-(-self.module.frames // self._group)):
            members = range(group * self._group, min((group + 1) * self._group, self.module.frames))
            data = self._read_group(group)
            if clear or tidy or any(index in fills for index in members):
                data = self._changed(bytearray(data), members, fills, clear, tidy)
            if self._reorder:
                data = np.frombuffer(data, f"u{self.module.allocated // 8}").byteswap().tobytes()
            yield _swap(data + b"\0" * (len(data) % 2)) if self._swapped else data

    def _changed(self, data: bytearray, members: range, fills: FillSource, clear: int, tidy: bool) -> bytes:
        if self.module.allocated in PACKED:
            return self._changed_packed(data, members, fills, clear)
        size = self.module.frame_bits // 8
        for place, index in enumerate(members):
            part = data[place * size : (place + 1) * size]
            if self.module.subsampled:
                self._fill_pairs(part, fills.of(index))
            else:
                found = words(part, self.module, self._little)
                if clear:
                    found[:] = without_overlays(found.astype(self.module.dtype), self.module)
                for (x0, y0, x1, y1), values in fills.of(index):
                    found[y0:y1, x0:x1] = values
                if tidy:
                    held = found.astype(self.module.dtype)
                    if (clean := cleared(held, self.module)) is not held:
                        found[:] = clean
            data[place * size : (place + 1) * size] = part
        return bytes(data)

    def _changed_packed(self, data: bytearray, members: range, fills: FillSource, clear: int) -> bytes:
        found = cells(data, self.module)
        for place, index in enumerate(members):
            frame = self._cells_of(found, place)
            if clear:
                frame[:] = without_overlays(frame, self.module)
            for (x0, y0, x1, y1), values in fills.of(index):
                frame[y0:y1, x0:x1] = values
        return packed_cells(found, self.module)

    def _fill_pairs(self, part: bytearray, fills: Sequence[Fill]) -> None:
        """Boxes begin and end on even columns here; a pair takes the chroma of its left pixel."""
        pairs = np.frombuffer(part, np.uint8).reshape(self.module.rows, self.module.columns // 2, 4)
        for (x0, y0, x1, y1), values in fills:
            target = pairs[y0:y1, x0 // 2 : x1 // 2]
            target[..., 0], target[..., 1] = values[:, 0::2, 0], values[:, 1::2, 0]
            target[..., 2:] = values[:, 0::2, 1:]


def _swap(data: bytes) -> bytes:
    """Exchanges the two bytes of every word."""
    even = len(data) - len(data) % 2
    return np.frombuffer(data[:even], "<u2").byteswap().tobytes() + data[even:]
