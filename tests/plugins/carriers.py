"""Codestreams with text in bytes that decoding does not need: one function a place. Decoded samples stay what they are."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from dataclasses import dataclass

Plant = Callable[[bytes, bytes], bytes]


@dataclass(frozen=True)
class Carrier:
    """``plant`` takes a frame and a text and gives a frame; ``room`` is how many bytes of text there is place for.

    ``behind`` are the bytes before a text that is too short to be looked for alone.
    """

    name: str
    plant: Plant
    room: int = 99
    behind: bytes = b""

    def there(self, data: bytes, text: bytes) -> bool:
        """Whether the text can be read from the bytes, in one piece or as the identifiers of three components."""
        return self.behind + text in data or (self.name == "component identifiers" and text in identifiers(data))


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def at(data: bytes, marker: int, start: int = 2) -> int:
    """Position of the first segment of this kind, found by walking over segments."""
    position = start
    while data[position + 1] != marker:
        position += 2 + struct.unpack(">H", data[position + 2 : position + 4])[0]
    return position


def length(data: bytes, position: int) -> int:
    return 2 + struct.unpack(">H", data[position + 2 : position + 4])[0]


def before(marker: int, made: Callable[[bytes], bytes]) -> Plant:
    """Puts what ``made`` makes of the text before the first segment of this kind."""

    def plant(data: bytes, text: bytes) -> bytes:
        place = at(data, marker)
        return data[:place] + made(text) + data[place:]

    return plant


def after_start(made: Callable[[bytes], bytes]) -> Plant:
    return lambda data, text: data[:2] + made(text) + data[2:]


def longer(marker: int) -> Plant:
    """Text behind the last field of a segment, inside its length."""

    def plant(data: bytes, text: bytes) -> bytes:
        place = at(data, marker)
        size = length(data, place)
        payload = data[place + 4 : place + size] + text
        return data[:place] + segment(data[place + 1], payload) + data[place + size :]

    return plant


def replaced(marker: int, offset: int) -> Plant:
    """Text over the bytes of a segment, ``offset`` bytes behind its marker."""

    def plant(data: bytes, text: bytes) -> bytes:
        place = at(data, marker) + offset
        return data[:place] + text + data[place + len(text) :]

    return plant


def filled(text: bytes, size: int) -> bytes:
    """``size`` bytes that begin with the text."""
    return (text + b"\x01" * size)[:size]


def unused_quantiser(text: bytes) -> bytes:
    return segment(0xDB, b"\x03" + filled(text, 64))


def wide_quantiser(text: bytes) -> bytes:
    return segment(0xDB, b"\x13" + filled(text, 128))


def unused_huffman(text: bytes) -> bytes:
    """A table of the highest number, whose symbols are the text."""
    return segment(0xC4, b"\x13" + bytes([0] * 8 + [len(text)] + [0] * 7) + text)


def repeated_quantiser(data: bytes, text: bytes) -> bytes:
    place = at(data, 0xDB)
    return data[:place] + segment(0xDB, data[place + 4 : place + 5] + filled(text, 64)) + data[place:]


def repeated_huffman(data: bytes, text: bytes) -> bytes:
    place = at(data, 0xC4)
    made = data[place + 4 : place + 5] + bytes([0] * 8 + [len(text)] + [0] * 7) + text
    return data[:place] + segment(0xC4, made) + data[place:]


def scan_end(data: bytes) -> int:
    """Where the marker after the first scan is."""
    position = at(data, 0xDA)
    position += length(data, position)
    while data[position] != 0xFF or data[position + 1] == 0 or 0xD0 <= data[position + 1] <= 0xD7:
        position += 1
    return position


def after_scan(data: bytes, text: bytes) -> bytes:
    end = scan_end(data)
    return data[:end] + text + data[end:]


def after_last_scan(data: bytes, text: bytes) -> bytes:
    end = data.rindex(b"\xff\xd9")
    return data[:end] + text + data[end:]


def before_restart(data: bytes, text: bytes) -> bytes:
    place = data.index(b"\xff\xd1", at(data, 0xDA))
    return data[:place] + text + data[place:]


def surplus_restart(data: bytes, text: bytes) -> bytes:
    """One more restart interval than there are."""
    end = scan_end(data)
    last = max(data.rindex(bytes([0xFF, 0xD0 + i]), 0, end) for i in range(8) if bytes([0xFF, 0xD0 + i]) in data[:end])
    return data[:end] + bytes([0xFF, 0xD0 + (data[last + 1] - 0xD0 + 1) % 8]) + text + data[end:]


def unused_steps(data: bytes, text: bytes) -> bytes:
    """The last steps of the first quantiser: those of high frequencies that the picture does not have."""
    place = at(data, 0xDB) + 5 + 64 - len(text)
    return data[:place] + text + data[place + len(text) :]


def unused_codes(data: bytes, text: bytes) -> bytes:
    """Codes of 16 bits behind those of the first AC table, for symbols that no block has."""
    place = at(data, 0xC4)
    while data[place + 4] < 0x10:
        place = at(data, 0xC4, place + length(data, place))
    size = length(data, place)
    payload = bytearray(data[place + 4 : place + size])
    payload[16] += len(text)
    return data[:place] + segment(0xC4, bytes(payload) + text) + data[place + size :]


def identifiers(data: bytes) -> bytes:
    """Of the components of each frame header that is found anywhere."""
    headers = [place for place in range(len(data) - 19) if data[place] == 0xFF and data[place + 1] in (0xC0, 0xC2, 0xC3, 0xF7)]
    return b" ".join(data[place + 10 : place + 19 : 3] for place in headers if data[place + 9] == 3)


def spelled_components(data: bytes, text: bytes) -> bytes:
    """Identifiers of three components, in the frame header and in a scan of all."""
    changed = bytearray(data)
    frame = next(place for place in range(2, len(data)) if data[place] == 0xFF and data[place + 1] in (0xC0, 0xC2, 0xC3, 0xF7))
    scan = at(data, 0xDA)
    for index in range(3):
        changed[frame + 10 + 3 * index] = text[index]
        changed[scan + 5 + 2 * index] = text[index]
    return bytes(changed)


COMMON = (
    Carrier("APP1", after_start(lambda text: segment(0xE1, b"Exif\0\0" + text))),
    Carrier("APP2", after_start(lambda text: segment(0xE2, b"ICC_PROFILE\0\1\1" + text))),
    Carrier("APP13", after_start(lambda text: segment(0xED, b"Photoshop 3.0\0" + text))),
    Carrier("APP15", after_start(lambda text: segment(0xEF, text))),
    Carrier("COM", after_start(lambda text: segment(0xFE, text))),
    Carrier("COM like a signature", after_start(lambda text: segment(0xFE, b"Lavc58.1.1 " + text))),
    Carrier("after EOI", lambda data, text: data + text),
    Carrier("second image after EOI", lambda data, text: data + b"\xff\xd8" + segment(0xFE, text) + b"\xff\xd9"),
)
DCT = (
    *COMMON,
    Carrier("APP0 thumbnail", after_start(lambda text: segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1" + text))),
    Carrier("APP0 density", after_start(lambda text: segment(0xE0, b"JFIF\0\1\1\0" + text[:4] + b"\0\0")), 4),
    Carrier("APP0 extension", after_start(lambda text: segment(0xE0, b"JFXX\0\x10" + text))),
    Carrier("APP14 behind Adobe's", lambda data, text: data[:2] + segment(0xEE, b"Adobe" + text[:6] + b"\1") + data[2:], 6),
    Carrier("unused DQT", before(0xDA, unused_quantiser)),
    Carrier("unused DQT of 16 bits", before(0xDA, wide_quantiser)),
    Carrier("repeated DQT", repeated_quantiser),
    Carrier("unused steps of a DQT", unused_steps, 30),
    Carrier("DQT after the scan", lambda data, text: after_last_scan(data, unused_quantiser(text))),
    Carrier("unused DHT", before(0xDA, unused_huffman)),
    Carrier("repeated DHT", repeated_huffman),
    Carrier("unused codes of a DHT", unused_codes, 3),
    Carrier("DNL", lambda data, text: after_last_scan(data, segment(0xDC, text))),
    Carrier("DAC", before(0xDA, lambda text: segment(0xCC, text))),
    Carrier("DRI without restarts", before(0xDA, lambda text: segment(0xDD, text[:2])), 2, b"\xff\xdd\0\4"),
    Carrier("scan surplus", after_scan),
    Carrier("COM after the scan", lambda data, text: after_last_scan(data, segment(0xFE, text))),
    Carrier("spectral selection", lambda data, text: _selection(data, text), 3),
)
SEQUENTIAL_ONLY = ("unused steps of a DQT", "unused codes of a DHT", "spectral selection")
RESTARTED = (Carrier("before a restart marker", before_restart), Carrier("a restart interval too many", surplus_restart))
COLOUR = (Carrier("component identifiers", spelled_components, 3),)
LOSSLESS = (
    *COMMON,
    Carrier("unused DHT", before(0xDA, unused_huffman)),
    Carrier("DQT", before(0xDA, unused_quantiser)),
    Carrier("repeated DHT", repeated_huffman),
    Carrier("scan surplus", after_scan),
    Carrier("DNL", lambda data, text: after_last_scan(data, segment(0xDC, text))),
)


def _selection(data: bytes, text: bytes) -> bytes:
    place = at(data, 0xDA)
    end = place + length(data, place)
    return data[: end - 3] + text[:3] + data[end:]


JPEG_LS = (
    *COMMON,
    Carrier("APP8 behind a colour transform", after_start(lambda text: segment(0xE8, b"mrfx\0" + text))),
    Carrier("APP8 SPIFF", after_start(lambda text: segment(0xE8, b"SPIFF\0\2\0" + filled(text, 22))), 22),
    Carrier("LSE mapping table", before(0xDA, lambda text: segment(0xF8, b"\2\1\1" + text))),
    Carrier("scan surplus", after_scan),
    Carrier("COM after the scan", lambda data, text: after_last_scan(data, segment(0xFE, text))),
)


def tile(data: bytes) -> int:
    return data.index(b"\xff\x90\x00\x0a")


def before_tile(made: Callable[[bytes], bytes]) -> Plant:
    return lambda data, text: data[: tile(data)] + made(text) + data[tile(data) :]


def in_tile(made: Callable[[bytes], bytes]) -> Plant:
    """A segment in the header of the first tile-part."""

    def plant(data: bytes, text: bytes) -> bytes:
        place = tile(data)
        end = place + 12
        while data[end : end + 2] != b"\xff\x93":
            end += length(data, end)
        return _grown(data, place, len(made(text)))[:end] + made(text) + data[end:]

    return plant


def _grown(data: bytes, place: int, by: int) -> bytes:
    told = struct.unpack(">L", data[place + 6 : place + 10])[0]
    return data[: place + 6] + struct.pack(">L", told + by if told else 0) + data[place + 10 :]


def after_packets(data: bytes, text: bytes) -> bytes:
    """Inside the length of the last tile-part, behind its last packet."""
    place = data.rindex(b"\xff\x90\x00\x0a")
    return _grown(data, place, len(text))[: data.rindex(b"\xff\xd9")] + text + data[data.rindex(b"\xff\xd9") :]


def wrapped(data: bytes, text: bytes) -> bytes:
    """A JP2 file with an XML box."""
    rows, columns, components = data[12:16], data[8:12], data[40:42]
    header = _box(b"ihdr", rows + columns + components + b"\x07\x07\0\0") + _box(b"colr", b"\1\0\0" + struct.pack(">L", 17))
    kind = _box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    return _box(b"jP  ", b"\r\n\x87\n") + kind + _box(b"jp2h", header) + _box(b"xml ", text) + _box(b"jp2c", data)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content) + 8) + kind + content


def profile(data: bytes, text: bytes) -> bytes:
    return data[:6] + text[:2] + data[8:]


def tile_size(data: bytes, text: bytes) -> bytes:
    """The width of the one tile, which may be larger than the image."""
    return data[:24] + text[:4] + data[28:]


def steps_of_subbands(data: bytes, text: bytes) -> bytes:
    """Text behind the steps of a QCD segment."""
    place = at(data, 0x5C)
    end = place + length(data, place)
    return data[:place] + segment(0x5C, data[place + 4 : end] + text) + data[end:]


J2K = (
    Carrier("COM", before_tile(lambda text: segment(0x64, b"\0\1" + text))),
    Carrier("COM like a signature", before_tile(lambda text: segment(0x64, b"\0\1Kakadu-v7 " + text))),
    Carrier("COM in a tile", in_tile(lambda text: segment(0x64, b"\0\1" + text))),
    Carrier("PLM", before_tile(lambda text: segment(0x57, b"\0" + text))),
    Carrier("PLT", in_tile(lambda text: segment(0x58, b"\0" + text))),
    Carrier("TLM", before_tile(lambda text: segment(0x55, b"\0\x60" + filled(text, 12))), 12),
    Carrier("CRG", before_tile(lambda text: segment(0x63, filled(text, 4))), 4),
    Carrier("CAP", before_tile(lambda text: segment(0x50, filled(text, 6))), 6),
    Carrier("PRF", before_tile(lambda text: segment(0x56, filled(text, 4))), 4),
    Carrier("CPF", before_tile(lambda text: segment(0x59, filled(text, 4))), 4),
    Carrier("unknown segment", before_tile(lambda text: segment(0x6F, text))),
    Carrier("QCC of no component", before_tile(lambda text: segment(0x5D, b"\x09" + filled(text, 17))), 17),
    Carrier("longer QCD", steps_of_subbands),
    Carrier("tile-part surplus", after_packets),
    Carrier("before EOC", lambda data, text: after_last_scan(data, text)),
    Carrier("after EOC", lambda data, text: data + text),
    Carrier("JP2 boxes", wrapped),
    Carrier("profile", profile, 2, b"\xff\x51\0\x29"),
    Carrier("tile size", tile_size, 4),
)


def rle_parts(data: bytes) -> tuple[list[int], list[bytes]]:
    count, *offsets = struct.unpack_from("<16L", data)
    bounds = [*offsets[:count], len(data)]
    return offsets, [data[a:b] for a, b in itertools.pairwise(bounds)]


def rle(parts: list[bytes], unused: bytes = b"") -> bytes:
    even = [part + b"\0" * (len(part) % 2) for part in parts]
    starts = [64 + sum(map(len, even[:index])) for index in range(len(even))]
    head = struct.pack(f"<{1 + len(even)}L", len(even), *starts)
    return (head + unused).ljust(64, b"\0") + b"".join(even)


RLE = (
    Carrier("unused offsets", lambda data, text: rle(rle_parts(data)[1], text), 30),
    Carrier("behind a segment", lambda data, text: rle([part + text for part in rle_parts(data)[1]])),
    Carrier("no-op codes", lambda data, text: rle([b"\x80" * len(text) + part for part in rle_parts(data)[1]])),
    Carrier("a gap before the first segment", lambda data, text: _gap(data, text)),
)


def _gap(data: bytes, text: bytes) -> bytes:
    count, *offsets = struct.unpack_from("<16L", data)
    gap = text + b"\0" * (len(text) % 2)
    moved = [offset + len(gap) if index < count else 0 for index, offset in enumerate(offsets)]
    return struct.pack("<16L", count, *moved) + gap + data[64:]
