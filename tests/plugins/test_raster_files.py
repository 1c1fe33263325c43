"""PNG, JPEG and TIFF: samples stay, metadata goes, damage and bombs are refused before decoding."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom import Dataset

from deidkit.errors import ItemError
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_raster.format import RasterFormat
from deidkit_raster.options import RasterOptions

FORMAT = RasterFormat(RasterOptions())
NAME = "Zwetschgenbaum Xaver"
RNG = np.random.default_rng(11)
BOX = (10, 5, 60, 30)
GREY = RNG.integers(0, 255, (48, 80), np.uint8)
RGB = RNG.integers(0, 255, (48, 80, 3), np.uint8)
DEEP = RNG.integers(0, 65535, (48, 80), np.uint16)
RGBA = RNG.integers(0, 255, (48, 80, 4), np.uint8)
PAGES = [np.stack([GREY, GREY[::-1]]), np.stack([RGB, RGB]), np.stack([DEEP] * 3)]


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = made[0x013B] = NAME
    return made


def save(path: Path, edits: list[Edit]) -> tuple[Path, dict]:
    image = FORMAT.open(path, Limits())
    out = path.with_name(f"out{len(edits)}{FORMAT.suffix(image, edits)}")
    return out, dict(FORMAT.save(image, Dataset(), edits, out))


def reason(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(ItemError) as caught:
        [frame.samples for frame in FORMAT.open(path, limits or Limits()).frames()]
    assert NAME not in str(caught.value)
    return caught.value.code


def png(path: Path, samples: np.ndarray) -> Path:
    info = PngInfo()
    info.add_text("Patient", NAME)
    info.add_itxt("Title", NAME)
    Image.fromarray(samples).save(path, pnginfo=info, exif=exif(), icc_profile=NAME.encode() * 9)
    path.write_bytes(path.read_bytes() + NAME.encode())
    return path


@pytest.mark.parametrize(
    "samples", [GREY, RGB, DEEP, RNG.integers(0, 255, (48, 80, 4), np.uint8)], ids=["grey", "rgb", "16", "rgba"]
)
def test_png(samples: np.ndarray, tmp_path: Path) -> None:
    path = png(tmp_path / "a.png", samples)
    assert FORMAT.open(path, Limits()).carriers == ("comment", "trailing")
    for edits in ([], [Edit(0, (Patch(BOX),), "test")]):
        out, masks = save(path, edits)
        made = np.asarray(Image.open(out))
        assert NAME.encode() not in out.read_bytes()
        assert made.dtype == samples.dtype
        outside = np.ones(samples.shape[:2], bool)
        for x0, y0, x1, y1 in masks.get(0, ()):
            outside[y0:y1, x0:x1] = False
            colours = made[y0:y1, x0:x1, :3] if made.ndim == 3 else made[y0:y1, x0:x1]
            assert colours.max() == 0
        assert np.array_equal(made[outside], samples[outside])


def test_png_of_16_bits_and_colour(tmp_path: Path) -> None:
    import cv2

    samples = RNG.integers(0, 65535, (48, 80, 3), np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), samples[..., ::-1])
    assert np.array_equal(FORMAT.open(tmp_path / "a.png", Limits()).frame(0).samples, samples)
    out, _ = save(tmp_path / "a.png", [])
    assert np.array_equal(cv2.imread(str(out), cv2.IMREAD_UNCHANGED)[..., ::-1], samples)


def test_palettes_stay_palettes(tmp_path: Path) -> None:
    image = Image.fromarray(GREY % 40).convert("P")
    image.putpalette(bytes(np.roll(np.arange(768) % 251, 30).astype(np.uint8)))
    image.save(tmp_path / "a.png", transparency=3)
    frame = FORMAT.open(tmp_path / "a.png", Limits()).frame(0)
    assert np.array_equal(frame.view(), np.asarray(image.convert("RGB")))
    out, _ = save(tmp_path / "a.png", [])
    assert np.array_equal(np.asarray(Image.open(out)), np.asarray(image))
    assert np.array_equal(
        np.asarray(Image.open(out).convert("RGBA")), np.asarray(Image.open(tmp_path / "a.png").convert("RGBA"))
    )


def test_text_that_only_alpha_shows_is_looked_at(tmp_path: Path) -> None:
    samples = np.full((48, 80, 4), 255, np.uint8)
    samples[10:20, 10:60, 3] = 0
    Image.fromarray(samples).save(tmp_path / "a.png")
    frame = FORMAT.open(tmp_path / "a.png", Limits()).frame(0)
    assert np.ptp(frame.view("default")) == 0
    assert np.ptp(frame.view("alpha")) == 255


def jpeg(path: Path, orientation: int = 1, **options: object) -> Path:
    Image.fromarray(RGB).save(path, "JPEG", quality=80, exif=exif(orientation), comment=NAME.encode(), **options)
    path.write_bytes(path.read_bytes() + NAME.encode())
    return path


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"keep_rgb": True}, {"subsampling": 0}], ids=str)
def test_an_unedited_jpeg_is_not_compressed_again(options: dict[str, object], tmp_path: Path) -> None:
    path = jpeg(tmp_path / "a.jpg", **options)
    out, masks = save(path, [])
    assert (out.suffix, masks) == (".jpg", {})
    assert NAME.encode() not in out.read_bytes()
    assert np.array_equal(np.asarray(Image.open(out)), np.asarray(Image.open(path)))
    assert not dict(Image.open(out).getexif())
    assert len(out.read_bytes()) < len(path.read_bytes())


def test_an_edited_jpeg_leaves_as_png(tmp_path: Path) -> None:
    path = jpeg(tmp_path / "a.jpg")
    out, masks = save(path, [Edit(0, (Patch(BOX),), "test")])
    made, was = np.asarray(Image.open(out)), np.asarray(Image.open(path))
    assert (out.suffix, masks) == (".png", {0: (BOX,)})
    outside = np.ones(made.shape[:2], bool)
    outside[BOX[1] : BOX[3], BOX[0] : BOX[2]] = False
    assert np.array_equal(made[outside], was[outside])
    assert made[~outside].max() == 0


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "tif"])
def test_orientation_is_applied(kind: str, orientation: int, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "jpg":
        jpeg(path, orientation)
    else:
        Image.fromarray(RGB).save(path, exif=exif(orientation))
    stored = np.asarray(Image.open(path)) if kind == "jpg" else RGB
    turns = {2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1], 5: lambda a: a.swapaxes(0, 1)}
    turns |= {6: lambda a: np.rot90(a, -1), 7: lambda a: a[::-1, ::-1].swapaxes(0, 1), 8: lambda a: np.rot90(a, 1)}
    frame = FORMAT.open(path, Limits()).frame(0)
    assert frame.shape == turns[orientation](stored).shape[:2]
    out, _ = save(path, [])
    assert out.suffix == (".png" if kind == "jpg" else path.suffix)
    assert np.array_equal(np.asarray(Image.open(out)), turns[orientation](stored))
    assert NAME.encode() not in out.read_bytes()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize(
    "samples", [np.stack([GREY, GREY[::-1]]), np.stack([RGB, RGB]), np.stack([DEEP] * 3)], ids=["8", "rgb", "16"]
)
def test_tiff_pages_are_frames(samples: np.ndarray, compression: str | None, tmp_path: Path) -> None:
    photometric = "rgb" if samples.ndim == 4 else "minisblack"
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for page in samples:
            writer.write(page, photometric=photometric, compression=compression, description=NAME, software=NAME, metadata=None)
    path = tmp_path / "a.tif"
    image = FORMAT.open(path, Limits())
    assert image.frame_count == len(samples)
    out, masks = save(path, [Edit(1, (Patch(BOX),), "test")])
    made = tifffile.imread(out)
    changed = samples.copy()
    changed[1, BOX[1] : BOX[3], BOX[0] : BOX[2]] = 0
    assert np.array_equal(made, changed)
    assert masks == {1: (BOX,)}
    assert NAME.encode() not in out.read_bytes()


@pytest.mark.parametrize("deep", [False, True])
def test_white_is_zero(deep: bool, tmp_path: Path) -> None:
    samples = DEEP if deep else GREY
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="miniswhite")
    frame = FORMAT.open(tmp_path / "a.tif", Limits()).frame(0)
    assert np.array_equal(frame.samples, np.iinfo(samples.dtype).max - samples)
    out, _ = save(tmp_path / "a.tif", [])
    assert np.array_equal(tifffile.imread(out), frame.samples)


def test_bombs_and_oddities(tmp_path: Path) -> None:
    header = struct.pack(">LL5B", 60000, 60000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    body = b"".join(struct.pack(">L", len(d)) + n + d + struct.pack(">L", zlib.crc32(n + d)) for n, d in chunks)
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert reason(tmp_path / "bomb.png") == "frame-too-large"  # its pixels, tried, would be damaged ones
    buffer = io.BytesIO()
    Image.fromarray(GREY).save(buffer, "PNG", save_all=True, append_images=[Image.fromarray(GREY[::-1])])
    (tmp_path / "apng.png").write_bytes(buffer.getvalue())
    assert reason(tmp_path / "apng.png") == "animated"
    Image.fromarray(np.dstack([RGB, GREY]), "CMYK").save(tmp_path / "cmyk.jpg")
    assert reason(tmp_path / "cmyk.jpg") == "jpeg-unsupported"
    tifffile.imwrite(tmp_path / "float.tif", DEEP.astype(np.float32))
    assert reason(tmp_path / "float.tif") == "pixel-type-unsupported"
    tifffile.imwrite(tmp_path / "stack.tif", np.stack([DEEP] * 3), imagej=True)
    tifffile.imwrite(tmp_path / "many.tif", np.stack([DEEP] * 9), photometric="minisblack")
    assert reason(tmp_path / "many.tif", Limits(frames=5)) == "frames-out-of-range"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_files_are_refused(share: float, tmp_path: Path) -> None:
    makers = {
        "png": lambda p: Image.fromarray(RGB).save(p),
        "jpg": jpeg,
        "tif": lambda p: tifffile.imwrite(p, RGB, photometric="rgb"),
    }
    for kind, make in makers.items():
        path = tmp_path / f"a.{kind}"
        make(path)
        whole = path.read_bytes().removesuffix(NAME.encode())
        path.write_bytes(whole[: int(len(whole) * share)])
        assert reason(path) in ("file-truncated", "codestream-truncated", "codestream-malformed", "file-malformed")
