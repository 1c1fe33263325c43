"""Is a picture a photograph by visible light? Its colours say so: they are many, and they are everywhere."""

from __future__ import annotations

import cv2
import numpy as np

from deidkit.image import Array

SIDE = 96
"""Pixels a side of the reduced picture that is judged."""
LEAST_CHROMA = 20
"""Difference between the largest and the smallest of three colours from which a pixel is no grey."""
LEAST_COLOURED = 0.3
LEAST_COLOURS = 300
"""Different colours, told apart in steps of eight levels, of the reduced picture. Screens and maps of colours have fewer."""


def is_photograph(picture: Array) -> bool:
    """Whether uint8 ``picture``, (rows, columns) or (rows, columns, 3), may be a photograph in colour."""
    if picture.ndim == 2:
        return False
    small = cv2.resize(np.ascontiguousarray(picture), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    coloured = small.max(axis=2).astype(np.int16) - small.min(axis=2) >= LEAST_CHROMA
    steps = small.astype(np.int32) // 8
    colours = np.unique((steps[..., 0] << 10) + (steps[..., 1] << 5) + steps[..., 2])
    return bool(coloured.mean() >= LEAST_COLOURED and len(colours) >= LEAST_COLOURS)
