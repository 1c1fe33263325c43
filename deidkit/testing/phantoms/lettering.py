"""Text drawn into arrays of any dtype with the font that Pillow carries, so that no system font is needed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from deidkit.image import Array, Box

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

INK = 24


@lru_cache(maxsize=32)
def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)  # type: ignore[return-value]


@lru_cache(maxsize=512)
def stencil(text: str, size: int) -> Array:
    """Coverage of the text's ink, uint8 (rows, columns), cropped to the ink; ``size`` is the font size in pixels."""
    from PIL import Image, ImageDraw

    font = _font(size)
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), text, fill=255, font=font)
    mask = np.asarray(image)
    rows, columns = np.nonzero(mask > INK)
    return mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def draw(frame: Array, text: str, corner: tuple[int, int], size: int, value: Any, *, right: bool = False) -> Box:
    """Blends ``text`` into ``frame`` in place and returns the box of its ink.

    Args:
        corner: (x, y) of the ink's top left corner, of its top right one with ``right``.
        value: stored value of full ink, a number or one per sample.
    """
    mask = stencil(text, size)
    x, y = corner[0] - (mask.shape[1] if right else 0), corner[1]
    rows, columns = mask.shape
    if x < 0 or y < 0 or y + rows > frame.shape[0] or x + columns > frame.shape[1]:
        raise ValueError("the text does not fit into the frame")
    target = frame[y : y + rows, x : x + columns]
    weight = mask.astype(np.float32) / 255
    weight = np.where(mask > INK, weight, 0)
    if frame.ndim == 3:
        weight = weight[..., None]
    mixed = target * (1 - weight) + np.asarray(value, np.float32) * weight
    target[...] = np.rint(mixed).astype(frame.dtype)
    return (x, y, x + columns, y + rows)
