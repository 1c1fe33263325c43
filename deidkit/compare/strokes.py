"""An estimate of which pixels of a truth box are ink, and pictures of what was missed."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deidkit.compare.sheets import Sheet
from deidkit.errors import ItemError
from deidkit.headers.quiet import quiet
from deidkit.image import Array, Box
from deidkit.interfaces import Format
from deidkit.item import reading
from deidkit.limits import Limits

MARGIN = 24
WIDEST = 480


def view(path: Path, frame: int, formats: dict[str, Format]) -> Array | None:
    """The default display view of a frame, uint8; None when the file cannot be read."""
    try:
        with quiet():
            _, image = reading.read(path, formats, Limits())
            return image.frame(frame).view()
    except (ItemError, OSError):
        return None


def told(path: Path, formats: dict[str, Format]) -> list[int]:
    """Indices of the frames that stand for a file: the first, the middle and the last; of what cannot be read, the first."""
    try:
        with quiet():
            count = reading.read(path, formats, Limits())[1].frame_count
    except (ItemError, OSError):
        return [0]
    return sorted({0, count // 2, count - 1})


def ink(picture: Array, sheet: Sheet) -> list[NDArray[np.bool_]]:
    """One mask an instance, of its box's size: pixels nearer to the far grey level than to that of the box's border.

    The border of a box drawn around text is background, so its median is what ink is told apart from.
    """
    grey = picture if picture.ndim == 2 else picture.max(axis=2)
    return [
        _ink(grey[max(0, y0) : y1, max(0, x0) : x1].astype(np.int16)) for x0, y0, x1, y1 in (i.box for i in sheet.instances)
    ]


def _ink(crop: NDArray[np.int16]) -> NDArray[np.bool_]:
    if min(crop.shape, default=0) < 3:
        return np.zeros(crop.shape, np.bool_)
    border = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    apart = np.abs(crop - np.int16(np.median(border)))
    strongest = float(np.quantile(apart, 0.98))
    strokes: NDArray[np.bool_] = apart > max(8.0, strongest / 2)
    return strokes


def picture(whole: Array, box: Box, covered: Sequence[Box]) -> str | None:
    """A PNG data URL of the surroundings of ``box`` (outlined in red) with what was covered (outlined in green); None for a box
    that lies outside the image.
    """
    from PIL import Image, ImageDraw

    x0, y0 = max(0, box[0] - MARGIN), max(0, box[1] - MARGIN)
    crop = whole[y0 : box[3] + MARGIN, x0 : box[2] + MARGIN]
    if not crop.size:
        return None
    image = Image.fromarray(np.ascontiguousarray(crop)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for colour, boxes in (("#2ecc71", covered), ("#e74c3c", (box,))):
        for a, b, c, d in boxes:
            if c > x0 and d > y0 and a < x0 + image.width and b < y0 + image.height:
                draw.rectangle((a - x0 - 1, b - y0 - 1, c - x0, d - y0), outline=colour)
    image.thumbnail((WIDEST, WIDEST))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
