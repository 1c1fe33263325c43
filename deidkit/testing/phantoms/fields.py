"""Shapes and textures that the scenes are made of: float32 arrays over a pixel grid, numpy alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]


def single(values: Any) -> Field:
    """The values as float32."""
    return np.asarray(values, np.float32)


def grid(rows: int, columns: int) -> tuple[Field, Field]:
    """Coordinates (x, y) of every pixel; the shorter side spans -1 to 1, the origin is the centre."""
    short = min(rows, columns) / 2
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    return (x - columns / 2) / short, (y - rows / 2) / short


def soft(distance: Field, width: float) -> Field:
    """1 where ``distance`` is well below zero, 0 well above, with a smooth edge of ``width``."""
    return single(1 / (1 + np.exp(np.clip(distance / (width / 4), -40, 40))))


def ellipse(x: Field, y: Field, centre: tuple[float, float], radii: tuple[float, float], edge: float = 0.02) -> Field:
    """A filled ellipse with a soft edge."""
    radius = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
    return soft((radius - 1) * min(radii), edge)


def dome(x: Field, y: Field, centre: tuple[float, float], radii: tuple[float, float]) -> Field:
    """Path length through an ellipsoid, 1 in its middle, 0 outside."""
    squared = ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2
    return single(np.sqrt(np.clip(1 - squared, 0, None)))


def blur(field: Field, sigma: float) -> Field:
    """Gaussian blur of ``sigma`` pixels, mirrored at the edges."""
    margin = int(4 * sigma) + 1
    padded = np.pad(field, margin, mode="reflect")
    fy = np.fft.fftfreq(padded.shape[0])[:, None]
    fx = np.fft.rfftfreq(padded.shape[1])[None]
    kernel = np.exp(-2 * (np.pi * sigma) ** 2 * (fx**2 + fy**2))
    smooth = np.fft.irfft2(np.fft.rfft2(padded) * kernel, padded.shape)
    return single(smooth[margin:-margin, margin:-margin])


def cloud(rng: np.random.Generator, shape: tuple[int, int], slope: float = 1.6) -> Field:
    """Noise of mean 0 and standard deviation 1 whose spectrum falls with frequency to the power of ``slope``."""
    fy = np.fft.fftfreq(shape[0])[:, None] * shape[0]
    fx = np.fft.rfftfreq(shape[1])[None] * shape[1]
    fall = np.hypot(fx, fy)
    fall[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal(shape)) / fall**slope
    field = np.fft.irfft2(spectrum, shape)
    return single(field / field.std())


def tube(x: Field, y: Field, points: NDArray[np.float64], radius: float) -> Field:
    """Path length through a round tube along a polyline of (x, y) points, 1 on its axis."""
    squared = np.full(x.shape, np.inf, np.float32)
    across, down = x[0], y[:, 0]
    for (ax, ay), (bx, by) in pairwise(points):
        left, right = np.searchsorted(across, (min(ax, bx) - radius, max(ax, bx) + radius))
        top, bottom = np.searchsorted(down, (min(ay, by) - radius, max(ay, by) + radius))
        part = np.s_[top:bottom, left:right]
        px, py = x[part] - ax, y[part] - ay
        along = np.clip((px * (bx - ax) + py * (by - ay)) / max(1e-9, (bx - ax) ** 2 + (by - ay) ** 2), 0, 1)
        squared[part] = np.minimum(squared[part], (px - along * (bx - ax)) ** 2 + (py - along * (by - ay)) ** 2)
    return single(np.sqrt(np.clip(1 - squared / radius**2, 0, None)))


def sample(field: Field, rows: Field, columns: Field) -> Field:
    """Bilinear look-up of ``field`` at fractional positions, clipped to its edges."""
    r = np.clip(rows, 0, field.shape[0] - 1.001)
    c = np.clip(columns, 0, field.shape[1] - 1.001)
    r0, c0 = r.astype(np.int32), c.astype(np.int32)
    dr, dc = r - r0, c - c0
    top = field[r0, c0] * (1 - dc) + field[r0, c0 + 1] * dc
    bottom = field[r0 + 1, c0] * (1 - dc) + field[r0 + 1, c0 + 1] * dc
    return single(top * (1 - dr) + bottom * dr)


def stretch(field: Field, low: float, high: float) -> Field:
    """``field`` scaled linearly so that its range becomes ``low`` to ``high``."""
    span = float(field.max() - field.min()) or 1.0
    return single(low + (field - field.min()) / span * (high - low))
