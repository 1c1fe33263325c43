"""Samples of one raster image as numpy arrays, upright, with everything needed to write and to show them again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from deidkit.errors import OverBudget, UnreadableFile, UnsupportedFile
from deidkit.image import Array

Pillow.MAX_IMAGE_PIXELS = None
MODES = {mode: mode for mode in ("L", "LA", "P", "RGB", "RGBA", "I;16")} | {"1": "L", "I;16L": "I;16", "I;16B": "I;16"}
ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Page:
    """One image. ``samples`` are ``(rows, columns[, samples])`` uint8 or uint16; ``palette`` RGB ``(n, 3)`` for mode P.

    ``transparency`` is one alpha value an entry of the palette. Entries that no sample uses are black and opaque, since the
    colours of a palette may spell anything.
    """

    samples: Array = field(repr=False)
    mode: str
    palette: Array | None = field(default=None, repr=False)
    transparency: bytes = b""

    @property
    def alpha(self) -> bool:
        return self.mode in ("LA", "RGBA")


def decode_page(image: Pillow.Image) -> Page:
    """The current page of an opened Pillow image, turned upright.

    Raises:
        UnreadableFile: damaged or cut short.
        UnsupportedFile: a pixel type that is not handled.
    """
    mode = MODES.get(image.mode)
    if mode is None:
        raise UnsupportedFile("pixel-type-unsupported", "only grey, colour and palette images of 8 or 16 bits are handled")
    try:
        upright = ImageOps.exif_transpose(image)
        upright.load()
    except MemoryError:
        raise OverBudget("frame-too-large", "a page does not fit into memory") from None
    except Exception:
        raise UnreadableFile("pixels-undecodable", "the image cannot be decoded") from None
    palette, transparency = None, b""
    if upright.mode == "1":
        upright = upright.convert("L")
    samples = np.asarray(upright)
    if mode == "P":
        palette, transparency = _palette(upright)
    if samples.dtype.byteorder == ">":
        samples = samples.astype(samples.dtype.newbyteorder("="))
    return without_unused_entries(Page(samples, mode, palette, transparency))


def without_unused_entries(page: Page) -> Page:
    """The same picture with every entry of its palette that no sample uses black and opaque."""
    if page.palette is None:
        return page
    unused = np.bincount(page.samples.reshape(-1), minlength=256) == 0
    alpha = np.full(256, 255, np.uint8)
    alpha[: len(page.transparency)] = np.frombuffer(page.transparency, np.uint8)
    palette = page.palette.copy()
    palette[unused], alpha[unused] = 0, 255
    return replace(page, palette=palette, transparency=alpha.tobytes().rstrip(b"\xff"))


def _palette(image: Pillow.Image) -> tuple[Array, bytes]:
    """Colours of all 256 entries, and alpha values."""
    raw = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    full = np.zeros((256, 3), np.uint8)
    full[: len(raw)] = raw[:256]
    transparency: Any = image.info.get("transparency", b"")
    if isinstance(transparency, int):
        transparency = bytes(255 * (index != transparency) for index in range(256))
    return full, bytes(transparency)[:256]


def decode_bytes(data: bytes, kind: str, deep: bool) -> Page:
    """One PNG or JPEG.

    Raises:
        UnreadableFile, UnsupportedFile.
    """
    if deep:
        return _decode_deep(data)
    try:
        image = Pillow.open(BytesIO(data), formats=(kind.upper(),))
    except Exception:
        raise UnreadableFile("file-malformed", "the image cannot be opened") from None
    return decode_page(image)


def _decode_deep(data: bytes) -> Page:
    """A PNG of 16 bits, which Pillow would narrow to 8 when it has colour."""
    import cv2

    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16:
        raise UnreadableFile("pixels-undecodable", "the image cannot be decoded")
    return Page(turned(swapped(decoded), orientation_of(data)), _deep_mode(decoded))


def _deep_mode(samples: Array) -> str:
    return "I;16" if samples.ndim == 2 else {3: "RGB", 4: "RGBA"}[samples.shape[2]]


def swapped(samples: Array) -> Array:
    """BGR(A) to RGB(A) and back."""
    if samples.ndim == 2:
        return samples
    order = [2, 1, 0, 3][: samples.shape[2]]
    return np.ascontiguousarray(samples[..., order])


def orientation_of(data: bytes) -> int:
    """EXIF orientation, 1 to 8; 1 when there is none or it makes no sense."""
    try:
        value = Pillow.open(BytesIO(data)).getexif().get(ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def turned(samples: Array, orientation: int) -> Array:
    """Samples brought upright (EXIF 2.32, tag 274)."""
    if orientation >= 5:
        samples = samples.swapaxes(0, 1)
    rows_flipped = orientation in (3, 4, 7, 8)
    columns_flipped = orientation in (2, 3, 6, 7)
    if rows_flipped:
        samples = samples[::-1]
    if columns_flipped:
        samples = samples[:, ::-1]
    return np.ascontiguousarray(samples)
