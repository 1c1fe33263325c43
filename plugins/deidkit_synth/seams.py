"""Two grounds in one image: tissue ends, glass begins, and a line of text runs across."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array

Random = np.random.Generator
FLAT = 0.5
"""Share of second grounds that are of one colour."""
SOFTEST = 2.0
"""Pixels, standard deviation, of the widest blur of a seam."""


def flat(rng: Random, shape: tuple[int, int]) -> Array:
    """One colour, (rows, columns, 3) uint8: mostly black, else white or any grey, now and then a hue."""
    roll = rng.random()
    level = 0 if roll < 0.5 else 255 if roll < 0.65 else int(rng.integers(256))
    ink = rng.integers(0, 256, 3) if roll > 0.9 else (level,) * 3
    return np.full((*shape, 3), ink, np.uint8)


def side(rng: Random, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Where the second ground lies, (rows, columns), 0 to 1: beyond a straight edge, in an ellipse, or on islands."""
    rows, columns = shape
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    cy, cx, turn = rng.uniform(0.2, 0.8) * rows, rng.uniform(0.2, 0.8) * columns, rng.uniform(0, 2 * np.pi)
    along = (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)
    roll = rng.random()
    if roll < 0.5:
        inside = along > 0
    elif roll < 0.7:
        across = (y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)
        inside = np.hypot(along / rng.uniform(20, 0.6 * columns), across / rng.uniform(20, 0.6 * rows)) < 1
    else:
        coarse = rng.random((int(rng.integers(4, 12)), int(rng.integers(4, 12)))).astype(np.float32)
        inside = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC) > rng.uniform(0.4, 0.65)
    mask = inside.astype(np.float32)
    soft = float(rng.uniform(-SOFTEST, SOFTEST))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft) if soft > 0.3 else mask, np.float32)


def joined(one: Array, other: Array, where: NDArray[np.float32]) -> Array:
    """``other`` where ``where`` is 1, ``one`` where it is 0."""
    mask = where[..., None]
    return np.asarray(one * (1 - mask) + other * mask + 0.5, np.uint8)
