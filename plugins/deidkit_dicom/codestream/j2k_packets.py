"""Follows the packets of a JPEG 2000 codestream to their last byte (ITU-T T.800 annex B).

Only packet headers are read: they say how many bytes the code-blocks contribute. So it is known where the last packet of a tile
ends. Bytes of a code-block behind its last coding pass would stay unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deidkit.jpeg.huffman import Unsuitable

BYPASS, TERMALL, HIGH_THROUGHPUT = 0x01, 0x04, 0x40
SOP, EPH = b"\xff\x91\x00\x04", b"\xff\x92"
LRCP, RLCP, RPCL, PCRL, CPRL = range(5)
MOST_PLANES, MOST_LENGTH_BITS = 74, 32
FIRST_BYPASS = 10
"""Coding passes before the first that bypasses the arithmetic coder (D.6)."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Coding:
    """How one component is coded (A.6.1): exponents of code-block and precinct sizes, ``style`` the code-block style."""

    levels: int
    width: int
    height: int
    style: int
    reversible: bool
    precincts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """How the packets of a tile follow each other (A.6.1), and which markers stand among them."""

    progression: int
    layers: int
    sop: bool
    eph: bool


@dataclass(slots=True)
class Block:
    """A code-block: its coding passes so far, and in how many bits its next length is told at least."""

    passes: int = 0
    length_bits: int = 3


@dataclass(slots=True)
class Band:
    """The code-blocks of one precinct in one subband (LL, HL, LH or HH) and their tag trees."""

    orientation: int
    blocks: list[Block] = field(repr=False)
    inclusion: _TagTree = field(repr=False)
    planes: _TagTree = field(repr=False)


@dataclass(slots=True)
class Precinct:
    """``place`` is the position (y, x) on the reference grid that orders packets."""

    component: int
    resolution: int
    number: int
    place: tuple[int, int]
    bands: list[Band] = field(repr=False)


class _TagTree:
    """A tag tree (B.10.2) of ``across`` by ``down`` leaves that is read bit by bit."""

    def __init__(self, across: int, down: int) -> None:
        self._parents: list[int] = []
        sizes = [(across, down)]
        while sizes[-1][0] * sizes[-1][1] > 1:
            sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
        first = 0
        for width, height in sizes:
            following = first + width * height
            self._parents += [following + y // 2 * -(-width // 2) + x // 2 for y in range(height) for x in range(width)]
            first = following
        if self._parents:
            self._parents[-1] = -1
        self._low = [0] * len(self._parents)
        self._known = [False] * len(self._parents)

    def reaches(self, leaf: int, threshold: int, bits: _Bits) -> bool:
        """Reads until it is clear whether the value of ``leaf`` is less than ``threshold``."""
        path = [leaf]
        while self._parents[path[-1]] >= 0:
            path.append(self._parents[path[-1]])
        low = 0
        for node in reversed(path):
            low = max(low, self._low[node])
            while low < threshold and not self._known[node]:
                if bits.bit():
                    self._known[node] = True
                else:
                    low += 1
            self._low[node] = low
        return self._known[leaf] and self._low[leaf] < threshold


class _Bits:
    """Bits of packet headers, of which one is left out after each byte of 0xFF (B.10.1)."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self.position = position
        self._byte = 0
        self._left = 0

    def bit(self) -> int:
        if not self._left:
            self._left = 7 if self._byte == 0xFF else 8
            if self.position >= len(self._data):
                raise Unsuitable("a packet header is cut short")
            self._byte = self._data[self.position]
            if self._left == 7 and self._byte > 0x7F:
                raise Unsuitable("a packet header that makes no sense")
            self.position += 1
        self._left -= 1
        return self._byte >> self._left & 1

    def number(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self.bit()
        return value

    def end(self) -> int:
        """The position after the header."""
        if self._byte & (1 << self._left) - 1:
            raise Unsuitable("a packet header is followed by bits that mean nothing")
        if self._byte == 0xFF:
            if self._data[self.position : self.position + 1] != b"\0":
                raise Unsuitable("a packet header that makes no sense")
            self.position += 1
        return self.position


def precincts_of(tile: Box, codings: Sequence[Coding], most: int) -> list[Precinct]:
    """All precincts of a tile, component by component and resolution by resolution (B.5 to B.7).

    Args:
        tile: in the reference grid, which is that of every component.
        codings: one for each component.
        most: more precincts than this cannot have a packet each.

    Raises:
        Unsuitable: there are more.
    """
    found: list[Precinct] = []
    for component, coding in enumerate(codings):
        for resolution in range(coding.levels + 1):
            found += _precincts(tile, component, coding, resolution, most - len(found))
    return found


def _up(value: int, shift: int) -> int:
    return -(-value >> shift)


def _precincts(tile: Box, component: int, coding: Coding, resolution: int, most: int) -> Iterator[Precinct]:
    scale = coding.levels - resolution
    x0, y0, x1, y1 = (_up(side, scale) for side in tile)
    wide, high = coding.precincts[resolution]
    if x0 >= x1 or y0 >= y1:
        return
    columns, rows = range(x0 >> wide, _up(x1, wide)), range(y0 >> high, _up(y1, high))
    if len(columns) * len(rows) > most:
        raise Unsuitable("there are more precincts than bytes")
    bands = [(0, x0, y0, x1, y1)] if not resolution else [(kind, *_subband(tile, kind, scale + 1)) for kind in (1, 2, 3)]
    within = (wide, high) if not resolution else (wide - 1, high - 1)
    if min(within) < 0:
        raise Unsuitable("precincts that make no sense")
    sizes = min(coding.width, within[0]), min(coding.height, within[1])
    for number, (row, column) in enumerate((row, column) for row in rows for column in columns):
        across = tile[0] if column == columns[0] and x0 & ((1 << wide) - 1) else column << wide + scale
        down = tile[1] if row == rows[0] and y0 & ((1 << high) - 1) else row << high + scale
        cells = [_band(kind, box, (column << within[0], row << within[1]), within, sizes) for kind, *box in bands]
        yield Precinct(component, resolution, number, (down, across), [cell for cell in cells if cell.blocks])


def _subband(tile: Box, kind: int, level: int) -> Box:
    """The bounds of HL (1), LH (2) or HH (3) (equation B-15)."""
    right, low = (kind & 1) << (level - 1), (kind >> 1) << (level - 1)
    x0, y0, x1, y1 = tile
    return _up(x0 - right, level), _up(y0 - low, level), _up(x1 - right, level), _up(y1 - low, level)


def _band(kind: int, box: Sequence[int], corner: tuple[int, int], within: tuple[int, int], sizes: tuple[int, int]) -> Band:
    x0, y0 = max(box[0], corner[0]), max(box[1], corner[1])
    x1, y1 = min(box[2], corner[0] + (1 << within[0])), min(box[3], corner[1] + (1 << within[1]))
    across, down = _up(x1, sizes[0]) - (x0 >> sizes[0]), _up(y1, sizes[1]) - (y0 >> sizes[1])
    if x0 >= x1 or y0 >= y1:
        across, down = 0, 0
    return Band(kind, [Block() for _ in range(across * down)], _TagTree(across, down), _TagTree(across, down))


def in_order(precincts: Sequence[Precinct], order: Order) -> Iterator[tuple[Precinct, int]]:
    """Precinct and layer of each packet of a tile (B.12)."""
    layers = range(order.layers)
    if order.progression == LRCP:
        by_resolution = sorted(precincts, key=lambda p: (p.resolution, p.component, p.number))
        yield from ((precinct, layer) for layer in layers for precinct in by_resolution)
        return
    if order.progression == RLCP:
        for resolution in sorted({precinct.resolution for precinct in precincts}):
            here = sorted((p for p in precincts if p.resolution == resolution), key=lambda p: (p.component, p.number))
            yield from ((precinct, layer) for layer in layers for precinct in here)
        return
    keys = {
        RPCL: lambda p: (p.resolution, p.place, p.component, p.number),
        PCRL: lambda p: (p.place, p.component, p.resolution, p.number),
        CPRL: lambda p: (p.component, p.place, p.resolution, p.number),
    }
    if order.progression not in keys:
        raise Unsuitable("a progression that is not known")
    yield from ((precinct, layer) for precinct in sorted(precincts, key=keys[order.progression]) for layer in layers)


def follow_packets(data: bytes, precincts: Sequence[Precinct], codings: Sequence[Coding], order: Order) -> list[int]:
    """The end of each packet of one tile, whose tile-parts are joined in ``data``. The code-blocks are told their passes.

    A tile may end early, after any packet.

    Raises:
        Unsuitable: a packet that makes no sense, or that is cut short.
    """
    position, ends = 0, list[int]()
    for number, (precinct, layer) in enumerate(in_order(precincts, order)):
        if position == len(data):
            break
        position = _packet(data, position, precinct, layer, number, codings[precinct.component].style, order)
        ends.append(position)
    return ends


def _packet(data: bytes, position: int, precinct: Precinct, layer: int, number: int, style: int, order: Order) -> int:
    if order.sop and data.startswith(SOP, position):
        if data[position + 4 : position + 6] != (number & 0xFFFF).to_bytes(2, "big"):
            raise Unsuitable("packets that are not counted in order")
        position += 6
    bits = _Bits(data, position)
    length = _header(bits, precinct, layer, style) if bits.bit() else 0
    position = bits.end()
    if order.eph:
        if not data.startswith(EPH, position):
            raise Unsuitable("the end of a packet header is not marked")
        position += len(EPH)
    if position + length > len(data):
        raise Unsuitable("a packet is cut short")
    return position + length


def _header(bits: _Bits, precinct: Precinct, layer: int, style: int) -> int:
    """How many bytes the code-blocks contribute to a packet (B.10)."""
    length = 0
    for band in precinct.bands:
        for leaf, block in enumerate(band.blocks):
            if _is_included(bits, band, leaf, layer):
                length += _contribution(bits, block, style)
    return length


def _is_included(bits: _Bits, band: Band, leaf: int, layer: int) -> bool:
    """Whether a code-block contributes to a packet of this layer; the first time its empty bit planes are told as well."""
    if band.blocks[leaf].passes:
        return bool(bits.bit())
    if not band.inclusion.reaches(leaf, layer + 1, bits):
        return False
    planes = 1
    while not band.planes.reaches(leaf, planes, bits):
        planes += 1
        if planes > MOST_PLANES:
            raise Unsuitable("a packet header that makes no sense")
    return True


def _contribution(bits: _Bits, block: Block, style: int) -> int:
    """How many bytes a code-block contributes, and how many passes it has with them."""
    count = _passes(bits)
    while bits.bit():
        block.length_bits += 1
        if block.length_bits > MOST_LENGTH_BITS:
            raise Unsuitable("a packet header that makes no sense")
    segments = _terminated(block.passes, count, style)
    block.passes += count
    return sum(bits.number(block.length_bits + passes.bit_length() - 1) for passes in segments)


def _passes(bits: _Bits) -> int:
    """The number of coding passes (table B.4)."""
    if not bits.bit():
        return 1
    if not bits.bit():
        return 2
    for width, first in ((2, 3), (5, 6), (7, 37)):
        value = bits.number(width)
        if value < (1 << width) - 1 or width == 7:
            return first + value
    return 0


def _terminated(before: int, count: int, style: int) -> list[int]:
    """How many of ``count`` new passes lie in each codeword segment (B.10.7, D.4.2, and T.814 for high throughput)."""
    if style & HIGH_THROUGHPUT:
        return [count] if before or count == 1 else [1, count - 1]
    if style & TERMALL:
        return [1] * count
    if not style & BYPASS:
        return [count]
    found: list[int] = []
    while count:
        room = FIRST_BYPASS - before if before < FIRST_BYPASS else (2, 1, 1)[(before - FIRST_BYPASS) % 3]
        found.append(min(room, count))
        before, count = before + found[-1], count - found[-1]
    return found
