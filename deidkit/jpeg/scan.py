"""Follows the entropy-coded bytes of a Huffman-coded JPEG stream to their last bit (ITU-T T.81 annexes F, G and H).

Nothing is decoded to samples: where each block ends follows from the codes alone. So it is known which bytes a scan needs,
which symbols of its Huffman tables, and which steps of its quantisers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate, repeat
from operator import or_

import numpy as np

from deidkit.image import Array
from deidkit.jpeg.frame import LOSSLESS, PROGRESSIVE, FrameHeader, Scan
from deidkit.jpeg.huffman import (
    EOB,
    EOB_STEP,
    MOST_BITS,
    WIDTH,
    Table,
    Unsuitable,
    destuff,
    expand,
    expand_lossless,
    expand_symbols,
    expand_together,
    stuff,
    windows,
)
from deidkit.jpeg.tables import BLOCK, Definition

CHUNK, MARGIN = 1 << 20, 1 << 12
"""Entropy-coded bytes that are looked at together, and more than the longest MCU of ten blocks has."""

MOST_PROGRESSIVE = 1 << 23
"""Bytes of one progressive scan, which is looked at as a whole."""

_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
Coding = tuple[Table, Table]
"""The DC and the AC table of one block of an MCU."""

Walk = tuple[bytes, bytes, bytes, bytes, bytes]
"""DC advance by window; AC advance and step, several symbols at a time, by bit position; the same one at a time by window."""

Look = Callable[[Array, Array], None]
"""Told the windows of a chunk and the bit positions at which its blocks begin."""


@dataclass(slots=True)
class Needs:
    """What scans need: their entropy-coded bytes, and, where asked for, symbols of tables and places of components."""

    census: bool
    entropy: list[bytes] = field(default_factory=list, repr=False)
    restarted: list[bool] = field(default_factory=list)
    symbols: dict[Definition, set[int]] = field(default_factory=dict, repr=False)
    places: dict[int, set[int]] = field(default_factory=dict, repr=False)

    def saw(self, table: Definition | None, symbols: Array) -> None:
        """``symbols`` holds a number other than 0 for each symbol that was met."""
        if table is not None:
            self.symbols.setdefault(table, set()).update(np.flatnonzero(symbols).tolist())

    def met(self, component: int, places: Array) -> None:
        """``places`` holds a number other than 0 for each place in zigzag order that a coefficient was met at."""
        self.places.setdefault(component, set()).update(np.flatnonzero(places).tolist())


def follow(data: bytes, frame: FrameHeader, scans: Iterable[Scan], census: bool) -> Needs:
    """What ``scans``, all of a stream in order, need of ``data``; symbols and places only with ``census``.

    Raises:
        Unsuitable: bits that are no code, too few of them, or restart markers that are missing or out of order.
    """
    needs = Needs(census)
    history: dict[int, list[int]] = {}
    for scan in scans:
        rows, columns = frame.grid(scan.members)
        parts = intervals(data, scan, rows * columns)
        if frame.process == PROGRESSIVE:
            ends = _Progressive(frame, scan, needs, history).follow(parts)
        elif frame.process == LOSSLESS:
            ends = [_follow_lossless(plain, frame, scan, mcus) for plain, mcus in parts]
        else:
            ends = [_follow_sequential(plain, frame, scan, mcus, needs) for plain, mcus in parts]
        sealed = [stuff(_sealed(plain, end)) for (plain, _), end in zip(parts, ends, strict=True)]
        marks = [bytes([0xFF, 0xD0 + index % 8]) for index in range(len(sealed) - 1)] + [b""]
        needs.entropy.append(b"".join(piece + mark for piece, mark in zip(sealed, marks, strict=True)))
        needs.restarted.append(len(sealed) > 1)
    return needs


def intervals(data: bytes, scan: Scan, mcus: int) -> list[tuple[bytes, int]]:
    """The bytes of each restart interval without stuffing, and its number of MCUs. Whatever follows the last one is left out.

    Raises:
        Unsuitable: restart markers are missing or out of order, or there are fill bytes among the entropy-coded ones.
    """
    size = scan.interval or mcus
    expected = -(-mcus // size)
    marks = [match.start() for match in _RESTART.finditer(data, scan.start, scan.end)]
    if len(marks) < expected - 1 or any(data[mark + 1] != 0xD0 + i % 8 for i, mark in enumerate(marks[: expected - 1])):
        raise Unsuitable("restart markers are missing or out of order")
    starts, ends = [scan.start, *(mark + 2 for mark in marks)], [*marks, scan.end]
    parts = []
    for index in range(expected):
        coded = data[starts[index] : ends[index]].rstrip(b"\xff")
        if b"\xff\xff" in coded:
            raise Unsuitable("fill bytes among the entropy-coded ones")
        parts.append((destuff(coded), min(size, mcus - index * size)))
    return parts


def _sealed(plain: bytes, end: int) -> bytes:
    """``plain`` up to its last needed bit; the bits that fill the last byte are all alike."""
    size, fill = -(-end // 8), (1 << -end % 8) - 1
    if size > len(plain):
        raise Unsuitable("a scan is cut short")
    if size and plain[size - 1] & fill not in (0, fill):
        return plain[: size - 1] + bytes([plain[size - 1] | fill])
    return plain[:size]


def _table(definition: Definition | None) -> Table:
    if definition is None:
        raise Unsuitable("a Huffman table is missing")
    return definition.table


def _follow_sequential(plain: bytes, frame: FrameHeader, scan: Scan, mcus: int, needs: Needs) -> int:
    """Bit position after the last block of one restart interval."""
    units, most = scan.units(frame), _most_bits(frame)
    codings = [(_table(scan.dc[index]), _table(scan.ac[index])) for index in units]

    def look(window: Array, starts: Array) -> None:
        owner = np.tile(units, len(starts) // len(units))
        for index, place in enumerate(scan.members):
            _count(window, starts[owner == index], scan.dc[index], scan.ac[index], place, most, needs)

    return follow_blocks(plain, codings, mcus, most, look if needs.census else None)[1]


def _most_bits(frame: FrameHeader) -> int:
    """Bits of the largest amplitude (tables F.1, F.2, F.6 and F.7)."""
    return MOST_BITS if frame.precision == 8 else MOST_BITS + 4


def _count(
    window: Array, starts: Array, dc_from: Definition | None, ac_from: Definition | None, place: int, most: int, needs: Needs
) -> None:
    """Symbols and places of the blocks at ``starts``, all blocks symbol by symbol at the same time."""
    dc, ac = expand(_table(dc_from), False, most), expand(_table(ac_from), True, most)
    shown = window[starts]
    needs.saw(dc_from, np.bincount(dc.symbol[shown], minlength=256))
    symbols, places = np.zeros(256, np.int64), np.zeros(BLOCK, np.int64)
    places[0] = 1
    position, k = starts + dc.advance[shown], np.ones(len(starts), np.int64)
    while position.size:
        shown = window[position]
        symbol = ac.symbol[shown]
        symbols += np.bincount(symbol, minlength=256)
        k += symbol >> 4
        places += np.bincount(k[symbol & 15 > 0], minlength=BLOCK)
        goes_on = (symbol != EOB) & (k < BLOCK - 1)
        position, k = (position + ac.advance[shown])[goes_on], k[goes_on] + 1
    needs.saw(ac_from, symbols)
    needs.met(place, places)


def follow_blocks(
    plain: bytes, codings: Sequence[Coding], mcus: int, most: int = MOST_BITS, look: Look | None = None
) -> tuple[Array, int]:
    """Bit position of each block of a sequential scan without restart markers, and the one after the last block.

    Args:
        plain: entropy-coded bytes without stuffing.
        codings: the tables of each block of one MCU.
        mcus: how many MCUs there are.
        most: bits of the largest amplitude.
        look: is told of each chunk.

    Raises:
        Unsuitable: bits that are no code, or too few of them.
    """
    found: list[Array] = []
    base = position = 0
    while True:
        piece = plain[base : base + CHUNK + MARGIN]
        window = windows(piece)
        is_last = base + len(piece) == len(plain)
        starts, end = _walk(window, _walks(window, codings, most), position, mcus, 8 * CHUNK if not is_last else 8 * len(plain))
        if look is not None:
            look(window, starts)
        found.append(starts + 8 * base)
        mcus -= len(starts) // len(codings)
        if not mcus:
            return np.concatenate(found), 8 * base + end
        if is_last:
            raise Unsuitable("a scan is cut short")
        base, position = base + end // 8, end % 8


def _walks(window: Array, codings: Sequence[Coding], most: int) -> list[Walk]:
    made: dict[Coding, Walk] = {}
    for dc, ac in codings:
        if (dc, ac) not in made:
            both = expand_together(ac, most).take(window).view(np.uint8)
            single = expand(ac, True, most)
            made[dc, ac] = (
                expand(dc, False, most).advance.tobytes(),
                both[::2].tobytes(),
                both[1::2].tobytes(),
                single.advance.tobytes(),
                single.step.tobytes(),
            )
    return [made[coding] for coding in codings]


def _walk(window: Array, walks: Sequence[Walk], position: int, mcus: int, limit: int) -> tuple[Array, int]:
    """Follows at most ``mcus`` MCUs that begin before ``limit``, several symbols at a time where that is safe."""
    starts: list[int] = []
    bits = memoryview(window.data)
    try:
        while mcus and position < limit:
            mcus -= 1
            for dc, advance, step, one_advance, one_step in walks:
                starts.append(position)
                taken = dc[bits[position]]
                if not taken:
                    raise Unsuitable("a scan holds bits that are no code")
                position += taken
                first, k = position, 1
                while k < BLOCK:
                    k += step[position]
                    position += advance[position]
                if not EOB_STEP < k < EOB_STEP + BLOCK and k != BLOCK:
                    position = _slowly(bits, first, one_advance, one_step)
    except IndexError:
        raise Unsuitable("a scan is cut short") from None
    return np.array(starts, np.int64), position


def _slowly(bits: memoryview, position: int, advance: bytes, step: bytes) -> int:
    """Position after the AC coefficients of one block, symbol by symbol: it ends without an end-of-block code."""
    k = 1
    while k < BLOCK:
        k += step[bits[position]]
        position += advance[bits[position]]
    if not EOB_STEP < k < EOB_STEP + BLOCK and k != BLOCK:
        raise Unsuitable("a scan holds bits that are no code")
    return position


def _follow_lossless(plain: bytes, frame: FrameHeader, scan: Scan, mcus: int) -> int:
    """Bit position after the last difference of one restart interval."""
    tables = [_table(scan.dc[index]) for index in scan.units(frame)]
    left = mcus * len(tables)
    if len(set(tables)) == 1:
        tables = tables[:1]
    base = position = 0
    while left:
        piece = plain[base : base + CHUNK + MARGIN]
        window = windows(piece)
        is_last = base + len(piece) == len(plain)
        by_table = {table: expand_lossless(table).take(window).tobytes() for table in dict.fromkeys(tables)}
        advances = [by_table[table] for table in tables]
        limit = 8 * len(piece) if is_last else 8 * CHUNK
        done, position = _leap(advances, position, left, limit)
        left -= done
        if left and is_last:
            raise Unsuitable("a scan is cut short")
        if left:
            base, position = base + position // 8, position % 8
    return 8 * base + position


def _leap(advances: Sequence[bytes], position: int, count: int, limit: int) -> tuple[int, int]:
    """How many of ``count`` codes, whole MCUs of ``advances``, begin before ``limit``, and the position after them."""
    done, longest = 0, 2 * WIDTH * len(advances)
    try:
        while done < count and position < limit:
            mcus = min((count - done) // len(advances), 1 + (limit - position) // longest)
            position = _leap_alone(advances[0], position, mcus) if len(advances) == 1 else _leap_by(advances, position, mcus)
            done += mcus * len(advances)
    except IndexError:
        raise Unsuitable("a scan is cut short") from None
    return done, position


def _leap_alone(advance: bytes, position: int, count: int) -> int:
    step = 0
    for _ in repeat(None, count):
        step = advance[position]
        position += step
    if not step:  # whoever stands on bits that are no code never moves again
        raise Unsuitable("a scan holds bits that are no code")
    return position


def _leap_by(advances: Sequence[bytes], position: int, mcus: int) -> int:
    for _ in repeat(None, mcus):
        for advance in advances:
            step = advance[position]
            if not step:
                raise Unsuitable("a scan holds bits that are no code")
            position += step
    return position


class _Progressive:
    """One scan of a progressive frame. ``history`` tells of each component which coefficients of its blocks are not zero.

    It holds one number a block, whose bit k stands for place k of the zigzag order.
    """

    def __init__(self, frame: FrameHeader, scan: Scan, needs: Needs, history: dict[int, list[int]]) -> None:
        self._frame, self._scan, self._needs = frame, scan, needs
        self._symbols = np.zeros(256, np.uint8)
        self._blocks: list[int] = []
        self._corrections: list[int] = []
        if scan.first:
            rows, columns = frame.grid(scan.members)
            self._blocks = history.setdefault(scan.members[0], [0] * (rows * columns))
            band = (1 << (scan.last + 1)) - (1 << scan.first)
            self._corrections = [0, *accumulate((block & band).bit_count() for block in self._blocks)]

    def follow(self, parts: Sequence[tuple[bytes, int]]) -> list[int]:
        """Bit position after the last block of each restart interval."""
        ends, block = list[int](), 0
        for plain, mcus in parts:
            if len(plain) > MOST_PROGRESSIVE:
                raise Unsuitable("a progressive scan is too long")
            try:
                ends.append(self._interval(plain, block, mcus))
            except IndexError:
                raise Unsuitable("a scan is cut short") from None
            block += mcus
        scan = self._scan
        if scan.first:
            self._needs.saw(scan.ac[0], self._symbols)
            met = reduce(or_, self._blocks)
            self._needs.met(scan.members[0], np.array([met >> place & 1 for place in range(BLOCK)]))
        for place in scan.members:
            self._needs.met(place, np.ones(1, np.uint8))
        return ends

    def _interval(self, plain: bytes, block: int, mcus: int) -> int:
        units = self._scan.units(self._frame)
        if not self._scan.first and self._scan.high:
            return mcus * len(units)
        window = windows(plain)
        if not self._scan.first:
            advances = [expand(_table(self._scan.dc[i]), False, MOST_BITS + 4).advance.take(window).tobytes() for i in units]
            return _leap(advances, 0, mcus * len(units), 8 * len(plain))[1]
        bits = memoryview(window.data)
        run = self._refine if self._scan.high else self._first
        end, reached = run(bits, block, block + mcus)
        if reached != block + mcus:
            raise Unsuitable("a run of blocks goes beyond its scan")
        return end

    def _codes(self) -> tuple[bytes, bytes]:
        symbols, length = expand_symbols(_table(self._scan.ac[0]))
        return symbols.tobytes(), length.tobytes()

    def _first(self, bits: memoryview, block: int, stop: int) -> tuple[int, int]:
        """The first scan of some AC coefficients (G.1.2.2): position after it, and the block after the last one."""
        symbols, lengths = self._codes()
        first, last, seen, blocks = self._scan.first, self._scan.last, self._symbols, self._blocks
        position = 0
        while block < stop:
            k, found, run = first, blocks[block], 1
            while k <= last:
                shown = bits[position]
                symbol, length = symbols[shown], lengths[shown]
                if not length:
                    raise Unsuitable("a scan holds bits that are no code")
                seen[symbol] = 1
                zeros, size = symbol >> 4, symbol & 15
                position += length + size
                if not size and zeros < 15:
                    run = (1 << zeros) + (bits[position] >> (WIDTH - zeros))
                    position += zeros
                    break
                k += zeros
                if k > last:
                    raise Unsuitable("a coefficient lies outside its scan")
                if size:
                    found |= 1 << k
                k += 1
            blocks[block] = found
            block += run
        return position, block

    def _refine(self, bits: memoryview, block: int, stop: int) -> tuple[int, int]:
        """A refining scan of some AC coefficients (G.1.2.3), where each known one takes a bit of its own."""
        symbols, lengths = self._codes()
        first, last, seen, blocks, corrections = (
            self._scan.first,
            self._scan.last,
            self._symbols,
            self._blocks,
            self._corrections,
        )
        band = (1 << (last + 1)) - 1
        position = 0
        while block < stop:
            k, known, found, run = first, blocks[block], 0, 1
            while k <= last:
                shown = bits[position]
                symbol, length = symbols[shown], lengths[shown]
                if not length:
                    raise Unsuitable("a scan holds bits that are no code")
                seen[symbol] = 1
                zeros, size = symbol >> 4, symbol & 15
                position += length + size
                if not size and zeros < 15:
                    run = (1 << zeros) + (bits[position] >> (WIDTH - zeros))
                    position += zeros + ((known & band) >> k).bit_count()
                    break
                while k <= last and (zeros or known >> k & 1):
                    if known >> k & 1:
                        position += 1
                    else:
                        zeros -= 1
                    k += 1
                if size:
                    if k > last or size > 1:
                        raise Unsuitable("a coefficient lies outside its scan")
                    found |= 1 << k
                k += 1
            blocks[block] = known | found
            position += corrections[min(block + run, len(blocks))] - corrections[block + 1]
            block += run
        return position, block
