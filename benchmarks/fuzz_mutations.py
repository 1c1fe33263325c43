"""Mutations of small files: what damage, careless editors and hostile writers do to them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

from fuzz_canaries import Canaries
from fuzz_dicom import LONG_VRS, Pieces, element
from fuzz_raster import RasterPieces, chunk

from deidkit_dicom.part10 import syntaxes as s

_KNOWN = "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV"
VRS = [*_KNOWN.split(), "ZZ", "\0\0"]
LENGTHS = (0, 1, 2, 0x7F, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
HEADER_BYTES = 1400

Any = Pieces | RasterPieces


def _movable(pieces: Any) -> list[int]:
    """Places of units but quantisers of JPEG: moved, an unused one would become that of the samples, and so a part of them."""
    return [place for place, unit in enumerate(pieces.units) if isinstance(pieces, Pieces) or unit[:2] != b"\xff\xdb"]


def _duplicate(pieces: Any, rng: Random) -> None:
    place = rng.choice(_movable(pieces))
    pieces.units.insert(rng.choice((place, rng.randrange(len(pieces.units) + 1))), pieces.units[place])


def _swap(pieces: Any, rng: Random) -> None:
    a, b = rng.choices(_movable(pieces), k=2)
    pieces.units[a], pieces.units[b] = pieces.units[b], pieces.units[a]


def _drop(pieces: Any, rng: Random) -> None:
    if len(pieces.units) > 1:
        del pieces.units[rng.choice(_movable(pieces))]


def _insert(pieces: Any, rng: Random, word: str) -> None:
    raw = rng.choice((word.encode(), word.encode("utf-16-le"), b"\0" + word.encode()))
    if isinstance(pieces, Pieces):
        tag = rng.choice((0x0010, 0x0018, 0x0020, 0x0028, 0x0029, 0x0040, 0x6000, 0x7FE0, 0xFFFC)) << 16 | rng.randrange(
            1 << 13
        )
        vr = rng.choice([vr for vr in VRS if vr != "SQ"])
        unit = element(tag, vr, raw, pieces)
    elif pieces.kind == "png":
        unit = chunk(bytes(rng.choice(b"abcDEFgh") for _ in range(4)), raw)
    else:
        unit = bytes([0xFF, rng.randrange(0xC0, 0xFF)]) + struct.pack(">H", len(raw) + 2) + raw
    pieces.units.insert(rng.randrange(len(pieces.units) + 1), unit)


def _length(pieces: Any, rng: Random) -> None:
    """The length of one element, chunk or segment says something else."""
    place = rng.randrange(len(pieces.units))
    unit = bytearray(pieces.units[place])
    if len(unit) < 12:
        return
    if isinstance(pieces, Pieces):
        order = "<" if pieces.little else ">"
        wide = pieces.implicit or bytes(unit[4:6]).decode("latin-1") in LONG_VRS
        at, code = (4, "L") if pieces.implicit else (8, "L") if wide else (6, "H")
    else:
        order = ">"
        at, code = (0, "L") if pieces.kind == "png" else (2, "H")
    most = (1 << 8 * struct.calcsize(order + code)) - 1
    told = struct.unpack_from(order + code, unit, at)[0]
    said = rng.choice((told + 2, told - 2, told + 1, told * 2, *LENGTHS)) & most
    struct.pack_into(order + code, unit, at, said)
    pieces.units[place] = bytes(unit)


def _vr(pieces: Any, rng: Random) -> None:
    if not isinstance(pieces, Pieces) or pieces.implicit:
        return
    place = rng.randrange(len(pieces.units))
    unit = pieces.units[place]
    vr = unit[4:6].decode("latin-1")
    alike = [one for one in VRS if (one in LONG_VRS) == (vr in LONG_VRS)]
    chosen = rng.choice(alike if rng.random() < 0.8 else VRS)
    pieces.units[place] = unit[:4] + chosen.encode()[:2].ljust(2, b"\0") + unit[6:]


def _syntax(pieces: Any, rng: Random) -> None:
    if isinstance(pieces, Pieces):
        pieces.lie = rng.choice(sorted(s.SYNTAXES))


def _fragments(pieces: Any, rng: Random) -> None:
    """Fragments of encapsulated pixel data damaged, repeated, exchanged, split, joined or lost."""
    if not isinstance(pieces, Pieces) or not pieces.fragments:
        return
    parts, place = pieces.fragments, rng.randrange(len(pieces.fragments))
    way = rng.randrange(8)
    if way > 4:
        parts[place] = rng.choice((flip, overwrite))(parts[place], rng) if parts[place] else b""
        return
    if way == 0:
        parts.insert(rng.randrange(len(parts) + 1), parts[place])
    elif way == 1:
        parts.reverse()
    elif way == 2:
        cut = len(parts[place]) // 4 * 2
        parts[place : place + 1] = [parts[place][:cut], parts[place][cut:]]
    elif way == 3:
        parts[:] = [b"".join(parts)]
    else:
        del parts[place]
    if rng.random() < 0.5:
        pieces.table = b""


def flip(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        upto = min(len(changed), HEADER_BYTES) if rng.random() < 0.5 else len(changed)
        changed[rng.randrange(upto)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(data: bytes, rng: Random) -> bytes:
    return data[: rng.choice((rng.randrange(len(data)), len(data) - rng.randrange(1, 20)))]


def overwrite(data: bytes, rng: Random) -> bytes:
    """A run of bytes becomes one value, or that of another place."""
    at, count = rng.randrange(len(data)), rng.choice((1, 2, 4, 16, 64))
    source = rng.choice((bytes(count), b"\xff" * count, data[rng.randrange(len(data)) :][:count]))
    return data[:at] + source + data[at + len(source) :]


PIECES: dict[str, Callable[[Any, Random], None]] = {
    "duplicate": _duplicate,
    "swap": _swap,
    "drop": _drop,
    "length": _length,
    "VR": _vr,
    "transfer syntax": _syntax,
    "fragments": _fragments,
}
BYTES: dict[str, Callable[[bytes, Random], bytes]] = {"bit flips": flip, "truncation": truncate, "overwriting": overwrite}
NOTHING, INSERT = "none", "insertion"
NAMES = (NOTHING, *PIECES, INSERT, *BYTES)


def mutated(pieces: Any, canaries: Canaries, number: int, rng: Random) -> bytes:
    """The file's bytes after none, one or two mutations, whose names ``pieces.changed`` holds then."""
    names = rng.choices(NAMES, weights=[3 if name == NOTHING else 1 for name in NAMES], k=rng.choice((1, 1, 1, 2)))
    names = sorted({*names} - {NOTHING}) or [NOTHING]
    pieces.changed = names
    for name in names:
        if name in PIECES:
            PIECES[name](pieces, rng)
        elif name == INSERT:
            _insert(pieces, rng, canaries.word("inserted", number))
    data = pieces.data()
    for name in names:
        if name in BYTES:
            data = BYTES[name](data, rng)
    return data
