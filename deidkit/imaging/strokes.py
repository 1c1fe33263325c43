"""Thin bright or dark strokes in a picture, and those that stand in a row as letters do: a cheap hint, not a detector."""

from __future__ import annotations

import numpy as np

from deidkit.image import Array, Box

KERNEL = 11
CONTRAST = 40
GLYPH_HEIGHT = (6, 80)
FEWEST_GLYPHS = 3


def grey(view: Array) -> Array:
    """uint8 luminance ``(rows, columns)`` of a display view."""
    import cv2

    return view if view.ndim == 2 else np.asarray(cv2.cvtColor(np.ascontiguousarray(view), cv2.COLOR_RGB2GRAY))


def strokes(picture: Array) -> Array:
    """uint8 0 or 255 ``(rows, columns)``: where ``picture`` (uint8 grey) has lines of up to 10 pixels that stand out.

    Top-hat and black-hat transform (Serra, Image Analysis and Mathematical Morphology, 1982) with a square of 11 pixels.
    """
    import cv2

    square = cv2.getStructuringElement(cv2.MORPH_RECT, (KERNEL, KERNEL))
    bright = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, square)
    dark = cv2.morphologyEx(picture, cv2.MORPH_BLACKHAT, square)
    return np.asarray(cv2.threshold(cv2.max(bright, dark), CONTRAST - 1, 255, cv2.THRESH_BINARY)[1])


def thickened(mask: Array) -> Array:
    """``mask`` grown by one pixel, so that strokes a pixel apart meet."""
    import cv2

    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)))


def rows_of_glyphs(mask: Array) -> list[Box]:
    """Boxes around three or more components of ``mask`` (uint8) of letter size that stand side by side."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    x, y, width, height, area = (stats[1:, i] for i in range(5))
    fill = area / np.maximum(width * height, 1)
    letter = (height >= GLYPH_HEIGHT[0]) & (height <= GLYPH_HEIGHT[1]) & (width <= 2 * height) & (fill > 0.12) & (fill < 0.95)
    glyphs = np.stack([x, y, x + width, y + height], axis=1)[letter]
    found: list[Box] = []
    for level in (10, 20, 40, 80):
        heights = glyphs[:, 3] - glyphs[:, 1]
        members = glyphs[(heights >= level * 0.5) & (heights <= level * 1.25)]
        found += _joined(members, mask.shape[:2], level)
    return found


def _joined(glyphs: Array, shape: tuple[int, ...], level: int) -> list[Box]:
    """Glyphs of about one height, joined where the gap is smaller than that height."""
    import cv2

    if len(glyphs) < FEWEST_GLYPHS:
        return []
    canvas = np.zeros(shape, np.uint8)
    gap = max(2, level // 2)
    for x0, y0, x1, y1 in glyphs.tolist():
        middle, half = (y0 + y1) // 2, max(1, (y1 - y0) // 4)
        canvas[max(0, middle - half) : middle + half, max(0, x0 - gap) : x1 + gap] = 255
    _, labels, stats, _ = cv2.connectedComponentsWithStats(canvas, connectivity=4)
    owner = labels[np.clip((glyphs[:, 1] + glyphs[:, 3]) // 2, 0, shape[0] - 1), np.clip(glyphs[:, 0], 0, shape[1] - 1)]
    found: list[Box] = []
    for index in range(1, len(stats)):
        mine = glyphs[owner == index]
        if len(mine) >= FEWEST_GLYPHS:
            found.append((int(mine[:, 0].min()), int(mine[:, 1].min()), int(mine[:, 2].max()), int(mine[:, 3].max())))
    return found
