"""The headers of a Huffman-coded JPEG stream with the tables that each scan uses (ITU-T T.81 B.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from deidkit.jpeg.huffman import Unsuitable
from deidkit.jpeg.segments import EOI, SOF, SOI, SOS, Segment, segments
from deidkit.jpeg.tables import BLOCK, DHT, DQT, Definition, definitions

SEQUENTIAL, PROGRESSIVE, LOSSLESS = (0xC0, 0xC1), 0xC2, 0xC3
DRI, DHP, EXP = 0xDD, 0xDE, 0xDF
SAID_LAST = (0, BLOCK - 1)
"""What encoders write as the last coefficient of a sequential scan. It has all of them whatever this says."""

MOST_LOW = 13
MOST_BLOCKS = 10
"""Data units of one MCU (B.2.3)."""


@dataclass(frozen=True, slots=True)
class Component:
    """``across`` and ``down`` are sampling factors, ``quantiser`` is the number of its table."""

    identifier: int
    across: int
    down: int
    quantiser: int


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """Sizes in pixels; ``process`` is the SOF marker."""

    process: int
    precision: int
    rows: int
    columns: int
    components: tuple[Component, ...]

    @property
    def unit(self) -> int:
        """Rows and columns of a data unit: one sample, or a block of 8 by 8."""
        return 1 if self.process == LOSSLESS else 8

    @property
    def mcu(self) -> tuple[int, int]:
        """(width, height) in pixels of an MCU of all components."""
        return self.unit * max(c.across for c in self.components), self.unit * max(c.down for c in self.components)

    def grid(self, members: Sequence[int]) -> tuple[int, int]:
        """(rows, columns) of MCUs in a scan of the components at these places (A.2)."""
        width, height = self.mcu
        if len(members) > 1:
            return -(-self.rows // height), -(-self.columns // width)
        only = self.components[members[0]]
        rows = -(-self.rows * only.down * self.unit // height)
        columns = -(-self.columns * only.across * self.unit // width)
        return -(-rows // self.unit), -(-columns // self.unit)


@dataclass(frozen=True, slots=True)
class Scan:
    """``members`` are places of components in the frame, ``dc`` and ``ac`` their tables, None where the scan uses none.

    ``first``, ``last``, ``high`` and ``low`` as in B.2.3. The entropy-coded bytes lie from ``start`` to ``end``.
    """

    members: tuple[int, ...]
    dc: tuple[Definition | None, ...]
    ac: tuple[Definition | None, ...]
    first: int
    last: int
    high: int
    low: int
    interval: int
    start: int
    end: int

    def units(self, frame: FrameHeader) -> list[int]:
        """For each data unit of one MCU, which of ``members`` it belongs to."""
        if len(self.members) == 1:
            return [0]
        sizes = (frame.components[place].across * frame.components[place].down for place in self.members)
        return [index for index, size in enumerate(sizes) for _ in range(size)]

    @property
    def tables(self) -> set[Definition]:
        return {table for table in (*self.dc, *self.ac) if table is not None}


@dataclass(frozen=True, slots=True)
class Stream:
    """``scans`` by the place of their segment, ``defined`` the tables of each DQT and DHT segment by its place.

    ``quantisers`` are those of the components; components of a lossless frame have none.
    """

    segments: tuple[Segment, ...]
    frame: FrameHeader
    scans: dict[int, Scan]
    defined: dict[int, list[Definition]] = field(repr=False)
    quantisers: dict[int, Definition] = field(repr=False)

    @property
    def used(self) -> set[Definition]:
        """The tables that some scan uses."""
        return {table for scan in self.scans.values() for table in scan.tables} | set(self.quantisers.values())


def read_stream(data: bytes) -> Stream:
    """Takes a stream apart.

    Raises:
        Unsuitable: not one sequential, progressive or lossless frame with Huffman codes, or headers that contradict each other.
        UnreadableFile: not a JPEG stream, or cut short.
    """
    found = segments(data)
    frames = [segment for segment in found if segment.marker in SOF]
    markers = [segment.marker for segment in found]
    if len(frames) != 1 or markers[0] != SOI or markers.count(SOI) + markers.count(EOI) != 2 or {DHP, EXP} & set(markers):
        raise Unsuitable("not one frame")
    frame = _frame(frames[0].marker, data[frames[0].payload : frames[0].end])
    stream = Stream(tuple(found), frame, {}, {}, {})
    in_force: dict[tuple[int, int], Definition] = {}
    interval = 0
    for place, segment in enumerate(found):
        payload = data[segment.payload : segment.end]
        if segment.marker in (DQT, DHT):
            stream.defined[place] = definitions(segment.marker, payload)
            in_force.update({(segment.marker, table.number): table for table in stream.defined[place]})
        elif segment.marker == DRI:
            interval = int.from_bytes(payload[:2], "big")
        elif segment.marker == SOS:
            stream.scans[place] = scan = _scan(data, segment, frame, in_force, interval)
            _quantise(stream.quantisers, frame, scan, in_force)
    return stream


def _frame(process: int, payload: bytes) -> FrameHeader:
    if process not in (*SEQUENTIAL, PROGRESSIVE, LOSSLESS) or len(payload) < 6 or len(payload) < 6 + 3 * payload[5]:
        raise Unsuitable("not a process that is followed")
    fields = [payload[6 + 3 * i : 9 + 3 * i] for i in range(payload[5])]
    components = tuple(Component(name, sampling >> 4, sampling & 15, table) for name, sampling, table in fields)
    rows, columns = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    sampled = all(1 <= factor <= 4 for c in components for factor in (c.across, c.down))
    if not (rows and columns and sampled and 1 <= len({c.identifier for c in components}) == len(components) <= 4):
        raise Unsuitable("a frame header that makes no sense")
    return FrameHeader(process, payload[0], rows, columns, components)


def _scan(
    data: bytes, segment: Segment, frame: FrameHeader, in_force: dict[tuple[int, int], Definition], interval: int
) -> Scan:
    start = segment.start + 2 + int.from_bytes(data[segment.start + 2 : segment.start + 4], "big")
    fields = data[segment.payload : start]
    count = fields[0] if fields else 0
    places = {component.identifier: place for place, component in enumerate(frame.components)}
    if len(fields) < 4 + 2 * count or not 1 <= len({*fields[1 : 1 + 2 * count : 2]} & {*places}) == count:
        raise Unsuitable("a scan header that makes no sense")
    first, last, approximation = fields[1 + 2 * count : 4 + 2 * count]
    high, low = approximation >> 4, approximation & 15
    if frame.process in SEQUENTIAL:
        first, last, high, low = 0, last if last in SAID_LAST else BLOCK - 1, 0, 0
    elif frame.process == LOSSLESS:
        last, high = 0, 0
    dc_used = frame.process != PROGRESSIVE or (not first and not high)
    ac_used = frame.process in SEQUENTIAL or (frame.process == PROGRESSIVE and first > 0)
    selectors = fields[2 : 2 + 2 * count : 2]
    dc = tuple(in_force.get((DHT, selector >> 4)) if dc_used else None for selector in selectors)
    ac = tuple(in_force.get((DHT, 16 + (selector & 15))) if ac_used else None for selector in selectors)
    if (dc_used and None in dc) or (ac_used and None in ac):
        raise Unsuitable("a Huffman table is missing")
    members = tuple(places[name] for name in fields[1 : 1 + 2 * count : 2])
    scan = Scan(members, dc, ac, first, last, high, low, interval, start, segment.end)
    if len(scan.units(frame)) > MOST_BLOCKS or (frame.process == PROGRESSIVE and not _is_band(scan)):
        raise Unsuitable("a scan header that makes no sense")
    return scan


def _is_band(scan: Scan) -> bool:
    """Whether the coefficients and bits of a progressive scan are ones that one scan may hold (G.1.1.1)."""
    if scan.high not in (0, scan.low + 1) or scan.low > MOST_LOW:
        return False
    if not scan.first:
        return not scan.last
    return len(scan.members) == 1 and scan.first <= scan.last < BLOCK


def _quantise(
    quantisers: dict[int, Definition], frame: FrameHeader, scan: Scan, in_force: dict[tuple[int, int], Definition]
) -> None:
    """A component has the quantiser that is in force when its first scan begins."""
    if frame.process == LOSSLESS:
        return
    for place in scan.members:
        definition = in_force.get((DQT, frame.components[place].quantiser))
        if definition is None:
            raise Unsuitable("a quantiser is missing")
        quantisers.setdefault(place, definition)
