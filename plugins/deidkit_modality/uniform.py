"""Every image brought into one form before anything looks at it: borders cropped, a round field of view cut to its inscribed
rectangle, long side bounded, aspect kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

LONG_SIDE = 256
DETAIL = 192
SIDE = 128
"""Side of the square that the image network sees."""
LEAST = 12
_TOLERANCE = 16
_GREY = 10
_BUSY = 0.02
_ROUND_SHARE = 0.93


@dataclass(frozen=True, slots=True)
class Uniform:
    """``pixels`` is uint8, at most ``LONG_SIDE`` on the long side: (rows, columns) when no pixel is coloured, else RGB (rows,
    columns, 3). ``detail`` is uint8 grey, the middle of the content at the frame's own resolution, at most ``DETAIL`` a side.
    The rest is what was taken away.

    ``border`` is the share of the frame that was border, ``shade`` its brightness in [0, 1], ``scale`` the factor by which the
    frame was shrunk, ``round`` whether a circular field of view was cut to its inscribed rectangle.
    """

    pixels: Pixels
    detail: Pixels
    border: float
    shade: float
    scale: float
    round: bool


def uniform(view: NDArray[Any]) -> Uniform:
    """From a display view, uint8 grey (rows, columns) or RGB (rows, columns, 3), of any size."""
    view = _at_least(np.asarray(view, np.uint8))
    small = _at_least(_decimate(view))
    if small.ndim == 3:
        small = _brightest(small) if _spread(small) <= _GREY else small
    (x0, y0, x1, y1), shade = _content(small)
    inner: Pixels = small[y0:y1, x0:x1]
    border = 1.0 - (x1 - x0) * (y1 - y0) / (small.shape[0] * small.shape[1])
    is_round = _is_round(inner)
    inner = _inscribed(inner) if is_round else inner
    factor = min(1.0, LONG_SIDE / max(inner.shape[:2]))
    pixels = np.ascontiguousarray(inner) if factor == 1.0 else _resize(inner, factor)
    pixels = _at_least(pixels)
    detail = _detail(view, ((x0 + x1) / 2 / small.shape[1], (y0 + y1) / 2 / small.shape[0]))
    return Uniform(pixels, detail, border, shade, factor * small.shape[1] / view.shape[1], is_round)


def _at_least(pixels: Pixels) -> Pixels:
    """Sides shorter than ``LEAST`` stretched to it, so that no measure runs empty."""
    rows, columns = pixels.shape[:2]
    if min(rows, columns) >= LEAST:
        return pixels
    shape = (max(LEAST, columns), max(LEAST, rows))
    return np.asarray(cv2.resize(pixels, shape, interpolation=cv2.INTER_NEAREST), np.uint8)


def _detail(view: NDArray[Any], centre: tuple[float, float]) -> Pixels:
    rows, columns = view.shape[:2]
    left = min(max(0, int(centre[0] * columns) - DETAIL // 2), max(0, columns - DETAIL))
    top = min(max(0, int(centre[1] * rows) - DETAIL // 2), max(0, rows - DETAIL))
    part = np.ascontiguousarray(view[top : top + DETAIL, left : left + DETAIL], np.uint8)
    return part if part.ndim == 2 else np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.uint8)


def square(pixels: Pixels, size: int) -> Pixels:
    """Letterboxed into ``size`` x ``size`` with black, centred; channels as they are."""
    fitted = _resize(pixels, size / max(pixels.shape[:2]))
    out = np.zeros((size, size, *pixels.shape[2:]), np.uint8)
    top, left = (size - fitted.shape[0]) // 2, (size - fitted.shape[1]) // 2
    out[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return out


def picture(image: Uniform) -> Pixels:
    """RGB (SIDE, SIDE, 3) uint8 of a uniform image, letterboxed."""
    boxed = square(image.pixels, SIDE)
    return boxed if boxed.ndim == 3 else np.repeat(boxed[..., None], 3, axis=2)


def _brightest(pixels: Pixels) -> Pixels:
    """The brightest channel of each pixel."""
    if pixels.ndim == 2:
        return pixels
    red, green, blue = cv2.split(pixels)
    return np.asarray(cv2.max(red, cv2.max(green, blue)), np.uint8)


def _spread(pixels: Pixels) -> int:
    """The largest difference between two channels of one pixel."""
    red, green, blue = cv2.split(pixels)
    return max(int(cv2.absdiff(a, b).max()) for a, b in ((red, green), (green, blue), (red, blue)))


def _resize(pixels: Pixels, factor: float) -> Pixels:
    rows, columns = pixels.shape[:2]
    shape = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, shape, interpolation=method), np.uint8)


def _decimate(view: Pixels) -> Pixels:
    """Shrunk by a whole number, which is the fast case, to between one and two times ``LONG_SIDE``."""
    factor = max(view.shape[:2]) // LONG_SIDE
    if factor < 2:
        return view
    rows, columns = max(1, view.shape[0] // factor), max(1, view.shape[1] // factor)
    whole = view[: rows * factor, : columns * factor] if min(view.shape[:2]) >= factor else view
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def _content(pixels: Pixels) -> tuple[tuple[int, int, int, int], float]:
    """The box left when rows and columns of the border's colour are cut off, and the brightness of that colour.

    A row counts as border while less than 2 % of it differ, so that thin lines and single letters do not hold it.
    """
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    tint = np.atleast_1d(np.median(rim, axis=0))
    low, high = tuple(int(part) - _TOLERANCE for part in tint), tuple(int(part) + _TOLERANCE for part in tint)
    same = cv2.inRange(np.ascontiguousarray(pixels), low, high)
    quiet = 255 * (1 - _BUSY)
    across, down = cv2.reduce(same, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F), cv2.reduce(same, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    rows, columns = np.flatnonzero(across < quiet), np.flatnonzero(down < quiet)
    height, width = same.shape
    if len(rows) < 8 or len(columns) < 8:
        return (0, 0, width, height), float(tint.mean()) / 255
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1), float(tint.mean()) / 255


def _is_round(inner: Pixels) -> bool:
    """Whether what is bright fills the inscribed ellipse, and little else, as in a fundus or an endoscope's field of view."""
    rows, columns = inner.shape[:2]
    if not 0.75 < columns / rows < 1.35:
        return False
    small = cv2.resize(inner, (64, 64), interpolation=cv2.INTER_AREA)
    lit = _brightest(np.asarray(small, np.uint8)) > 24
    overlap = float((lit & _ELLIPSE).sum()) / float((lit | _ELLIPSE).sum())
    return overlap > _ROUND_SHARE


def _inscribed(inner: Pixels) -> Pixels:
    rows, columns = inner.shape[:2]
    top, left = round(rows * 0.1465), round(columns * 0.1465)
    return inner[top : rows - top, left : columns - left]


_Y, _X = np.mgrid[-31.5:32:1, -31.5:32:1] / 32
_ELLIPSE = _X * _X + _Y * _Y <= 1
