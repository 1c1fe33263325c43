"""One picture an item for a reviewer: before, after, difference, equalised difference and an attack view of the result.

The attack view is local contrast enhancement in windows of 11 x 11, 128 + 128 (p - mean) / (2 std): what was only dimmed
instead of replaced becomes readable in it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array
from deidkit.types import Case

WINDOW = 11
GAP = 4
WIDEST = 1024
RED = (231, 76, 60)

Grey = NDArray[np.uint8]


def draw(case: Case, path: Path) -> None:
    """Writes a PNG of the first edited frame, or of frame 0 when nothing was edited. Nothing is written without pixels."""
    from PIL import Image, ImageDraw

    if not case.before.frame_count or not case.after.frame_count:
        return
    index = min(case.masks, default=0)
    before, after = (_grey(image.frame(index).view()) for image in (case.before, case.after))
    difference = np.abs(before.astype(np.int16) - after).astype(np.uint8)
    panels = [before, after, difference, equalise(difference), local_contrast(after)]
    tiles = [Image.fromarray(panel).convert("RGB") for panel in panels]
    pen = ImageDraw.Draw(tiles[1])
    for x0, y0, x1, y1 in case.masks.get(index, ()):
        pen.rectangle((x0 - 1, y0 - 1, x1, y1), outline=RED)
    for tile in tiles:
        tile.thumbnail((WIDEST, WIDEST))
    width, height = tiles[0].size
    sheet = Image.new("RGB", (len(tiles) * (width + GAP) - GAP, height), (64, 64, 64))
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number * (width + GAP), 0))
    sheet.save(path, "PNG")


def _grey(view: Array) -> Grey:
    return view if view.ndim == 2 else np.asarray(view.mean(axis=2), np.uint8)


def equalise(picture: Grey) -> Grey:
    """Histogram equalisation of a uint8 picture."""
    histogram = np.bincount(picture.ravel(), minlength=256)
    levels = np.cumsum(histogram)
    first = levels[np.flatnonzero(histogram)[0]]
    span = max(1, picture.size - int(first))
    table = np.clip((levels - first) * 255 // span, 0, 255).astype(np.uint8)
    return np.asarray(table[picture], np.uint8)


def local_contrast(picture: Grey, window: int = WINDOW) -> Grey:
    """128 + 128 (p - mean) / (2 std) over square windows of a uint8 picture, clipped to uint8."""
    values = picture.astype(np.float64)
    mean = _box_mean(values, window)
    deviation = np.sqrt(np.maximum(_box_mean(values**2, window) - mean**2, 1e-6))
    return np.clip(128 + 64 * (values - mean) / deviation, 0, 255).astype(np.uint8)


def _box_mean(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    half = window // 2
    padded = np.pad(values, ((half + 1, half), (half + 1, half)), mode="edge")
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    total = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window] + sums[:-window, :-window]
    return np.asarray(total / window**2, np.float64)
