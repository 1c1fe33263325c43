"""Small raster files with a canary in each of some carriers, in pieces, so that mutations can move them about."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import carriers
import numpy as np
import tifffile
from fuzz_canaries import Canaries, png_chunks
from PIL import Image, ImageFilter

ROWS, EDITED_COLUMNS, COLUMNS = 48, 80, 72
"""In rasters of EDITED_COLUMNS the catalogue of the benchmark redacts a box."""
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
XMP = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">%s</x:xmpmeta><?xpacket end="w"?>'


@dataclass
class RasterPieces:
    """One raster file: ``kind`` is its suffix, ``units`` chunks, segments or directory entries; the rest is left together."""

    kind: str
    units: list[bytes]
    head: bytes = b""
    tail: bytes = b""
    changed: list[str] = field(default_factory=list)

    def data(self) -> bytes:
        return self.head + b"".join(self.units) + self.tail


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


def picture(rng: Random) -> np.ndarray:
    noise = np.random.default_rng(rng.randrange(1 << 30))
    shape = (ROWS, rng.choice((COLUMNS, EDITED_COLUMNS)), 3)
    smooth = Image.fromarray(noise.integers(0, 256, shape, np.uint8)).filter(ImageFilter.GaussianBlur(3))
    return np.asarray(smooth)


def _exif(word: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x8298] = f"chest of {word}", word, word
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + word.encode()
    exif.get_ifd(0x8825)[0x001B] = word.encode()
    return exif.tobytes()


def _png(rng: Random) -> RasterPieces:
    samples = picture(rng)
    mode = rng.choice(("L", "RGB", "P", "1", "I;16", "LA", "RGBA"))
    image = Image.fromarray(samples)
    if mode == "P":
        image = image.quantize(40)
    elif mode == "I;16":
        image = Image.fromarray(samples[..., 0].astype(np.uint16) * 211)
    else:
        image = image.convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return RasterPieces("png", png_chunks(buffer.getvalue()), PNG_HEAD)


def _before_data(pieces: RasterPieces, unit: bytes) -> None:
    place = next(index for index, one in enumerate(pieces.units) if one[4:8] == b"IDAT")
    pieces.units.insert(place, unit)


def _unused_colours(pieces: RasterPieces, word: str) -> None:
    """A palette of 256 colours, the last of which spell the canary."""
    for place, unit in enumerate(pieces.units):
        if unit[4:8] == b"PLTE":
            full = unit[8:-4].ljust(768, b"\0")
            pieces.units[place] = chunk(b"PLTE", full[: 768 - len(word)] + word.encode())


def _unused_alpha(pieces: RasterPieces, word: str) -> None:
    if any(unit[4:8] == b"PLTE" for unit in pieces.units):
        _before_data(pieces, chunk(b"tRNS", b"\xff" * 200 + word.encode()))


def _behind_samples(pieces: RasterPieces, word: str) -> None:
    place = next(index for index, one in enumerate(pieces.units) if one[4:8] == b"IDAT")
    pieces.units[place] = chunk(b"IDAT", pieces.units[place][8:-4] + word.encode())


def _more_rows(pieces: RasterPieces, word: str) -> None:
    place = next(index for index, one in enumerate(pieces.units) if one[4:8] == b"IDAT")
    plain = zlib.decompress(pieces.units[place][8:-4])
    pieces.units[place] = chunk(b"IDAT", zlib.compress(plain + word.encode()))


Plant = Callable[[RasterPieces, str], None]


def _png_chunk(name: bytes, content: Callable[[str], bytes]) -> Plant:
    return lambda pieces, word: _before_data(pieces, chunk(name, content(word)))


def _behind(pieces: RasterPieces, word: str) -> None:
    pieces.tail += word.encode()


PNG: dict[str, Plant] = {
    "png tEXt": _png_chunk(b"tEXt", lambda word: b"Comment\0" + word.encode()),
    "png zTXt": _png_chunk(b"zTXt", lambda word: b"Comment\0\0" + zlib.compress(b"for " + word.encode())),
    "png iTXt": _png_chunk(b"iTXt", lambda word: b"XML:com.adobe.xmp\0\0\0\0\0" + XMP % word.encode()),
    "png eXIf": _png_chunk(b"eXIf", lambda word: _exif(word)[6:]),
    "png iCCP": _png_chunk(b"iCCP", lambda word: word.encode() + b"\0\0" + zlib.compress(b"acsp" + word.encode())),
    "png sPLT": _png_chunk(b"sPLT", lambda word: word.encode() + b"\0\x08"),
    "png unknown chunk": _png_chunk(b"prVt", lambda word: word.encode()),
    "png critical chunk": _png_chunk(b"PRVT", lambda word: word.encode()),
    "png unused colours": _unused_colours,
    "png unused alpha": _unused_alpha,
    "png behind the deflated samples": _behind_samples,
    "png more rows": _more_rows,
    "png after IEND": _behind,
    "png chunk after IEND": lambda pieces, word: pieces.units.append(chunk(b"tEXt", b"Comment\0" + word.encode())),
}


def segments_of(data: bytes) -> list[bytes]:
    """Marker segments up to the first scan, and all the rest."""
    position, found = 2, [data[:2]]
    while data[position + 1] != 0xDA:
        end = position + carriers.length(data, position)
        found.append(data[position:end])
        position = end
    return [*found, data[position:]]


def _jpeg(rng: Random) -> RasterPieces:
    samples = picture(rng)
    image = Image.fromarray(samples if rng.random() < 0.5 else samples[..., 0].copy())
    options: dict[str, object] = rng.choice(
        ({}, {"progressive": True}, {"restart_marker_blocks": 5}, {"optimize": True, "qtables": [[17 + i for i in range(64)]]})
    )
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85, **options)
    return RasterPieces("jpg", segments_of(buffer.getvalue()))


def _in_codestream(carrier: carriers.Carrier) -> Plant:
    def plant(pieces: RasterPieces, word: str) -> None:
        try:
            pieces.units = segments_of(carrier.plant(pieces.data(), word.encode()))
        except (IndexError, ValueError, struct.error):
            return

    return plant


def _jpeg_segment(marker: int, content: Callable[[str], bytes]) -> Plant:
    return lambda pieces, word: pieces.units.insert(1, carriers.segment(marker, content(word)))


JPEG: dict[str, Plant] = {
    **{f"jpg {one.name}": _in_codestream(one) for one in (*carriers.DCT, *carriers.RESTARTED) if one.room >= 12},
    "jpg Exif": _jpeg_segment(0xE1, _exif),
    "jpg XMP": _jpeg_segment(0xE1, lambda word: b"http://ns.adobe.com/xap/1.0/\0" + XMP % word.encode()),
    "jpg IPTC": _jpeg_segment(
        0xED, lambda word: b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x12\x1c\x02\x78\0" + bytes([len(word)]) + word.encode()
    ),
}


TIFF_TAGS = {
    "tif ImageDescription": (270, "s"),
    "tif Make": (271, "s"),
    "tif Software": (305, "s"),
    "tif DateTime": (306, "s"),
    "tif Artist": (315, "s"),
    "tif HostComputer": (316, "s"),
    "tif Copyright": (33432, "s"),
    "tif DocumentName": (269, "s"),
    "tif PageName": (285, "s"),
    "tif XMP": (700, "B"),
    "tif IPTC": (33723, "B"),
    "tif colour profile": (34675, "B"),
    "tif JPEGTables": (347, "B"),
    "tif private tag": (65000, "s"),
    "tif numbers": (65001, "H"),
}


def _tiff(rng: Random, tags: dict[str, str]) -> RasterPieces:
    samples = picture(rng)
    shown = rng.choice((samples, samples[..., 0], (samples[..., 0] * np.uint16(200)).astype(np.uint16)))
    extra = []
    for name, word in tags.items():
        code, kind = TIFF_TAGS[name]
        raw = word.encode() + b"\0" * (len(word) % 2)
        value: object = raw if kind == "B" else np.frombuffer(raw, "<u2").tolist() if kind == "H" else word
        extra.append((code, kind, len(raw) if kind == "B" else len(raw) // 2 if kind == "H" else 0, value, True))
    buffer = io.BytesIO()
    layout = rng.choice(({}, {"tile": (16, 16)}, {"compression": "zlib"}, {"rowsperstrip": 8}, {"compression": "lzw"}))
    with tifffile.TiffWriter(buffer, bigtiff=rng.random() < 0.2, byteorder=rng.choice("<>")) as writer:
        for _ in range(rng.choice((1, 1, 3))):
            writer.write(shown, metadata=None, software=False, extratags=extra, photometric=None, **layout)
    return RasterPieces("tif", [buffer.getvalue()])


def _other(rng: Random, canaries: Canaries, number: int) -> RasterPieces:
    """Kinds that no plugin reads: they are held back, and nothing of them is told."""
    kind = rng.choice(("GIF", "BMP", "WEBP", "PPM"))
    word = canaries.word(f"{kind.lower()} comment", number)
    buffer = io.BytesIO()
    options = {"comment": word.encode()} if kind == "GIF" else {"exif": _exif(word)} if kind == "WEBP" else {}
    Image.fromarray(picture(rng)).save(buffer, kind, **options)
    return RasterPieces(kind.lower(), [buffer.getvalue()], tail=word.encode())


def make(canaries: Canaries, number: int, rng: Random) -> RasterPieces:
    """File ``number``, planted and not yet mutated."""
    kind = rng.choice(("png", "png", "jpg", "jpg", "tif", "tif", "other"))
    if kind == "other":
        return _other(rng, canaries, number)
    if kind == "tif":
        names = rng.sample(sorted(TIFF_TAGS), rng.choice((1, 2, 4)))
        pieces = _tiff(rng, {name: canaries.word(name, number) for name in names})
        if rng.random() < 0.3:
            _behind(pieces, canaries.word("tif behind the file", number))
        return pieces
    pieces, plants = (_png(rng), PNG) if kind == "png" else (_jpeg(rng), JPEG)
    for name in rng.sample(sorted(plants), rng.choice((1, 1, 2, 3))):
        plants[name](pieces, canaries.word(name, number))
    return pieces
