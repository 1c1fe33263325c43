"""Huffman-coded JPEG streams with nothing in them that their samples do not need (ITU-T T.81 B).

Entropy-coded bytes stay bit for bit, and so does every code and every step that they use. What goes: comments, application data
but for the colour markers, tables that no scan uses or that another one replaces first, codes and steps of tables that no block
uses (tables of annex K tell nothing and stay whole), restart intervals, bytes and bits after the last MCU, fill bytes, and each
segment that is no part of the process.
"""

from __future__ import annotations

from itertools import pairwise

from deidkit.jpeg.frame import DRI, LOSSLESS, Scan, Stream, read_stream
from deidkit.jpeg.huffman import Unsuitable
from deidkit.jpeg.scan import Needs, follow
from deidkit.jpeg.segments import (
    ADOBE,
    COM,
    EOI,
    SOF,
    SOI,
    SOS,
    Segment,
    colour_marker,
    is_padding,
    is_signature,
    made_segment,
    plain_identifiers,
)
from deidkit.jpeg.tables import DHT, DQT, Definition, limited_huffman, limited_quantiser

LARGEST_DIFFERENCE = 16
"""Symbol of the largest difference in tables of lossless processes and of DC coefficients; none of these is a letter."""


def bare_jpeg(data: bytes, *, signatures: bool = True) -> bytes:
    """The stream without what its samples do not need; the same object when there is nothing of that kind.

    Args:
        data: one sequential, progressive or lossless frame with Huffman codes.
        signatures: known comments that encoders sign their work with may stay, and the density of a JFIF marker.

    Raises:
        Unsuitable: another kind of JPEG, or one that cannot be followed to its end.
        UnreadableFile: not a JPEG stream, or cut short.
    """
    stream = read_stream(data)
    needs = follow(data, stream.frame, stream.scans.values(), census=any(not table.is_standard for table in stream.used))
    bare = _Writer(data, stream, needs, signatures).stream()
    return data if data.startswith(bare) and is_padding(data[len(bare) :]) else bare


class _Writer:
    """Makes the segments of the new stream from those of the old one, in their order."""

    def __init__(self, data: bytes, stream: Stream, needs: Needs, signatures: bool) -> None:
        self._data, self._stream, self._needs, self._signatures = data, stream, needs, signatures
        self._frame = stream.frame
        self._order = {place: index for index, place in enumerate(stream.scans)}
        self._used = stream.used
        self._restarts = self._restart_segments()
        self._identifiers = plain_identifiers(tuple(component.identifier for component in self._frame.components))

    def stream(self) -> bytes:
        return b"".join(self._piece(place, segment) for place, segment in enumerate(self._stream.segments))

    def _piece(self, place: int, segment: Segment) -> bytes:
        marker, payload = segment.marker, self._data[segment.payload : segment.end]
        if marker in (SOI, EOI):
            return bytes([0xFF, marker])
        if marker == SOS:
            index = self._order[place]
            return self._scan_header(self._stream.scans[place]) + self._needs.entropy[index]
        if marker in SOF:
            return self._frame_header(payload)
        if marker in (DQT, DHT):
            return self._tables(place, marker)
        if marker == DRI:
            return self._restarts.get(place, b"")
        if marker == COM and self._signatures and is_signature(payload):
            return made_segment(COM, payload)
        if marker == ADOBE and payload[11:12] > b"\2":
            raise Unsuitable("a colour transform that nobody knows")
        return colour_marker(marker, payload, self._signatures) if place < min(self._order) else b""

    def _frame_header(self, payload: bytes) -> bytes:
        fields = payload[:6]
        for identifier, component in zip(self._identifiers, self._frame.components, strict=True):
            quantiser = 0 if self._frame.process == LOSSLESS else component.quantiser
            fields += bytes([identifier, component.across << 4 | component.down, quantiser])
        return made_segment(self._frame.process, fields)

    def _scan_header(self, scan: Scan) -> bytes:
        fields = bytes([len(scan.members)])
        for place, dc, ac in zip(scan.members, scan.dc, scan.ac, strict=True):
            selectors = (dc.number & 15 if dc else 0) << 4 | (ac.number & 15 if ac else 0)
            fields += bytes([self._identifiers[place], selectors])
        return made_segment(SOS, fields + bytes([scan.first, scan.last, scan.high << 4 | scan.low]))

    def _restart_segments(self) -> dict[int, bytes]:
        """The DRI segments that change something, by their place."""
        found: dict[int, bytes] = {}
        places = [place for place, segment in enumerate(self._stream.segments) if segment.marker == DRI]
        current = 0
        for place, following in pairwise([*places, len(self._stream.segments)]):
            governed = [scan for scan in self._stream.scans if place < scan < following]
            restarted = [self._stream.scans[scan].interval for scan in governed if self._needs.restarted[self._order[scan]]]
            wanted = restarted[0] if restarted else 0
            if governed and wanted != current:
                found[place], current = made_segment(DRI, wanted.to_bytes(2, "big")), wanted
        return found

    def _tables(self, place: int, marker: int) -> bytes:
        kept = [self._limited(table).body for table in self._stream.defined[place] if table in self._used]
        return made_segment(marker, b"".join(kept)) if kept else b""

    def _limited(self, table: Definition) -> Definition:
        """A table without what none of its scans uses."""
        if table.is_standard:
            return table
        if table.marker == DQT:
            places = [self._needs.places[place] for place, own in self._stream.quantisers.items() if own is table]
            return limited_quantiser(table, set().union(*places))
        if table in self._needs.symbols:
            return limited_huffman(table, self._needs.symbols[table])
        symbols = table.table.symbols
        if len(set(symbols)) < len(symbols) or max(symbols) > LARGEST_DIFFERENCE:
            raise Unsuitable("a Huffman table that makes no sense")
        return table
