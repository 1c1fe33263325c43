"""What PNG and TIFF files hide from whoever just looks at them, shown in a view: palettes, depth, low bits, opacity."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from deidkit.image import Frame
from deidkit.limits import Limits
from deidkit_raster.format import RasterFormat
from deidkit_raster.options import RasterOptions

ROWS, COLUMNS = 128, 256
BOX = (20, 30, 240, 60)
FORMAT = RasterFormat(RasterOptions())


def letters() -> np.ndarray:
    ink = np.zeros((ROWS, COLUMNS), np.uint8)
    cv2.putText(ink, "ROTHMANN 771", (BOX[0], BOX[3] - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    return ink > 127


def opened(image: Image.Image, path: Path, **options: object) -> Frame:
    image.save(path, **options)
    return FORMAT.open(path, Limits()).frame(0)


def shows(frame: Frame) -> list[str]:
    """Views in which the letters are as far from their ground as on a good print."""
    ink = letters()
    ground = cv2.dilate(ink.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    ground &= ~(cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    found = []
    for name in frame.views:
        view = frame.view(name)
        planes = [view] if view.ndim == 2 else list(view.transpose(2, 0, 1))
        if any(abs(float(np.median(plane[ink])) - float(np.median(plane[ground]))) >= 60 for plane in planes):
            found.append(name)
    return found


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("apart", [0, 1], ids=["equal", "one level apart"])
def test_entries_of_a_palette_that_look_alike(apart: int, suffix: str, tmp_path: Path) -> None:
    indices = np.random.default_rng(1).integers(2, 40, (ROWS, COLUMNS)).astype(np.uint8)
    indices[:80] = letters()[:80]
    palette = np.repeat(np.arange(256)[:, None] * 5 % 256, 3, axis=1)
    palette[0], palette[1] = 90, 90 + apart
    image = Image.fromarray(indices, "P")
    image.putpalette(palette.astype(np.uint8).reshape(-1).tolist())
    frame = opened(image, tmp_path / f"a.{suffix}")
    assert "default" not in shows(frame)
    assert shows(frame)


def deep(kind: str) -> np.ndarray:
    """16-bit grey with a ramp of all values below, and letters that stand a little out of a flat ground above."""
    ramp = np.linspace(0, 65535, COLUMNS)[None, :].repeat(ROWS, 0)
    made = ramp.copy()
    made[:80] = 30000
    made[:80][letters()[:80]] += {"1.5 % in the middle": 983, "one level": 1, "lowest bit": 1}[kind]
    if kind == "one level":
        made[80:] = 30000
        made[-1, 0], made[-1, -1] = 0, 65535
    return made.astype(np.uint16)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("kind", ["1.5 % in the middle", "one level", "lowest bit"])
def test_faint_letters_in_deep_grey(kind: str, suffix: str, tmp_path: Path) -> None:
    frame = opened(Image.fromarray(deep(kind)), tmp_path / f"a.{suffix}")
    assert "default" not in shows(frame)
    assert shows(frame), frame.views


def test_letters_in_the_lowest_bit_over_a_picture(tmp_path: Path) -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(2).normal(0, 1, (ROWS, COLUMNS)), (0, 0), 2)
    picture = np.clip(30000 + 20000 * noise / np.abs(noise).max(), 0, 65535).astype(np.uint16)
    made = picture & ~np.uint16(1) | letters().astype(np.uint16)
    frame = opened(Image.fromarray(made), tmp_path / "a.png")
    assert shows(frame) == ["bit0"]


def test_letters_of_one_level_of_one_colour(tmp_path: Path) -> None:
    made = np.full((ROWS, COLUMNS, 3), 120, np.uint8)
    made[..., 2][letters()] = 121
    assert shows(opened(Image.fromarray(made), tmp_path / "a.png")) == ["letters"]


def test_letters_of_one_level_of_opacity(tmp_path: Path) -> None:
    made = np.full((ROWS, COLUMNS, 4), 255, np.uint8)
    made[..., :3] = 90
    made[..., 3][letters()] = 254
    made[-1, -1, 3] = 0
    assert shows(opened(Image.fromarray(made), tmp_path / "a.png"))


def test_a_picture_that_hides_nothing_has_one_view(tmp_path: Path) -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(2).normal(0, 1, (ROWS, COLUMNS)), (0, 0), 2)
    grey = np.clip(128 + 127 * noise / np.abs(noise).max(), 0, 255).astype(np.uint8)
    assert opened(Image.fromarray(grey), tmp_path / "a.png").views == ("default",)
    assert opened(Image.fromarray(np.stack([grey] * 3, -1)), tmp_path / "b.png").views == ("default",)
