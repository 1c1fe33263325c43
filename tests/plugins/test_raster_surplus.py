"""Nothing of a raster file leaves but its samples, and what is needed to decode and to show them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import carriers
import numpy as np
import pytest
import tifffile
from carriers import Carrier
from PIL import Image, ImageFilter
from pydicom import Dataset

from deidkit.errors import ItemError
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_raster.format import RasterFormat
from deidkit_raster.options import RasterOptions
from deidkit_raster.surplus import jpeg_surplus, png_surplus, tiff_surplus

FORMAT = RasterFormat(RasterOptions())
LONG, SHORT = b"ZWETSCHGENBAUM XAVER 19440203", b"WQJ"
RNG = np.random.default_rng(11)
BOX = (10, 5, 60, 30)
INDICES = RNG.integers(0, 40, (48, 80), np.uint8)
STEPS = [17 + place for place in range(64)]
COLOURS = np.stack([np.arange(256)] * 3, -1).astype(np.uint8)


def jpeg(**options: object) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(RNG.integers(0, 256, (64, 128), np.uint8)).filter(ImageFilter.GaussianBlur(4))
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


FRAMES = {
    "baseline": (jpeg(qtables=[STEPS], optimize=True), carriers.DCT),
    "restarts": (jpeg(restart_marker_blocks=5), carriers.RESTARTED),
    "progressive": (jpeg(progressive=True), [c for c in carriers.DCT if c.name not in carriers.SEQUENTIAL_ONLY]),
}
PLACES = [pytest.param(kind, carrier, id=f"{kind}-{carrier.name}") for kind in FRAMES for carrier in FRAMES[kind][1]]


def saved(path: Path, edits: list[Edit]) -> Path:
    image = FORMAT.open(path, Limits())
    out = path.with_name(f"{path.stem}-out{len(edits)}{FORMAT.suffix(image, edits)}")
    FORMAT.save(image, Dataset(), edits, out)
    assert FORMAT.open(out, Limits()).surplus(0) == ""
    return out


@pytest.mark.parametrize("text", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize(("kind", "carrier"), PLACES)
def test_text_beside_the_samples_of_a_jpeg_stays_in_the_house(kind: str, carrier: Carrier, text: bytes, tmp_path: Path) -> None:
    frame, _ = FRAMES[kind]
    text = text[: carrier.room]
    (tmp_path / "a.jpg").write_bytes(carrier.plant(frame, text))
    assert carrier.there((tmp_path / "a.jpg").read_bytes(), text)
    for edits in ([], [Edit(0, (Patch(BOX),), "test")]):
        try:
            out = saved(tmp_path / "a.jpg", edits)
        except ItemError:
            assert carrier.name == "DAC"
            continue
        assert not carrier.there(out.read_bytes(), text)
        if not edits:
            assert np.array_equal(np.asarray(Image.open(out)), np.asarray(Image.open(io.BytesIO(frame))))
            assert out.suffix == ".jpg" or carrier.name == "unused codes of a DHT"


def test_a_clean_jpeg_keeps_its_bytes(tmp_path: Path) -> None:
    for name, options in {"a": {}, "b": {"progressive": True}, "c": {"optimize": True}}.items():
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(jpeg(**options))
        assert saved(path, []).read_bytes() == path.read_bytes()


def test_a_jpeg_that_cannot_be_followed_leaves_as_png(tmp_path: Path) -> None:
    data = jpeg(restart_marker_blocks=5).replace(b"\xff\xd2", b"\xff\xff\x00\xff\xd2")
    (tmp_path / "a.jpg").write_bytes(data)
    assert jpeg_surplus(data) == "entropy-coded bytes that cannot be followed"
    out = saved(tmp_path / "a.jpg", [])
    assert out.suffix == ".png"
    assert np.array_equal(np.asarray(Image.open(out)), np.asarray(Image.open(tmp_path / "a.jpg")))


def spelled(first: int) -> np.ndarray:
    """A palette whose entries from ``first`` on spell a name."""
    palette = COLOURS.copy()
    palette.reshape(-1)[3 * first : 3 * first + len(LONG)] = np.frombuffer(LONG, np.uint8)
    return palette


def palette_png(path: Path, transparency: bytes) -> Path:
    image = Image.frombytes("P", (80, 48), INDICES.tobytes())
    image.putpalette(spelled(200).tobytes())
    image.save(path, transparency=transparency)
    return path


def palette_tiff(path: Path, _: bytes) -> Path:
    """All three columns spell it, since the planes of a TIFF palette stand one behind the other; and low bytes do."""
    column = np.arange(256, dtype=np.uint16) * 257
    column[200 : 200 + len(LONG)] = np.frombuffer(LONG, np.uint8).astype(np.uint16) << 8 | np.frombuffer(LONG, np.uint8)
    tifffile.imwrite(path, INDICES, photometric="palette", colormap=np.stack([column] * 3))
    return path


@pytest.mark.parametrize("make", [palette_png, palette_tiff], ids=["png", "tif"])
def test_colours_that_no_sample_has_are_black(make, tmp_path: Path) -> None:
    path = make(tmp_path / f"a.{'png' if make is palette_png else 'tif'}", bytes([9, 200]) + LONG.rjust(254, b"\0"))
    before = Image.open(path)
    for edits in ([], [Edit(0, (Patch(BOX),), "test")]):
        out = saved(path, edits)
        made = Image.open(out)
        data = out.read_bytes()
        assert LONG not in data
        assert LONG[:4] not in data.replace(b"\0", b"")
        palette = np.array(made.getpalette("RGB")).reshape(-1, 3)
        unused = sorted(set(range(len(palette))) - set(np.unique(np.asarray(made)).tolist()))
        assert not palette[unused].any()
        outside = np.ones((48, 80), bool)
        outside[BOX[1] : BOX[3], BOX[0] : BOX[2]] = not edits
        assert np.array_equal(np.asarray(made.convert("RGBA"))[outside], np.asarray(before.convert("RGBA"))[outside])
        if edits:
            assert np.asarray(made.convert("RGB"))[~outside].max() == 0


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_colour_that_only_the_redacted_text_had_goes_with_it(suffix: str, tmp_path: Path) -> None:
    indices = np.full((48, 80), 2, np.uint8)
    indices[10:20:2, 12:50:3] = 5
    image = Image.frombytes("P", (80, 48), indices.tobytes())
    image.putpalette(np.repeat(40 + np.arange(256) % 200, 3).astype(np.uint8).tobytes())
    image.save(tmp_path / f"a.{suffix}", **({"transparency": bytes([255] * 5 + [7])} if suffix == "png" else {}))
    out = saved(tmp_path / f"a.{suffix}", [Edit(0, (Patch(BOX),), "test")])
    made = Image.open(out)
    assert not any(made.getpalette("RGB")[15:18])
    assert FORMAT.open(out, Limits()).surplus(0) == ""
    assert np.asarray(made.convert("RGBA"))[0, 0].tolist() == [42, 42, 42, 255]
    assert np.asarray(made.convert("RGBA"))[15, 30].tolist() == [0, 0, 0, 255]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


def test_surplus_of_a_png(tmp_path: Path) -> None:
    samples = RNG.integers(0, 255, (48, 80), np.uint8)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">LL5B", 80, 48, 8, 0, 0, 0, 0))
    deflated = zlib.compress(b"".join(b"\0" + row.tobytes() for row in samples))
    end = chunk(b"IEND", b"")
    places = {
        "chunk": head + chunk(b"prVt", LONG) + chunk(b"IDAT", deflated) + end,
        "behind IEND": head + chunk(b"IDAT", deflated) + end + LONG,
        "behind the samples": head + chunk(b"IDAT", deflated + LONG) + end,
        "IDAT of its own": head + chunk(b"IDAT", deflated) + chunk(b"IDAT", LONG) + end,
    }
    assert png_surplus(head + chunk(b"IDAT", deflated) + end, samples) == ""
    for name, data in places.items():
        path = tmp_path / f"{name}.png"
        path.write_bytes(data)
        assert png_surplus(data, samples), name
        image = FORMAT.open(path, Limits())
        FORMAT.save(image, Dataset(), [], tmp_path / f"{name}-out.png")
        made = (tmp_path / f"{name}-out.png").read_bytes()
        assert LONG not in made
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(made))), samples)
    palette_png(tmp_path / "p.png", b"")
    assert png_surplus((tmp_path / "p.png").read_bytes(), INDICES) == "colours that no sample has"


def test_surplus_of_a_tiff(tmp_path: Path) -> None:
    samples = RNG.integers(0, 255, (48, 80), np.uint8)
    made = {
        "description": {"description": LONG.decode()},
        "private tag": {"extratags": [(65000, 2, None, LONG.decode(), True)]},
    }
    for name, options in made.items():
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, samples, metadata=None, software=False, **options)
        assert tiff_surplus(path) == "fields that no sample needs", name
        assert LONG not in saved(path, []).read_bytes()
    path = tmp_path / "gap.tif"
    tifffile.imwrite(path, samples, metadata=None, software=False)
    assert tiff_surplus(path) == ""
    path.write_bytes(path.read_bytes() + LONG)
    assert tiff_surplus(path) == "bytes that belong to no page"
    assert LONG not in saved(path, []).read_bytes()


def test_tables_of_a_jpeg_in_a_tiff_are_not_kept(tmp_path: Path) -> None:
    """A JPEGTables field, and a strip with a comment of its own."""
    Image.fromarray(RNG.integers(0, 255, (48, 80, 3), np.uint8)).save(tmp_path / "a.tif", compression="jpeg")
    data = (tmp_path / "a.tif").read_bytes()
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        tag = file.pages[0].tags["JPEGTables"]
        start, size = tag.valueoffset, tag.valuebytecount
    tables = data[start : start + size]
    unused = tables[:-2].replace(b"\xff\xd8", b"\xff\xd8" + carriers.unused_quantiser(LONG), 1) + tables[-2:]
    moved = data + unused
    entry = moved.index(struct.pack("<HHLL", 347, 7, size, start))
    moved = moved[:entry] + struct.pack("<HHLL", 347, 7, len(unused), len(data)) + moved[entry + 12 :]
    (tmp_path / "b.tif").write_bytes(moved)
    before = np.asarray(Image.open(tmp_path / "a.tif").convert("RGB"))
    out = saved(tmp_path / "b.tif", [])
    assert LONG not in out.read_bytes()
    assert np.array_equal(np.asarray(Image.open(out).convert("RGB")), before)
