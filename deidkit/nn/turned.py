"""Views turned in their plane, for networks that were trained on lines along rows and columns, and boxes of slanting lines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from deidkit.image import Array, Box

PIECE = 0.5
"""Length of the pieces that a slanting line is cut into, in heights of the line: the boxes around them cover little else."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A view turned about its centre, on a canvas that holds all of it; its edge pixels are repeated outwards.

    Args:
        look: uint8 (rows, columns) or (rows, columns, 3).
        back: float64 (2, 3), from places (x, y) on the canvas to places in the view.
        shape: rows and columns of the view.
    """

    look: Array = field(repr=False)
    back: Array
    shape: tuple[int, int]

    def chain(self, box: Sequence[float]) -> Iterator[Box]:
        """Boxes in view pixels that together cover a box of the canvas, along its longer side; nothing outside the view.

        Args:
            box: (x0, y0, x1, y1) in canvas pixels.
        """
        x0, y0, x1, y1 = box
        width, height = x1 - x0, y1 - y0
        count = max(1, math.ceil(max(width, height) / max(1.0, PIECE * min(width, height))))
        for i in range(count):
            low, high = i / count, (i + 1) / count
            if width >= height:
                piece = (x0 + low * width, y0, x0 + high * width, y1)
            else:
                piece = (x0, y0 + low * height, x1, y0 + high * height)
            made = self._around(piece)
            if made is not None:
                yield made

    def _around(self, piece: Sequence[float]) -> Box | None:
        x0, y0, x1, y1 = piece
        corners = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) @ self.back.T
        rows, columns = self.shape
        left, top = np.floor(np.maximum(corners.min(axis=0), 0)).astype(int)
        right, bottom = np.ceil(np.minimum(corners.max(axis=0), (columns, rows))).astype(int)
        return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None


def turn(view: Array, degrees: float) -> Turned:
    """``view``, uint8 (rows, columns) or (rows, columns, 3), turned counterclockwise."""
    import cv2

    rows, columns = view.shape[:2]
    there = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
    cosine, sine = abs(there[0, 0]), abs(there[0, 1])
    size = (math.ceil(columns * cosine + rows * sine), math.ceil(columns * sine + rows * cosine))
    there[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    look = cv2.warpAffine(view, there, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Turned(look, np.asarray(cv2.invertAffineTransform(there)), (rows, columns))
