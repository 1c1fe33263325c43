"""Where a picture holds fields of parallel bars, and where it holds dense patterns: the places in which a code may lie.

Both come from the structure tensor (Bigun and Granlund 1987), the mean of the products of a picture's two derivatives around
each place. Where one of its eigenvalues is far larger than the other, everything around has one direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from deidkit.image import Array, Box

CELL = 4
"""Side in pixels of the cells that the tensor is told for."""
WINDOW = 5
"""Side in cells of what counts as around a cell."""
FACTORS = (1, 2, 4)
"""By how much a picture is reduced, for bars that are wider than a window."""
LEAST_SIDE = 32
"""Shorter side of a picture from which it may hold a field of bars."""

LEAST_STEEPNESS = 3.0
"""Root of the mean square of the derivative in grey levels a pixel, from which a place may hold bars."""
LEAST_COHERENCE = 0.7
"""Difference of the eigenvalues by their sum: 1 where all gradients are parallel, 0 where no direction stands out."""
DIRECTIONS = 12
SPREAD = 24.0
"""Degrees, of doubled angles, by which gradients of one field differ from their direction."""
LEAST_LENGTH, LEAST_HEIGHT = 24, 8
"""Pixels across the bars, and along them, of a field."""
LEAST_FILL = 0.5
"""Share of the rectangle around a field that it fills."""

MOST_NET = 0.08
"""Square of the mean gradient by the mean square from which brightness rises through a place instead of alternating."""

DENSITIES = (12.0, 32.0)
"""Steepnesses from which a place may hold the modules of a matrix code. At a low one texture beside a code is part of it."""
LEAST_DENSE = 16
"""Side in pixels of the smallest dense pattern."""
MOST_DENSE = 400
"""Longer side in pixels of a pattern that is looked at by itself; larger ones are decoded with the whole picture."""


@dataclass(frozen=True, slots=True)
class Field:
    """A rectangle of parallel bars.

    Args:
        x, y: its middle in pixels.
        length: its side across the bars.
        height: its side along the bars.
        angle: direction across the bars, radians from the x axis towards the y axis.
    """

    x: float
    y: float
    length: float
    height: float
    angle: float

    @property
    def across(self) -> Array:
        return np.array([np.cos(self.angle), np.sin(self.angle)])

    @property
    def along(self) -> Array:
        return np.array([-np.sin(self.angle), np.cos(self.angle)])

    def holds(self, point: Array) -> bool:
        offset = point - np.array([self.x, self.y])
        return bool(abs(offset @ self.across) <= self.length / 2 and abs(offset @ self.along) <= self.height / 2)

    def quad(self) -> Array:
        """Corners (4, 2) as x, y in pixels, in order around the field."""
        u, v = self.across * self.length / 2, self.along * self.height / 2
        return np.asarray(np.array([self.x, self.y]) + np.array([-u - v, u - v, u + v, v - u]))

    def back(self, points: Array) -> Array:
        """Points (n, 2) of the field turned upright, as x, y from its corner, in the picture."""
        columns, rows = max(1, round(self.length)), max(1, round(self.height))
        corner = np.array([self.x, self.y]) - self.across * (columns - 1) / 2 - self.along * (rows - 1) / 2
        return np.asarray(corner + points @ np.array([self.across, self.along]))

    def scaled(self, factor: float) -> Field:
        """The same field in a picture ``factor`` times as large."""
        shift = (factor - 1) / 2
        return Field(self.x * factor + shift, self.y * factor + shift, self.length * factor, self.height * factor, self.angle)


class Tensor(NamedTuple):
    """Means of the products of the derivatives, each float32 (rows, columns) in cells, around each cell; the
    square of the mean derivative there; and the sum of the squares in each cell alone.
    """

    xx: Array
    yy: Array
    xy: Array
    net: Array
    own: Array

    @classmethod
    def of(cls, picture: Array) -> Tensor:
        """The tensor of a uint8 picture (rows, columns), in squared grey levels a pixel."""
        dx = cv2.Scharr(picture, cv2.CV_32F, 1, 0, scale=1 / 32)
        dy = cv2.Scharr(picture, cv2.CV_32F, 0, 1, scale=1 / 32)
        cells = (max(1, picture.shape[1] // CELL), max(1, picture.shape[0] // CELL))
        alone = [cv2.resize(part, cells, interpolation=cv2.INTER_AREA) for part in (dx * dx, dy * dy, dx * dy)]
        xx, yy, xy = (np.asarray(cv2.boxFilter(part, -1, (WINDOW, WINDOW))) for part in alone)
        level = cv2.blur(cv2.resize(picture, cells, interpolation=cv2.INTER_AREA).astype(np.float32), (3, 3))
        x, y = (cv2.Sobel(level, cv2.CV_32F, *order, ksize=1, scale=0.5 / CELL) for order in ((1, 0), (0, 1)))
        return cls(xx, yy, xy, x * x + y * y, alone[0] + alone[1])

    @property
    def direction(self) -> float:
        """Direction of the gradients of all cells together, radians."""
        return float(0.5 * np.arctan2(2 * self.xy.sum(), (self.xx - self.yy).sum()))


class Pattern(NamedTuple):
    """What is steep everywhere: a box in pixels and which pixels of it, boolean (rows, columns)."""

    box: Box
    inside: Array


def fields_in(picture: Array) -> tuple[list[Field], list[Pattern]]:
    """Fields of bars in ``picture``, uint8 (rows, columns), and dense patterns, both in its pixels.

    A field may come once for each size in which it is seen.
    """
    fields: list[Field] = []
    dense: list[Pattern] = []
    sized = picture
    for factor in FACTORS:
        if min(sized.shape) < LEAST_SIDE:
            break
        tensor = Tensor.of(sized)
        fields += [field.scaled(factor) for field in _fields(tensor)]
        if factor == 1:
            dense = list(_dense(tensor))
        sized = cv2.resize(sized, (sized.shape[1] // 2, sized.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return fields, dense


def _fields(tensor: Tensor) -> Iterator[Field]:
    """Fields in pixels of the picture that the tensor was made of."""
    total, difference, mixed = tensor.xx + tensor.yy, tensor.xx - tensor.yy, 2 * tensor.xy
    strength = np.hypot(difference, mixed)
    striped = (total >= LEAST_STEEPNESS**2) & (strength >= LEAST_COHERENCE * total) & (tensor.net <= MOST_NET * total)
    if not striped.any():
        return
    for number in range(DIRECTIONS):
        doubled = 2 * np.pi * number / DIRECTIONS
        parallel = difference * np.cos(doubled) + mixed * np.sin(doubled) >= np.cos(np.radians(SPREAD)) * strength
        for where in _pieces(striped & parallel):
            here = Tensor(*(part[where] for part in tensor))
            if np.cos(2 * here.direction - doubled) >= np.cos(np.pi / DIRECTIONS):
                field = _rectangle(where, here.direction)
                if field.length >= LEAST_LENGTH and field.height >= LEAST_HEIGHT and _fill(where, field) >= LEAST_FILL:
                    yield field


def _pieces(marked: Array) -> Iterator[tuple[Array, Array]]:
    """Rows and columns of the cells of each connected piece of a boolean map, without bridges of one cell."""
    smooth = cv2.morphologyEx(marked.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(smooth, connectivity=4)
    least = LEAST_LENGTH * LEAST_HEIGHT * LEAST_FILL / CELL**2
    for number in range(1, count):
        x, y, width, height, area = stats[number]
        if area >= least:
            rows, columns = np.nonzero(labels[y : y + height, x : x + width] == number)
            yield rows + y, columns + x


def _rectangle(where: tuple[Array, Array], angle: float) -> Field:
    rows, columns = (CELL * (part + 0.5) - 0.5 for part in where)
    u, v = columns * np.cos(angle) + rows * np.sin(angle), rows * np.cos(angle) - columns * np.sin(angle)
    middle, aside = (u.min() + u.max()) / 2, (v.min() + v.max()) / 2
    x, y = middle * np.cos(angle) - aside * np.sin(angle), middle * np.sin(angle) + aside * np.cos(angle)
    return Field(float(x), float(y), float(np.ptp(u)) + CELL, float(np.ptp(v)) + CELL, angle)


def _fill(where: tuple[Array, Array], field: Field) -> float:
    return len(where[0]) * CELL**2 / (field.length * field.height)


def _dense(tensor: Tensor) -> Iterator[Pattern]:
    for least in DENSITIES:
        steep = (tensor.own >= least**2).astype(np.uint8)
        smooth = cv2.morphologyEx(steep, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(smooth, connectivity=4)
        for number, (x, y, width, height, _) in enumerate(stats[1:count].tolist(), 1):
            if CELL * min(width, height) >= LEAST_DENSE and CELL * max(width, height) <= MOST_DENSE:
                cells = labels[y : y + height, x : x + width] == number
                inside = cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
                yield Pattern((CELL * x, CELL * y, CELL * (x + width), CELL * (y + height)), inside)
