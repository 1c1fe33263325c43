"""Blanks regions of a baseline JPEG frame by coding anew only the MCUs that they touch.

The Huffman stream is followed once to find where each block begins. Touched blocks get the DC coefficient of black and no
AC coefficients; the block after them gets a new DC difference; every other bit is copied. No quantised coefficient of any
other MCU changes (ITU-T T.81 F.1.2.1 for the DC differences).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging.boxes import clip
from deidkit.jpeg.huffman import EOB, Table, Unsuitable, bit_array, expand, stuff, windows
from deidkit.jpeg.scan import follow_blocks, intervals
from deidkit_dicom.codestream.jpeg_scan import Component, ScanHeader, read_scan_header


def blank(data: bytes, boxes: Sequence[Box], levels: Sequence[str]) -> tuple[bytes, tuple[Box, ...]]:
    """A JPEG frame with ``boxes`` blanked, and the boxes in which decoded pixels may differ.

    The returned boxes are snapped to MCUs and grown by the reach of chroma interpolation. The given boxes are wholly blank.

    Args:
        data: a baseline JPEG stream, 8 bits, one interleaved scan, Huffman coded.
        boxes: in pixels.
        levels: ``low``, ``middle`` or ``high`` for each component.

    Raises:
        Unsuitable: another kind of JPEG, or damaged.
    """
    header = read_scan_header(data)
    if len(levels) != len(header.components):
        raise Unsuitable("the number of components differs")
    touched, changed = _touched(header, boxes)
    coder = _Coder(header, [_level(c, level) for c, level in zip(header.components, levels, strict=True)])
    pieces: list[bytes] = []
    first = 0
    for plain, count in intervals(data, header.scan, touched.size):
        here = touched[first : first + count]
        first += count
        pieces.append(coder.interval(plain, here) if here.any() else stuff(plain))
    marks = [bytes([0xFF, 0xD0 + index % 8]) for index in range(len(pieces) - 1)] + [b""]
    entropy = b"".join(piece + mark for piece, mark in zip(pieces, marks, strict=True))
    head = data[: header.sos] + coder.new_tables() + data[header.sos : header.start]
    return head + entropy + data[header.scan.end :], changed


def _level(component: Component, level: str) -> int:
    """Quantised DC coefficient; black and white lie at or just beyond the ends of the range, where every decoder clips."""
    if level == "middle":
        return 0
    return -1024 // component.step if level == "low" else min(-(-1016 // component.step), 1023)


def _touched(header: ScanHeader, boxes: Sequence[Box]) -> tuple[Array, tuple[Box, ...]]:
    """Flag of each MCU in scan order, and the boxes of pixels that may change."""
    (width, height), (across, down), shape = header.mcu, header.reach, (header.rows, header.columns)
    flags = np.zeros(header.grid, bool)
    changed: list[Box] = []
    for box in boxes:
        wide = clip((box[0] - across, box[1] - down, box[2] + across, box[3] + down), shape)
        if wide is None:
            continue
        x0, y0, x1, y1 = wide[0] // width, wide[1] // height, -(-wide[2] // width), -(-wide[3] // height)
        flags[y0:y1, x0:x1] = True
        snapped = (x0 * width - across, y0 * height - down, x1 * width + across, y1 * height + down)
        changed.append(clip(snapped, shape) or wide)
    return flags.reshape(-1), tuple(changed)


@dataclass(slots=True)
class _Coder:
    """Codes intervals of one scan; tables grow when a code that black needs is missing."""

    header: ScanHeader
    targets: list[int]
    grown: dict[tuple[int, int], Table] = field(default_factory=dict)

    @property
    def pattern(self) -> list[int]:
        """The component of each block of an MCU."""
        return [i for i, c in enumerate(self.header.components) for _ in range(c.across * c.down)]

    def _component(self, index: int) -> Component:
        return self.header.components[index]

    def interval(self, data: bytes, touched: Array) -> bytes:
        """One restart interval, given without stuffing, with its touched MCUs blanked."""
        codings = [(self.header.tables[0, c.dc], self.header.tables[1, c.ac]) for c in map(self._component, self.pattern)]
        starts, end = follow_blocks(data, codings, len(touched))
        if end > 8 * len(data):
            raise Unsuitable("the scan is cut short")
        window = windows(data)
        owner = np.tile(np.array(self.pattern, np.uint8), len(touched))
        difference, bodies = self._dc(window, starts, owner)
        wanted = self._wanted(difference, owner, np.repeat(touched, len(self.pattern)))
        bits = np.unpackbits(np.frombuffer(data, np.uint8))
        out, cursor, size = list[Array](), 0, len(self.pattern)
        for first, count in _runs(touched):
            out.append(bits[cursor : starts[first * size]])
            out += self._blank_run(wanted[first * size : (first + 1) * size], count)
            after = (first + count) * size
            cursor = int(starts[after]) if after < len(starts) else end
            for i in range(after, min(after + size, len(starts))):
                if wanted[i] != difference[i]:
                    dc = self.header.components[owner[i]].dc
                    out += [bits[cursor : starts[i]], self._dc_bits(dc, int(wanted[i]))]
                    cursor = int(bodies[i])
        joined = np.concatenate([*out, bits[cursor:end]])
        return stuff(np.packbits(np.append(joined, np.ones(-len(joined) % 8, np.uint8))).tobytes())

    def _blank_run(self, wanted: Array, count: int) -> list[Array]:
        """``count`` blank MCUs: the first one with its DC differences, the others all the same."""
        components = [self._component(i) for i in self.pattern]
        first = [self._dc_bits(c.dc, int(v)) for c, v in zip(components, wanted, strict=True)]
        ends = [self._bits((1, c.ac), EOB) for c in components]
        mcu = [piece for pair in zip(first, ends, strict=True) for piece in pair]
        if count == 1:
            return mcu
        same = np.concatenate([bits for c, end in zip(components, ends, strict=True) for bits in (self._dc_bits(c.dc, 0), end)])
        return [*mcu, np.tile(same, count - 1)]

    def _dc(self, window: Array, starts: Array, owner: Array) -> tuple[Array, Array]:
        """DC difference of each block, and where its AC coefficients begin."""
        here = window[starts]
        size, length = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
        for index, component in enumerate(self.header.components):
            table = expand(self.header.tables[0, component.dc], is_ac=False)
            mine = owner == index
            size[mine], length[mine] = table.symbol[here[mine]], table.length[here[mine]]
        amplitude = window[starts + length].astype(np.int64) >> (16 - size)
        negative = (size > 0) & (amplitude < (1 << np.maximum(size - 1, 0)))
        return np.where(size > 0, amplitude - negative * ((1 << size) - 1), 0), starts + length + size

    def _wanted(self, difference: Array, owner: Array, flags: Array) -> Array:
        """DC difference of each block after blanking."""
        wanted = difference.copy()
        for index, target in enumerate(self.targets):
            mine = np.flatnonzero(owner == index)
            absolute = np.where(flags[mine], target, np.cumsum(difference[mine]))
            wanted[mine] = np.diff(absolute, prepend=0)
        return wanted

    def _dc_bits(self, table: int, difference: int) -> Array:
        size = abs(difference).bit_length()
        if size > 11:
            raise Unsuitable("a DC difference is too large")
        amplitude = difference if difference >= 0 else difference + (1 << size) - 1
        return np.concatenate([self._bits((0, table), size), bit_array(amplitude, size)])

    def _bits(self, key: tuple[int, int], symbol: int) -> Array:
        table = self.grown.get(key) or self.header.tables[key]
        bits = table.bits(symbol)
        if bits is None:
            self.grown[key] = table.with_symbol(symbol)
            return self._bits(key, symbol)
        return bits

    def new_tables(self) -> bytes:
        """DHT segments for the tables that grew."""
        bodies = [bytes([kind << 4 | number]) + t.counts + t.symbols for (kind, number), t in sorted(self.grown.items())]
        return b"".join(b"\xff\xc4" + (len(body) + 2).to_bytes(2, "big") + body for body in bodies)


def _runs(touched: Array) -> list[tuple[int, int]]:
    """(first, count) of each run of touched MCUs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], touched.astype(np.int8), [0]]))).tolist()
    return [(a, b - a) for a, b in zip(edges[::2], edges[1::2], strict=True)]
