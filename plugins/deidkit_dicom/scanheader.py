"""The headers of a baseline JPEG frame with one interleaved scan (ITU-T T.81 B.2), and where its entropy-coded bytes are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deidkit.jpegstream import SOF, SOS, Segment, segments
from deidkit_dicom.huffman import Table, Unsuitable

DQT, DHT, DRI, DNL = 0xDB, 0xC4, 0xDD, 0xDC
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


@dataclass(frozen=True, slots=True)
class Component:
    """``across`` and ``down`` are blocks in one MCU, ``step`` the quantiser step of the DC coefficient."""

    identifier: int
    across: int
    down: int
    step: int
    dc: int
    ac: int


@dataclass(frozen=True, slots=True)
class ScanHeader:
    """Sizes in pixels; ``tables`` by class (0 DC, 1 AC) and number; ``start`` and ``end`` of the entropy-coded bytes."""

    rows: int
    columns: int
    components: tuple[Component, ...]
    tables: dict[tuple[int, int], Table]
    interval: int
    sos: int
    start: int
    end: int

    @property
    def mcu(self) -> tuple[int, int]:
        """(width, height) of one MCU in pixels."""
        return 8 * max(c.across for c in self.components), 8 * max(c.down for c in self.components)

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of MCUs."""
        width, height = self.mcu
        return -(-self.rows // height), -(-self.columns // width)

    @property
    def reach(self) -> tuple[int, int]:
        """How many pixels (across, down) chroma interpolation reaches over an edge."""
        return _reach([c.across for c in self.components]), _reach([c.down for c in self.components])


def _reach(sizes: list[int]) -> int:
    """Pixels in one sample of the most subsampled component; 0 when none is subsampled."""
    return -(-max(sizes) // min(sizes)) if max(sizes) > min(sizes) else 0


def read_scan_header(data: bytes) -> ScanHeader:
    """Reads it.

    Raises:
        Unsuitable: progressive, arithmetic, 12-bit, several scans, or anything else that is not baseline.
        UnreadableFile: not a JPEG stream.
    """
    found: dict[int, list[Segment]] = {}
    for segment in segments(data):
        found.setdefault(segment.marker, []).append(segment)
    frames = [segment for marker in SOF for segment in found.get(marker, ())]
    scans = found.get(SOS, [])
    if len(frames) != 1 or frames[0].marker not in (0xC0, 0xC1) or len(scans) != 1 or DNL in found:
        raise Unsuitable("not one sequential Huffman scan")

    def payloads(marker: int) -> list[bytes]:
        return [data[s.payload : s.end] for s in found.get(marker, ()) if s.start < scans[0].start]

    frame = data[frames[0].payload : frames[0].end]
    if frame[0] != 8:
        raise Unsuitable("not 8 bits")
    steps = {number: step for payload in payloads(DQT) for number, step in _dc_steps(payload).items()}
    tables = {key: table for payload in payloads(DHT) for key, table in _tables(payload).items()}
    interval = int.from_bytes((payloads(DRI) or [b"\0\0"])[-1][:2], "big")
    return _assembled(data, frame, scans[0], steps, tables, interval)


def _assembled(
    data: bytes, frame: bytes, scan: Segment, steps: dict[int, int], tables: dict[tuple[int, int], Table], interval: int
) -> ScanHeader:
    length = int.from_bytes(data[scan.start + 2 : scan.start + 4], "big")
    fields = data[scan.payload : scan.start + 2 + length]
    count = fields[0]
    if count != frame[5] or fields[1 + 2 * count : 4 + 2 * count] != b"\x00\x3f\x00":
        raise Unsuitable("the scan does not hold every component in full")
    chosen = {fields[1 + 2 * i]: fields[2 + 2 * i] for i in range(count)}
    components = []
    for i in range(count):
        identifier, sampling, quantiser = frame[6 + 3 * i : 9 + 3 * i]
        table = chosen.get(identifier, 0xFF)
        if quantiser not in steps or (0, table >> 4) not in tables or (1, table & 15) not in tables:
            raise Unsuitable("a table is missing")
        across, down = (sampling >> 4, sampling & 15) if count > 1 else (1, 1)
        if not (1 <= across <= 4 and 1 <= down <= 4):
            raise Unsuitable("impossible sampling factors")
        components.append(Component(identifier, across, down, steps[quantiser], table >> 4, table & 15))
    rows, columns = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    return ScanHeader(rows, columns, tuple(components), tables, interval, scan.start, scan.start + 2 + length, scan.end)


def _dc_steps(payload: bytes) -> dict[int, int]:
    """Quantiser number -> step of the DC coefficient."""
    found: dict[int, int] = {}
    while payload:
        wide, number = payload[0] >> 4, payload[0] & 15
        found[number] = int.from_bytes(payload[1 : 2 + wide], "big") or 1
        payload = payload[1 + 64 * (1 + wide) :]
    return found


def _tables(payload: bytes) -> dict[tuple[int, int], Table]:
    found: dict[tuple[int, int], Table] = {}
    while len(payload) >= 17:
        counts = payload[1:17]
        total = sum(counts)
        found[payload[0] >> 4, payload[0] & 15] = Table(counts, payload[17 : 17 + total])
        payload = payload[17 + total :]
    return found


def restart_intervals(data: bytes, header: ScanHeader) -> list[tuple[int, int]]:
    """(start, end) of the bytes of each restart interval, markers left out.

    Raises:
        Unsuitable: not as many as the header says.
    """
    rows, columns = header.grid
    expected = -(-rows * columns // header.interval) if header.interval else 1
    marks = [match.start() for match in _RESTART.finditer(data, header.start, header.end)]
    starts = [header.start, *(mark + 2 for mark in marks)]
    if len(starts) != expected:
        raise Unsuitable("restart markers are missing")
    return list(zip(starts, [*marks, header.end], strict=True))
