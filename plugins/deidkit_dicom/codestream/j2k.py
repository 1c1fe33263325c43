"""JPEG 2000 codestreams with nothing in them that their samples do not need (ITU-T T.800 annexes A and B, T.814 for HTJ2K)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from struct import unpack_from

from deidkit.errors import UnreadableFile
from deidkit.jpeg.huffman import Unsuitable
from deidkit.jpeg.segments import Info, is_padding, is_signature
from deidkit_dicom.codestream.j2k_packets import HIGH_THROUGHPUT, Box, Coding, Order, Precinct, follow_packets, precincts_of

SOC, SOT, SOD, EOC = b"\xff\x4f", b"\xff\x90", b"\xff\x93", b"\xff\xd9"
SIZ, CAP, COD, COC, TLM, QCD, QCC, RGN, COM = 0x51, 0x50, 0x52, 0x53, 0x55, 0x5C, 0x5D, 0x5E, 0x64
MISLEADING = frozenset((0x5F, 0x60, 0x61, *range(0x72, 0x7A)))
"""POC, PPM, PPT, and the segments of part 2: with them packets or samples are others than without."""

SOC_SIZ = SOC + bytes([0xFF, SIZ])
MOST_WRAPPER = 1 << 20
"""Bytes that boxes of a JP2 wrapper may take before the codestream."""

PALETTES = (b"pclr", b"cmap", b"cdef")
MOST_LEVELS = 32
MOST_BLOCKS = 1 << 18
USUAL_TILE = 4096
PLAIN, CAPABLE = (0, 1, 2), 0x4000
"""Values of Rsiz: no profile, and the two of part 1; the bit that says that there is a CAP segment."""

HIGH_THROUGHPUT_PART = b"\0\2\0\0"
"""Pcap of HTJ2K: part 15 alone."""

NORMS = (
    (1.0, 1.965, 4.177, 8.403, 16.90, 33.84, 67.69, 135.3, 270.6, 540.9),
    (0.0, 2.022, 3.989, 8.355, 17.04, 34.27, 68.63, 137.3, 274.6, 549.0),
    (0.0, 2.022, 3.989, 8.355, 17.04, 34.27, 68.63, 137.3, 274.6, 549.0),
    (0.0, 2.080, 3.865, 8.307, 17.18, 34.71, 69.59, 139.3, 278.6, 557.2),
)
"""L2 norms of the basis of the irreversible wavelet: LL, HL, LH and HH by level."""

ALIKE = 0.02
Segment = tuple[int, bytes]
"""Marker and what follows its length."""


def start_of(data: bytes) -> int:
    """Where the codestream begins, behind the boxes of a JP2 wrapper if there are any.

    Raises:
        UnreadableFile: nowhere.
    """
    if data.startswith(SOC_SIZ):
        return 0
    start = data.find(SOC_SIZ, 0, MOST_WRAPPER) if data[4:8] == b"jP  " else -1
    if start < 0:
        raise UnreadableFile("codestream-malformed", "a compressed frame does not begin as its transfer syntax says")
    return start


def j2k_info(data: bytes) -> Info:
    """Sizes from the SIZ segment (A.5.1).

    Raises:
        UnreadableFile: there is none.
    """
    start = start_of(data)
    if len(data) < start + 45:
        raise UnreadableFile("codestream-truncated", "a compressed frame is cut short")
    width, height, left, top = (int.from_bytes(data[start + 8 + 4 * i : start + 12 + 4 * i], "big") for i in range(4))
    components = int.from_bytes(data[start + 40 : start + 42], "big")
    precision = (data[start + 42] & 0x7F) + 1
    return Info(height - top, width - left, components, precision, 0x51)


def is_reversible(data: bytes) -> bool:
    """Whether the COD segment names the reversible 5-3 wavelet (A.6.1)."""
    position = data.find(b"\xff\x52", start_of(data))
    return position >= 0 and len(data) > position + 13 and data[position + 13] == 1


def component_transform(data: bytes) -> bool:
    """Whether the COD segment asks for the multiple component transform (A.6.1)."""
    position = data.find(b"\xff\x52", start_of(data))
    return position >= 0 and len(data) > position + 8 and data[position + 8] == 1


@dataclass(frozen=True, slots=True)
class Grid:
    """The SIZ segment: image and tile sizes on the reference grid, where both begin at 0, and the number of components."""

    columns: int
    rows: int
    tile: tuple[int, int]
    components: int

    @property
    def index_bytes(self) -> int:
        """Bytes of the number of a component."""
        return 1 if self.components < 257 else 2

    @property
    def across(self) -> int:
        """Tiles in a row."""
        return -(-self.columns // self.tile[0])

    @property
    def tiles(self) -> int:
        return self.across * -(-self.rows // self.tile[1])

    def bounds(self, index: int) -> Box:
        """Of one tile (B.3)."""
        row, column = divmod(index, self.across)
        left, top = column * self.tile[0], row * self.tile[1]
        return left, top, min(left + self.tile[0], self.columns), min(top + self.tile[1], self.rows)


@dataclass(frozen=True, slots=True)
class Main:
    """A main header. ``codings`` and ``quantisers`` (Sqcd and its steps) are those of the components."""

    segments: list[Segment] = field(repr=False)
    grid: Grid
    order: Order
    codings: tuple[Coding, ...]
    quantisers: tuple[bytes, ...] = field(repr=False)

    @property
    def is_high_throughput(self) -> bool:
        return any(coding.style & HIGH_THROUGHPUT for coding in self.codings)


@dataclass(slots=True)
class Part:
    """A tile-part: its SOT segment, what is kept of its header, and its packets."""

    tile: int
    sot: bytes = field(repr=False)
    header: bytes = field(repr=False)
    packets: bytes = field(repr=False)

    def encoded(self) -> bytes:
        whole = self.header + SOD + self.packets
        length = (len(self.sot) + len(whole)).to_bytes(4, "big") if any(self.sot[6:10]) else self.sot[6:10]
        return self.sot[:6] + length + self.sot[10:] + whole


@dataclass(frozen=True, slots=True)
class Codestream:
    """A codestream taken apart. ``precincts`` belong to tiles by their number."""

    main: Main
    parts: list[Part] = field(repr=False)
    precincts: dict[int, list[Precinct]] = field(repr=False)

    def encoded(self) -> bytes:
        """The codestream again, with no segment that decoding does not need."""
        parts = [part.encoded() for part in self.parts]
        lengths = iter(_tile_lengths(self, list(map(len, parts))))
        header = b"".join(next(lengths) if marker == TLM else _kept(self, marker, body) for marker, body in self.main.segments)
        return SOC + header + b"".join(parts) + EOC


def bare_j2k(data: bytes) -> bytes:
    """The codestream without wrapper and without what its samples do not need; the same object when there is nothing like that.

    Raises:
        Unsuitable: it cannot be shown that every byte is needed.
        UnreadableFile: no codestream.
    """
    bare = read_codestream(data).encoded()
    return data if data.startswith(bare) and is_padding(data[len(bare) :]) else bare


def read_codestream(data: bytes) -> Codestream:
    """Takes a codestream apart and follows it to the end of its last packet; what comes after that is left out.

    Raises:
        Unsuitable: of a kind that is not followed, or in contradiction with itself.
        UnreadableFile: no codestream.
    """
    start = start_of(data)
    if any(box in data[:start] for box in PALETTES):
        raise Unsuitable("boxes of the wrapper that change the samples")
    segments, position = _segments(data, start + len(SOC), SOT)
    main = _main(segments)
    stream = Codestream(main, list(_parts(data, position, main)), {})
    for tile in range(main.grid.tiles):
        _follow(stream, tile)
    return stream


def _segments(data: bytes, position: int, until: bytes) -> tuple[list[Segment], int]:
    """Marker segments up to the marker ``until``, and where that is."""
    found: list[Segment] = []
    while data[position : position + 2] != until:
        if position + 4 > len(data) or data[position] != 0xFF:
            raise UnreadableFile("codestream-malformed", "a JPEG 2000 header is not made of marker segments")
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        found.append((data[position + 1], data[position + 4 : end]))
        position = end
    return found, position


def _main(segments: list[Segment]) -> Main:
    markers = [marker for marker, _ in segments]
    if markers[:1] != [SIZ] or any(markers.count(once) != 1 for once in (SIZ, COD, QCD)) or MISLEADING & set(markers):
        raise Unsuitable("a main header that is not followed")
    grid = _grid(segments[0][1])
    coding, quantiser = segments[markers.index(COD)][1], segments[markers.index(QCD)][1]
    if len(coding) < 10 or coding[0] > 7:
        raise Unsuitable("coding parameters that make no sense")
    order = Order(coding[1], int.from_bytes(coding[2:4], "big"), bool(coding[0] & 2), bool(coding[0] & 4))
    whole, own = _coding(coding[:1] + coding[5:]), {p: _coding(body) for p, body in _by_component(segments, COC, grid)}
    codings = tuple(own.get(place, whole) for place in range(grid.components))
    steps = dict(_by_component(segments, QCC, grid))
    quantisers = tuple(_steps(steps.get(place, quantiser), codings[place].levels) for place in range(grid.components))
    main = Main(segments, grid, order, codings, quantisers)
    if sum(grid.columns * grid.rows >> coding.width + coding.height for coding in codings) > MOST_BLOCKS:
        raise Unsuitable("more code-blocks than encoders make")
    if main.is_high_throughput and [body[:4] for marker, body in segments if marker == CAP] != [HIGH_THROUGHPUT_PART]:
        raise Unsuitable("capabilities that are not known")
    return main


def _grid(body: bytes) -> Grid:
    """The SIZ segment (A.5.1) of an image whose components have samples at every point of the grid."""
    if len(body) < 39:
        raise Unsuitable("an image size that makes no sense")
    columns, rows, left, top, width, height, first, above, components = unpack_from(">8LH", body, 2)
    sampling = body[36 : 36 + 3 * components]
    if len(sampling) != 3 * components or set(sampling[1::3] + sampling[2::3]) != {1}:
        raise Unsuitable("components that are sampled more coarsely than others")
    # Offsets on the grid are numbers of 32 bits that change next to nothing.
    if left or top or first or above or not (columns and rows and width and height):
        raise Unsuitable("an image that does not begin where its grid does")
    return Grid(columns, rows, (width, height), components)


def _coding(body: bytes) -> Coding:
    """Scod or Scoc, then SPcod (A.6.1)."""
    if len(body) < 6 or body[5] > 1 or body[1] > MOST_LEVELS or body[2] + body[3] > 8 or body[4] > 0x7F:
        raise Unsuitable("coding parameters that make no sense")
    levels = body[1]
    sizes = body[6 : 7 + levels] if body[0] & 1 else bytes([0xFF]) * (levels + 1)
    if len(sizes) != levels + 1:
        raise Unsuitable("coding parameters that make no sense")
    precincts = tuple((size & 15, size >> 4) for size in sizes)
    return Coding(levels, body[2] + 2, body[3] + 2, body[4], body[5] == 1, precincts)


def _steps(body: bytes, levels: int) -> bytes:
    """Sqcd or Sqcc and as many steps as there are subbands (A.6.4)."""
    size, count = {0: (1, 3 * levels + 1), 1: (2, 1), 2: (2, 3 * levels + 1)}.get(body[0] & 31 if body else 3, (0, 0))
    if not size or len(body) < 1 + size * count:
        raise Unsuitable("steps of subbands that make no sense")
    return body[: 1 + size * count]


def _by_component(segments: Sequence[Segment], wanted: int, grid: Grid) -> list[tuple[int, bytes]]:
    """Component and rest of the body of each COC or QCC segment."""
    wide = grid.index_bytes
    found = [(int.from_bytes(body[:wide], "big"), body[wide:]) for marker, body in segments if marker == wanted]
    if len({place for place, _ in found}) != len(found):
        raise Unsuitable("a component that has parameters twice")
    return [(place, body) for place, body in found if place < grid.components]


def _parts(data: bytes, position: int, main: Main) -> Iterator[Part]:
    """Tile-parts with all bytes that they claim."""
    seen: dict[int, int] = {}
    while data.startswith(SOT, position):
        sot = data[position : position + 12]
        if len(sot) < 12:
            raise Unsuitable("a tile-part is cut short")
        tile, length = int.from_bytes(sot[4:6], "big"), int.from_bytes(sot[6:10], "big")
        number = seen.get(tile, 0)
        if sot[2:4] != b"\0\x0a" or tile >= main.grid.tiles or sot[10] != number:
            raise Unsuitable("tile-parts that make no sense")
        seen[tile] = number + 1
        header, body = _segments(data, position + len(sot), SOD)
        end = position + length
        if not length or not body + len(SOD) <= end <= len(data):
            end = data.rfind(EOC)
            end = end if end >= body + len(SOD) else len(data)
        kept = b"".join(_kept_of_tile(main, marker, content) for marker, content in header)
        yield Part(tile, sot, kept, data[body + len(SOD) : end])
        position = end
    if len(seen) != main.grid.tiles:
        raise Unsuitable("tiles are missing")


def _kept_of_tile(main: Main, marker: int, body: bytes) -> bytes:
    """What is left of one segment in the header of a tile-part. It may say again what the main header says."""
    wide = main.grid.index_bytes
    place, rest = int.from_bytes(body[:wide], "big"), body[wide:]
    again = marker in (COD, QCD, RGN) and (marker, body) in main.segments
    if place < main.grid.components and marker in (COC, QCC):
        again = _coding(rest) == main.codings[place] if marker == COC else rest == main.quantisers[place]
        again = again and body == _kept_coding(main, marker, body)
    if marker in (COD, COC, QCD, QCC, RGN, *MISLEADING) and not again:
        raise Unsuitable("a tile that is coded in its own way")
    return _encoded(marker, body) if again or (marker == COM and _is_signature(body)) else b""


def _follow(stream: Codestream, tile: int) -> None:
    """Follows the packets of one tile, and cuts its tile-parts where they end."""
    parts = [part for part in stream.parts if part.tile == tile]
    for part in parts:
        if part.sot[11] > len(parts):
            part.sot = part.sot[:11] + bytes([len(parts)])
    joined = b"".join(part.packets for part in parts)
    precincts = precincts_of(stream.main.grid.bounds(tile), stream.main.codings, len(joined))
    ends = follow_packets(joined, precincts, stream.main.codings, stream.main.order)
    last, begin = ends[-1] if ends else 0, 0
    for part in parts:
        end = begin + len(part.packets)
        if end < last and end not in ends:
            raise Unsuitable("a packet that goes on in the next tile-part")
        part.packets = joined[begin : min(end, last)]
        begin = end
    stream.precincts[tile] = precincts


def _encoded(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def _kept(stream: Codestream, marker: int, body: bytes) -> bytes:
    """What is left of one segment of the main header."""
    main, wide = stream.main, stream.main.grid.index_bytes
    place = int.from_bytes(body[:wide], "big")
    if marker == SIZ:
        return _encoded(SIZ, _size(main, body))
    if marker == QCD:
        others = {place for place, _ in _by_component(main.segments, QCC, main.grid)}
        return _encoded(QCD, _quantiser(stream, [c for c in range(main.grid.components) if c not in others], body))
    if marker == QCC and place < main.grid.components:
        return _encoded(QCC, body[:wide] + _quantiser(stream, [place], body[wide:]))
    if marker == RGN and place < main.grid.components and any(body[wide + 1 : wide + 2]):
        return _encoded(RGN, body[:wide] + b"\0" + body[wide + 1 : wide + 2])
    if marker == COM and _is_signature(body):
        return _encoded(COM, body)
    if marker == CAP and main.is_high_throughput:
        return _encoded(CAP, body[:6])
    return _encoded(marker, kept) if (kept := _kept_coding(main, marker, body)) else b""


def _tile_lengths(stream: Codestream, lengths: Sequence[int]) -> list[bytes]:
    """The TLM segments (A.7.1) with the tiles and lengths of the tile-parts as they are; none where they tell of others."""
    bodies = [body for marker, body in stream.main.segments if marker == TLM]
    left = list(zip((part.tile for part in stream.parts), lengths, strict=True))
    made: list[bytes] = []
    for body in bodies:
        wide, long = (body[1] >> 4 & 3, 4 if body[1] & 0x40 else 2) if len(body) > 1 else (3, 4)
        count, rest = divmod(len(body) - 2, wide + long)
        here, left = left[:count], left[count:]
        if wide == 3 or rest or any((wide and tile >> 8 * wide) or length >> 8 * long for tile, length in here):
            return [b""] * len(bodies)
        entries = b"".join((tile if wide else 0).to_bytes(wide, "big") + length.to_bytes(long, "big") for tile, length in here)
        made.append(_encoded(TLM, bytes([len(made), body[1] & 0x70]) + entries))
    return made if not left and sum(map(len, made)) == sum(len(body) + 4 for body in bodies) else [b""] * len(bodies)


def _kept_coding(main: Main, marker: int, body: bytes) -> bytes:
    """The COD segment, and a COC segment of a component that exists, without what comes after their last field."""
    wide = main.grid.index_bytes
    if marker == COD:
        return body[: 10 + (body[5] + 1) * (body[0] & 1)]
    if marker == COC and int.from_bytes(body[:wide], "big") < main.grid.components:
        return body[: wide + 6 + (body[wide + 1] + 1) * (body[wide] & 1)]
    return body if marker == QCC else b""


def _is_signature(body: bytes) -> bool:
    return body[:2] in (b"\0\0", b"\0\1") and is_signature(body[2:])


def _size(main: Main, body: bytes) -> bytes:
    """The SIZ segment with a plain profile, and with a tile larger than the image only if it is of a size in use."""
    profile = int.from_bytes(body[:2], "big") & ~CAPABLE
    told = (profile if profile in PLAIN else 0) | CAPABLE * main.is_high_throughput
    sizes = [
        whole if size > max(whole, USUAL_TILE) and size & (size - 1) else size
        for whole, size in zip((main.grid.columns, main.grid.rows), main.grid.tile, strict=True)
    ]
    new = told.to_bytes(2, "big") + body[2:18] + b"".join(size.to_bytes(4, "big") for size in sizes) + body[26:]
    return new[: 36 + 3 * main.grid.components]


def _quantiser(stream: Codestream, components: Sequence[int], body: bytes) -> bytes:
    """Sqcd or Sqcc and its steps. Where no code-block of these components uses one, it is the one before."""
    longest = max(components or range(stream.main.grid.components), key=lambda place: stream.main.codings[place].levels)
    levels = stream.main.codings[longest].levels
    told = _steps(body, levels)
    if told[0] & 31 == 0:
        return told[:1] + bytes(step & 0xF8 for step in told[1:])
    steps = [told[at : at + 2] for at in range(1, len(told), 2)]
    if len(steps) == 1 or _is_scaled(steps, levels):
        return told
    used = _used_bands(stream, components)
    for band in range(1, len(steps)):
        if band not in used:
            steps[band] = steps[band - 1]
    return told[:1] + b"".join(steps)


def _is_scaled(steps: Sequence[bytes], levels: int) -> bool:
    """Whether all steps follow from one by the norms of the wavelet, as encoders choose them: then none tells anything."""
    if levels >= len(NORMS[0]):
        return False
    wholes = []
    for band, step in enumerate(steps):
        norm = NORMS[0][levels] if not band else NORMS[(band - 1) % 3 + 1][levels - (band - 1) // 3]
        exponent, mantissa = step[0] >> 3, (step[0] & 7) << 8 | step[1]
        wholes.append((1 + mantissa / 2048) * 2.0**-exponent * norm)
    return max(wholes) - min(wholes) < ALIKE * wholes[0]


def _used_bands(stream: Codestream, components: Sequence[int]) -> set[int]:
    """The subbands, LL first, in which some code-block of these components has a coding pass."""
    return {
        3 * max(precinct.resolution - 1, 0) + band.orientation
        for precincts in stream.precincts.values()
        for precinct in precincts
        if precinct.component in components
        for band in precinct.bands
        if any(block.passes for block in band.blocks)
    }
