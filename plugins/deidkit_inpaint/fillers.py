"""Ways to invent the masked part of one plane: each takes what is known and returns all of it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from deidkit.image import Array

Filler = Callable[[Array, Array], Array]
"""float32 plane ``(rows, columns)`` in [0, 1] and boolean mask of the unknown -> float32 plane; known pixels are ignored."""

RADIUS = 3
FINEST = 1e-6
DEEP = 65535
COARSEST = 3
SWEEPS = 6
LAPLACE = np.array([[1, 4, 1], [4, 0, 4], [1, 4, 1]], np.float32) / 20
"""Nine-point stencil of the mean of the neighbours."""


def telea(plane: Array, mask: Array) -> Array:
    """Telea, An Image Inpainting Technique Based on the Fast Marching Method, J. Graphics Tools 9(1), 2004."""
    return _opencv(plane, mask, cv2.INPAINT_TELEA)


def navier_stokes(plane: Array, mask: Array) -> Array:
    """Bertalmio et al., Navier-Stokes, Fluid Dynamics, and Image and Video Inpainting, CVPR 2001."""
    return _opencv(plane, mask, cv2.INPAINT_NS)


def _opencv(plane: Array, mask: Array, method: int) -> Array:
    # In 16 bits, because OpenCV's fast marching adds a rounding half to floating point values as well.
    whole = np.rint(np.clip(plane, 0, 1) * DEEP).astype(np.uint16)
    return np.asarray(cv2.inpaint(whole, mask.astype(np.uint8), RADIUS, method).astype(np.float32) / np.float32(DEEP))


def harmonic(plane: Array, mask: Array) -> Array:
    """The smoothest surface through the known pixels: Laplace's equation, relaxed on a pyramid from coarse to fine (multigrid
    after Brandt, Math. Comp. 31, 1977).
    """
    known = ~mask
    return _relaxed(np.where(known, plane, 0).astype(np.float32), known)


def _relaxed(plane: Array, known: Array) -> Array:
    if known.all() or min(plane.shape) < COARSEST:
        mean = np.float32(plane[known].mean()) if known.any() else np.float32(0)
        return np.asarray(np.where(known, plane, mean), np.float32)
    rows, columns = plane.shape
    odd = (0, rows % 2, 0, columns % 2)
    values = cv2.copyMakeBorder(plane, *odd, cv2.BORDER_CONSTANT)
    weights = cv2.copyMakeBorder(known.astype(np.float32), *odd, cv2.BORDER_CONSTANT)
    half = (values.shape[1] // 2, values.shape[0] // 2)
    weight = cv2.resize(weights, half, interpolation=cv2.INTER_AREA)
    total = cv2.resize(values, half, interpolation=cv2.INTER_AREA)
    coarse = _relaxed(np.where(weight > 0, total / np.maximum(weight, FINEST), 0).astype(np.float32), weight > 0)
    wide = cv2.resize(coarse, (values.shape[1], values.shape[0]), interpolation=cv2.INTER_LINEAR)[:rows, :columns]
    filled = np.where(known, plane, wide)
    for _ in range(SWEEPS):
        filled = np.where(known, plane, cv2.filter2D(filled, -1, LAPLACE, borderType=cv2.BORDER_REPLICATE))
    return np.asarray(filled, np.float32)


FILLERS: dict[str, Filler] = {"telea": telea, "navier_stokes": navier_stokes, "harmonic": harmonic}
