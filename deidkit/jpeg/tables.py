"""Quantisation and Huffman tables of JPEG streams (ITU-T T.81 B.2.4): what a segment defines, and what of a table is used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import groupby
from math import inf

from deidkit.jpeg.huffman import Table, Unsuitable

DQT, DHT = 0xDB, 0xC4
BLOCK = 64
LARGEST_STEP = 255

_QUANTISERS = (
    bytes.fromhex(
        "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
        "383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
    ),
    bytes.fromhex("1112121815182f1a1a2f63423842") + b"\x63" * 50,
)
"""Tables K.1 and K.2, in zigzag order."""

_DC = "000102030405060708090a0b"
_AC_LUMINANCE = (
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445"
    "464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6"
    "b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
)
_AC_CHROMINANCE = (
    "0001020311040521310612415107617113223281081442"
    "91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a73"
    "7475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9"
    "dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
)
_HUFFMAN = (
    ("00010501010101010100000000000000", _DC),
    ("00030101010101010101010000000000", _DC),
    ("0002010303020403050504040000017d", _AC_LUMINANCE),
    ("00020102040403040705040400010277", _AC_CHROMINANCE),
)
"""Tables K.3 to K.6: counts and symbols."""

STANDARD = frozenset(Table(bytes.fromhex(counts), bytes.fromhex(symbols)) for counts, symbols in _HUFFMAN)
"""The Huffman tables that encoders use when they make none of their own: whatever of them a frame uses, they tell nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One table of a DQT or DHT segment, ``body`` from its first byte; equal only to itself."""

    marker: int
    body: bytes = field(repr=False)

    @property
    def number(self) -> int:
        """Destination of a quantiser; class (times 16) and destination of a Huffman table."""
        return self.body[0] & 15 if self.marker == DQT else self.body[0]

    @property
    def steps(self) -> tuple[int, ...]:
        """The 64 steps of a quantiser in zigzag order."""
        width = 1 + (self.body[0] >> 4)
        return tuple(int.from_bytes(self.body[i : i + width], "big") for i in range(1, 1 + BLOCK * width, width))

    @property
    def table(self) -> Table:
        return Table(self.body[1:17], self.body[17:])

    @property
    def is_standard(self) -> bool:
        """Whether it is one of annex K; quantisers may be a multiple of theirs, rounded in any way."""
        return self.table in STANDARD if self.marker == DHT else any(_is_multiple(self.steps, base) for base in _QUANTISERS)


def definitions(marker: int, payload: bytes) -> list[Definition]:
    """The tables of one segment.

    Raises:
        Unsuitable: the last one is cut short.
    """
    found: list[Definition] = []
    while payload:
        size = 1 + BLOCK * (1 + (payload[0] >> 4)) if marker == DQT else 17 + sum(payload[1:17])
        if len(payload) < size or (marker == DHT and size > 17 + 256) or (marker == DQT and payload[0] > 0x1F):
            raise Unsuitable("a segment of tables is damaged")
        found.append(Definition(marker, payload[:size]))
        payload = payload[size:]
    return found


def _is_multiple(steps: tuple[int, ...], base: bytes) -> bool:
    """Whether one factor leads from ``base`` to all ``steps`` but for rounding and the ends of the range."""
    least = max((step - 1) / unit if step > 1 else 0.0 for step, unit in zip(steps, base, strict=True))
    most = min((step + 1) / unit if step < LARGEST_STEP else inf for step, unit in zip(steps, base, strict=True))
    return least < most


def limited_huffman(definition: Definition, used: Collection[int]) -> Definition:
    """The table with every code of ``used`` as it was: no codes behind the last one of these, a filler for the others.

    Raises:
        Unsuitable: a symbol has two codes, or there are no fillers left.
    """
    entries = definition.table.entries()
    if len({symbol for symbol, _, _ in entries}) != len(entries):
        raise Unsuitable("a Huffman table names a symbol twice")
    last = max((place for place, (symbol, _, _) in enumerate(entries) if symbol in used), default=-1)
    first = 17 if definition.number >> 4 == 0 else 256
    fillers = (symbol for symbol in range(first) if symbol not in used)
    kept: list[tuple[int, int]] = []
    for symbol, _, length in entries[: last + 1]:
        chosen = symbol if symbol in used else next(fillers, None)
        if chosen is None:
            raise Unsuitable("a Huffman table names more symbols than there are")
        kept.append((length, chosen))
    counts = {length: len(list(group)) for length, group in groupby(kept, key=lambda pair: pair[0])}
    body = bytes(counts.get(length, 0) for length in range(1, 17)) + bytes(symbol for _, symbol in kept)
    return Definition(DHT, definition.body[:1] + body)


def limited_quantiser(definition: Definition, used: Collection[int]) -> Definition:
    """The quantiser with each step outside ``used`` (places in zigzag order) replaced by the one before it."""
    width = 1 + (definition.body[0] >> 4)
    body = definition.body[:1]
    for place in range(BLOCK):
        body += definition.body[1 + width * place : 1 + width * (place + 1)] if place in used or not place else body[-width:]
    return Definition(DQT, body)
