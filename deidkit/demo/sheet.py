"""The contact sheet: every file before and after, with a thin frame around what was blanked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deidkit.image import Array, Box

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

    from deidkit.demo import Shown
    from deidkit.interfaces import Format

TILE, GAP, LEFT, TOP, CAPTION = 400, 20, 28, 92, 38
COLUMNS = 4
BACK, PANEL, EDGE, INK, FADED, MARK, WARN = "#0f1318", "#000000", "#2b333d", "#e8edf2", "#8d99a6", "#27c2a0", "#e5734f"
TITLES = {
    "us": "Ultrasound, cine of 3 frames",
    "cr": "Radiograph, MONOCHROME1",
    "ct": "CT, 16 bits signed",
    "mr": "MR, 16 bits",
    "mg": "Mammogram",
    "es": "Endoscopy, colour",
    "capture": "Screen capture",
}


def draw_sheet(files: Sequence[Shown], path: Path, columns: int = COLUMNS) -> Path:
    """Writes the sheet as a PNG of ``columns`` pairs a band; each pair is a file before, above, and after, below."""
    from PIL import Image, ImageDraw

    bands = [files[start : start + columns] for start in range(0, len(files), columns)]
    height = TOP + len(bands) * (CAPTION + 2 * (TILE + GAP)) + GAP
    sheet = Image.new("RGB", (2 * LEFT + columns * TILE + (columns - 1) * GAP, height), BACK)
    pen = ImageDraw.Draw(sheet)
    _headline(pen, files)
    for number, band in enumerate(bands):
        top = TOP + number * (CAPTION + 2 * (TILE + GAP))
        for column, shown in enumerate(band):
            _pair(sheet, pen, shown, (LEFT + column * (TILE + GAP), top))
    sheet.save(path, optimize=True)
    return path


def _headline(pen: ImageDraw, files: Sequence[Shown]) -> None:
    released = sum(shown.after is not None for shown in files)
    planted, found = sum(shown.planted for shown in files), sum(shown.found for shown in files)
    pen.text((LEFT, 20), "deidkit", fill=INK, font=_font(30))
    line = (
        f"{released} of {len(files)} synthetic files released. {planted} identifiers planted in their headers, "
        f"{found} found in what was released. Above: before. Below: after, with frames around what was blanked."
    )
    pen.text((LEFT, 60), line, fill=FADED, font=_font(17))


def _pair(sheet: Picture, pen: ImageDraw, shown: Shown, corner: tuple[int, int]) -> None:
    x, y = corner
    pen.text((x, y + 10), TITLES.get(shown.name, shown.name), fill=INK, font=_font(19))
    before = _view(shown.before)
    _tile(sheet, pen, before, (x, y + CAPTION), ())
    below = (x, y + CAPTION + TILE + GAP)
    if shown.after is None:
        _tile(sheet, pen, np.zeros((8, 8, 3), np.uint8), below, ())
        pen.text((below[0] + 20, below[1] + 20), "quarantined", fill=WARN, font=_font(24))
        return
    after = _view(shown.after)
    _tile(sheet, pen, after, below, _changed(before, after))


def _tile(sheet: Picture, pen: ImageDraw, view: Array, corner: tuple[int, int], boxes: Sequence[Box]) -> None:
    from PIL import Image

    x, y = corner
    pen.rounded_rectangle((x - 1, y - 1, x + TILE, y + TILE), radius=6, fill=PANEL, outline=EDGE)
    rows, columns = view.shape[:2]
    scale = min((TILE - 4) / columns, (TILE - 4) / rows)
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    left, top = x + (TILE - size[0]) // 2, y + (TILE - size[1]) // 2
    sheet.paste(Image.fromarray(view).resize(size, Image.Resampling.LANCZOS), (left, top))
    for x0, y0, x1, y1 in boxes:
        frame = (left + x0 * scale - 2, top + y0 * scale - 2, left + x1 * scale + 1, top + y1 * scale + 1)
        pen.rectangle(frame, outline=MARK)


def _view(path: Path) -> Array:
    """The first frame's default view as RGB."""
    from deidkit.item.reading import read
    from deidkit.limits import Limits
    from deidkit.registry import installed

    formats: dict[str, Format] = {"dicom": installed().build("format", "dicom")}
    view = read(path, formats, Limits())[1].frame(0).view()
    return np.ascontiguousarray(view if view.ndim == 3 else np.repeat(view[..., None], 3, axis=-1))


def _changed(before: Array, after: Array) -> list[Box]:
    """Boxes around what differs; strokes of one line are joined, because an outline of strokes would spell them."""
    import cv2

    if before.shape != after.shape:
        return []
    differs = (before != after).any(axis=-1).astype(np.uint8)
    joined = cv2.dilate(differs, np.ones((5, 25), np.uint8))
    _, labels = cv2.connectedComponents(joined)
    boxes = []
    for label in range(1, int(labels.max()) + 1):
        rows, columns = np.nonzero((labels == label) & (differs > 0))
        boxes.append((int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1))
    return boxes


def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont as Fonts

    return Fonts.load_default(size)
