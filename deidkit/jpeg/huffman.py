"""Huffman tables of JPEG (ITU-T T.81 annexes C, F and H), expanded so that numpy sees every bit position at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from deidkit.image import Array

WIDTH = 16
EOB, ZRL = 0x00, 0xF0
EOB_STEP, BAD_STEP = 128, 255
"""How far the coefficient counter jumps at an end of block, and at bits that are no code: both tell themselves from 64."""
MOST_BITS = 11
"""Bits of the largest amplitude in a frame of 8 bits (tables F.1 and F.2)."""

MOST_STEP = 32
"""Symbols are taken together only up to this many coefficients, so that a block never ends unnoticed among them."""


class Unsuitable(Exception):
    """An encoded frame that cannot be followed bit by bit. Its samples have to leave another way."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """For each value of the next 16 bits: bits of code and amplitude, coefficients stepped over, symbol, bits of the code."""

    advance: Array = field(repr=False)
    step: Array = field(repr=False)
    symbol: Array = field(repr=False)
    length: Array = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """One table as in a DHT segment: how many codes there are of each length 1 to 16, and their symbols in order."""

    counts: bytes
    symbols: bytes

    def entries(self) -> tuple[tuple[int, int, int], ...]:
        """(symbol, code, length) of every code, shortest first, assigned as in annex C.2.

        Raises:
            Unsuitable: there are more codes than fit, or fewer symbols than codes.
        """
        return _entries(self)

    def codes(self) -> dict[int, tuple[int, int]]:
        """Symbol -> (code, length)."""
        return {symbol: (code, length) for symbol, code, length in self.entries()}

    def bits(self, symbol: int) -> Array | None:
        """The code of ``symbol``, one byte a bit; None when the table has none."""
        return _bits(self, symbol)

    def with_symbol(self, symbol: int) -> Table:
        """The same table, all codes unchanged, with one more symbol of 16 bits out of the space that is left.

        Raises:
            Unsuitable: no space is left; the code of ones alone is never used.
        """
        used = sum(count << (WIDTH - length) for length, count in enumerate(self.counts, 1))
        if used >= (1 << WIDTH) - 1 or self.counts[15] == 255:
            raise Unsuitable("a Huffman table has no space for another code")
        return Table(self.counts[:15] + bytes([self.counts[15] + 1]), self.symbols + bytes([symbol]))


@lru_cache(maxsize=32)
def _entries(table: Table) -> tuple[tuple[int, int, int], ...]:
    found: list[tuple[int, int, int]] = []
    code, place = 0, 0
    for length, count in enumerate(table.counts, 1):
        found += [(symbol, code + i, length) for i, symbol in enumerate(table.symbols[place : place + count])]
        place, code = place + count, code + count
        if code > 1 << length:
            raise Unsuitable("a Huffman table has more codes than fit")
        code <<= 1
    if len(found) != place:
        raise Unsuitable("a Huffman table has fewer symbols than codes")
    return tuple(found)


@lru_cache(maxsize=4096)
def _bits(table: Table, symbol: int) -> Array | None:
    found = table.codes().get(symbol)
    return None if found is None else bit_array(*found)


@lru_cache(maxsize=32)
def expand(table: Table, is_ac: bool, most: int = MOST_BITS) -> Expanded:
    """The look-up arrays of a table of a DCT process, 65,536 entries each.

    Bits that begin no code have ``advance`` 0, and so have codes of amplitudes with more than ``most`` bits.
    """
    advance, length, symbols = (np.zeros(1 << WIDTH, np.uint8) for _ in range(3))
    step = np.full(1 << WIDTH, BAD_STEP, np.uint8)
    for symbol, code, bits in table.entries():
        span = slice(code << (WIDTH - bits), (code + 1) << (WIDTH - bits))
        run, size = (symbol >> 4, symbol & 15) if is_ac else (0, symbol)
        jump = EOB_STEP if symbol == EOB else run + 1
        if size > most or (is_ac and size == 0 and symbol not in (EOB, ZRL)):
            continue
        advance[span], step[span], symbols[span], length[span] = bits + size, jump, symbol, bits
    return Expanded(advance, step, symbols, length)


@lru_cache(maxsize=32)
def expand_symbols(table: Table) -> tuple[Array, Array]:
    """Symbol and bits of the code for each value of the next 16 bits; 0 bits where no code begins."""
    symbols, length = np.zeros(1 << WIDTH, np.uint8), np.zeros(1 << WIDTH, np.uint8)
    for symbol, code, bits in table.entries():
        span = slice(code << (WIDTH - bits), (code + 1) << (WIDTH - bits))
        symbols[span], length[span] = symbol, bits
    return symbols, length


@lru_cache(maxsize=32)
def expand_lossless(table: Table) -> Array:
    """``advance`` alone, for a table of the lossless processes: a difference of 16 bits has no amplitude (H.1.2.2)."""
    advance = np.zeros(1 << WIDTH, np.uint8)
    for symbol, code, bits in table.entries():
        if symbol <= WIDTH:
            advance[code << (WIDTH - bits) : (code + 1) << (WIDTH - bits)] = bits + symbol % WIDTH
    return advance


@lru_cache(maxsize=32)
def expand_together(table: Table, most: int = MOST_BITS) -> Array:
    """``advance`` (low byte) and ``step`` (high byte) of an AC table over all symbols that lie wholly in the 16 bits."""
    single = expand(table, True, most)
    advance, step = single.advance.astype(np.int64), single.step.astype(np.int64)
    window = np.arange(1 << WIDTH, dtype=np.int64)
    open_ = (step < MOST_STEP) & (advance < WIDTH)
    while open_.any():
        following = (window[open_] << advance[open_]) & ((1 << WIDTH) - 1)
        more, jump = single.advance[following].astype(np.int64), single.step[following].astype(np.int64)
        fits = (more > 0) & (advance[open_] + more <= WIDTH)
        places = np.flatnonzero(open_)[fits]
        advance[places] += more[fits]
        step[places] += jump[fits]
        open_[:] = False
        open_[places] = (step[places] < MOST_STEP) & (advance[places] < WIDTH)
    return (advance | step << 8).astype("<u2")


def windows(data: bytes) -> Array:
    """The 16 bits that begin at each bit of ``data``, most significant first; ones follow the end (uint16)."""
    padded = np.frombuffer(data + b"\xff" * 8, np.uint8).astype(np.uint32)
    words = padded[:-2] << 16 | padded[1:-1] << 8 | padded[2:]
    return (words[:, None] >> np.arange(8, 0, -1, dtype=np.uint32)).astype(np.uint16).reshape(-1)


def bit_array(value: int, length: int) -> Array:
    """The lowest ``length`` bits of ``value``, most significant first, one byte each."""
    return np.array([value >> (length - 1 - i) & 1 for i in range(length)], np.uint8)


def destuff(data: bytes) -> bytes:
    """Entropy-coded bytes without the zero that follows each 0xFF."""
    return data.replace(b"\xff\x00", b"\xff")


def stuff(data: bytes) -> bytes:
    return data.replace(b"\xff", b"\xff\x00")
