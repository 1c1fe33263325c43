"""The headers of a baseline JPEG frame with one interleaved scan (ITU-T T.81 B.2), as blanking in the DCT domain needs them."""

from __future__ import annotations

from dataclasses import dataclass

from deidkit.jpeg.frame import SEQUENTIAL, Scan, read_stream
from deidkit.jpeg.huffman import Table, Unsuitable


@dataclass(frozen=True, slots=True)
class Component:
    """``across`` and ``down`` are blocks in one MCU, ``step`` the quantiser step of the DC coefficient."""

    across: int
    down: int
    step: int
    dc: int
    ac: int


@dataclass(frozen=True, slots=True)
class ScanHeader:
    """Sizes in pixels; components in the order of the scan; ``tables`` by class (0 DC, 1 AC) and number.

    ``sos`` is where the segment of the scan begins.
    """

    rows: int
    columns: int
    components: tuple[Component, ...]
    tables: dict[tuple[int, int], Table]
    scan: Scan
    sos: int

    @property
    def start(self) -> int:
        """Where the entropy-coded bytes begin."""
        return self.scan.start

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
    stream = read_stream(data)
    frame, scans = stream.frame, list(stream.scans.items())
    if frame.process not in SEQUENTIAL or frame.precision != 8 or len(scans) != 1:
        raise Unsuitable("not one sequential scan of 8 bits")
    place, scan = scans[0]
    if len(scan.members) != len(frame.components):
        raise Unsuitable("the scan does not hold every component")
    components: list[Component] = []
    tables: dict[tuple[int, int], Table] = {}
    for index, member in enumerate(scan.members):
        whole, dc, ac = frame.components[member], scan.dc[index], scan.ac[index]
        if dc is None or ac is None:
            raise Unsuitable("a table is missing")
        across, down = (whole.across, whole.down) if len(scan.members) > 1 else (1, 1)
        step = stream.quantisers[member].steps[0] or 1
        components.append(Component(across, down, step, dc.number & 15, ac.number & 15))
        tables |= {(0, dc.number & 15): dc.table, (1, ac.number & 15): ac.table}
    return ScanHeader(frame.rows, frame.columns, tuple(components), tables, scan, stream.segments[place].start)
