"""Codes in one picture: decoded by ZXing-C++ (Apache-2.0), or recognised by their bars where nothing can be decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import zxingcpp

from deidkit.image import Array, Box
from deidkit.imaging.boxes import clip
from deidkit_codes.bars import Bars, measured, upright
from deidkit_codes.fields import Field, Pattern, Tensor, fields_in

LINEAR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.AllLinear)
MATRIX = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.AllMatrix)
LINEAR_NAMES = frozenset(map(str, zxingcpp.barcode_formats_list(LINEAR)))

FEWEST_EDGES, LEAST_LIKENESS = 12, 0.6
"""Bars that are worth trying to decode."""
SURE_EDGES, SURE_LIKENESS, SURE_RANGE, SURE_VARIETY = 16, 0.96, 24.0, (0.15, 0.85)
"""Bars that are a code though nothing can be decoded. A grid has no variety, a drawing of rules and frames has too much."""
QUIET = 0.1
"""Empty space left and right of bars that are decoded, as a share of their length."""
ZOOMS = (1.0, 2.0)
SAME_TONE, LEAST_TONES, LEAST_RANGE = 0.3, 0.6, 16
"""A pattern of two tones: how far a pixel is from one of them at most, as a share of their range, for how many of its pixels,
and the least range in grey levels."""
ENOUGH = 48
"""Pixels a side that tell the tones of a pattern."""
LEAST_RIGHT = 0.2
"""How far gradients go along two directions at right angles: 1 where all of them do, 0 where none stands out."""
AROUND = 8
"""Pixels around a dense pattern, or a line that was read, that are looked at with it."""
READ_ROWS = 4.0
"""Pixels along the bars that a line of a linear code was read from."""
LEAST_PIECE = 8.0
"""Pixels across a piece of a code that leans."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code, never its content.

    Args:
        quad: corners (4, 2) as x, y in pixels, in order around the code.
        decoded: whether its content could be read, so that its checksum was right.
    """

    quad: Array
    decoded: bool


def grey(view: Array) -> Array:
    """uint8 (rows, columns) of a view that may be RGB."""
    return np.ascontiguousarray(view if view.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(view), cv2.COLOR_RGB2GRAY))


def codes_in(picture: Array) -> Iterator[Code]:
    """Every code in ``picture``, uint8 (rows, columns); one code may come more than once.

    The whole picture is decoded once as it is. Where it holds a field of parallel bars this is decoded upright, where it holds
    a dense pattern this is decoded turned, both at twice their size too; pictures without either cost no more.
    """
    fields, dense = fields_in(picture)
    whole: list[Field] = []
    for found in (found for field in fields if (found := measured(picture, field)) and _worth(found)):
        decoded = _decodes(picture, found.field)
        if decoded:
            whole.append(found.field)
        if decoded or _sure(found):
            yield Code(found.field.quad(), decoded)
    for quad, linear in _decoded(picture):
        if not linear:
            yield Code(quad, decoded=True)
        elif not any(field.holds(quad.mean(axis=0)) for field in whole):
            yield Code(_whole(picture, quad), decoded=True)
    for pattern in dense:
        yield from _turned(picture, pattern)


def _worth(bars: Bars) -> bool:
    return bars.edges >= FEWEST_EDGES and bars.likeness >= LEAST_LIKENESS


def _sure(bars: Bars) -> bool:
    narrow, wide = SURE_VARIETY
    alike = bars.likeness >= SURE_LIKENESS and bars.range >= SURE_RANGE
    return bars.edges >= SURE_EDGES and alike and narrow <= bars.variety <= wide


def _decodes(picture: Array, field: Field) -> bool:
    wide = Field(field.x, field.y, field.length * (1 + 2 * QUIET), field.height, field.angle)
    looks = (look for zoom in ZOOMS for look in _both(upright(picture, wide, zoom)))
    return any(zxingcpp.read_barcodes(look, LINEAR, try_rotate=False, try_invert=False) for look in looks)


def _both(picture: Array) -> tuple[Array, Array]:
    """The picture and its negative. ZXing turns white bars round only where a picture is of two tones."""
    return picture, 255 - picture


def _decoded(picture: Array, formats: zxingcpp.BarcodeFormats | None = None) -> Iterator[tuple[Array, bool]]:
    """Corners (4, 2) of every code that is decoded in the picture as it is, and whether it is a linear one."""
    found = zxingcpp.read_barcodes(picture, formats) if formats else zxingcpp.read_barcodes(picture)
    for code in found:
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        yield np.array([(corner.x, corner.y) for corner in corners], np.float64), str(code.format) in LINEAR_NAMES


def _whole(picture: Array, quad: Array) -> Array:
    """The corners of all of a linear code: ZXing tells only the rows that it read, which may be few."""
    left, right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    length = float(np.hypot(*(right - left)))
    low = np.maximum(np.minimum(left, right).astype(int) - AROUND, 0)
    high = np.maximum(left, right).astype(int) + AROUND
    tensor = Tensor.of(np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]]))
    middle = (left + right) / 2
    found = measured(picture, Field(float(middle[0]), float(middle[1]), length, READ_ROWS, tensor.direction), beyond=length)
    return found.field.quad() if found else quad


def _turned(picture: Array, pattern: Pattern) -> Iterator[Code]:
    """Matrix codes in a dense pattern of ``picture``, decoded with their sides upright."""
    x0, y0, x1, y1 = pattern.box
    angle = _sides(picture[y0:y1, x0:x1], pattern.inside)
    if angle is None:
        return
    columns, rows = x1 - x0 + 2 * AROUND, y1 - y0 + 2 * AROUND
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    field = Field((x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2, columns * cos + rows * sin, columns * sin + rows * cos, angle)
    for zoom in ZOOMS:
        for look in _both(upright(picture, field, zoom)):
            found = [quad for quad, _ in _decoded(look, MATRIX)]
            if found:
                yield from (Code(field.back(quad / zoom), decoded=True) for quad in found)
                return


def _sides(picture: Array, inside: Array) -> float | None:
    """The direction of the sides of dark and bright squares, radians; None where there are none.

    Gradients of squares have two directions at right angles, which their fourth powers as complex numbers make one.
    """
    step = max(1, min(picture.shape) // ENOUGH)
    values = picture[::step, ::step][inside[::step, ::step]].astype(np.float32)
    low, high = np.percentile(values, (10, 90))
    alike = np.minimum(np.abs(values - low), np.abs(values - high)) <= SAME_TONE * (high - low)
    if high - low < LEAST_RANGE or alike.mean() < LEAST_TONES:
        return None
    gradient = (cv2.Scharr(picture, cv2.CV_32F, 1, 0) + 1j * cv2.Scharr(picture, cv2.CV_32F, 0, 1))[inside]
    size, squares = np.abs(gradient), gradient * gradient
    total = (squares * squares / np.maximum(size, 1e-6) ** 3).sum()
    return float(np.angle(total) / 4) if abs(total) >= LEAST_RIGHT * size.sum() else None


def boxes_of(quad: Array, margin: int, shape: tuple[int, int]) -> list[Box]:
    """Boxes that cover a code grown by ``margin``. One that leans is cut into pieces, so that its boxes cover little else."""
    middle = quad.mean(axis=0)
    sides = quad[1] - quad[0], quad[3] - quad[0]
    lengths = [max(float(np.hypot(*side)), 1e-6) for side in sides]
    long, short = sorted((0, 1), key=lambda n: -lengths[n])
    u, v = (sides[n] / lengths[n] * (lengths[n] / 2 + margin) for n in (long, short))
    leans = min(abs(u[0]), abs(u[1])) / float(np.hypot(*u))
    pieces = 1 + int(leans * 2 * float(np.hypot(*u)) / max(float(np.hypot(*v)), LEAST_PIECE))
    steps = np.linspace(-1, 1, pieces + 1)
    return [box for first, last in pairwise(steps) if (box := _around(middle, first * u, last * u, v, shape))]


def _around(middle: Array, start: Array, end: Array, side: Array, shape: tuple[int, int]) -> Box | None:
    corners = np.array([middle + end_ + sign * side for end_ in (start, end) for sign in (-1, 1)])
    low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    return clip((int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1), shape)
