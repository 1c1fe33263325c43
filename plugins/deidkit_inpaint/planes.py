"""From stored samples to planes in [0, 1] and back, by the range of what is known around a region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deidkit.image import Array
from deidkit_inpaint.fillers import Filler


@dataclass(frozen=True, slots=True)
class Range:
    """``low`` and ``high`` of one plane in stored units."""

    low: float
    high: float

    @classmethod
    def of(cls, known: Array) -> Range:
        """The range of the known samples: text must not stretch it, or its brightness would show in the filling."""
        return cls(float(known.min()), float(known.max()))

    def scale(self, plane: Array) -> Array:
        """float32 in [0, 1] where ``plane`` lies inside the range."""
        if self.high <= self.low:
            return np.zeros(plane.shape, np.float32)
        return ((plane.astype(np.float32) - np.float32(self.low)) / np.float32(self.high - self.low)).astype(np.float32)

    def stored(self, scaled: Array, dtype: np.dtype[np.generic]) -> Array:
        """Back to stored units: never beyond the range, so never beyond Bits Stored."""
        values = self.low + np.clip(scaled.astype(np.float64), 0, 1) * (self.high - self.low)
        return np.rint(values).astype(dtype)


def fill_crop(crop: Array, mask: Array, filler: Filler, conditioned: bool) -> Array:
    """A copy of ``crop``, ``(rows, columns[, samples])`` stored, with the pixels of the boolean ``mask`` invented.

    ``conditioned`` blanks them first. At least one pixel has to be known.
    """
    made = crop.copy()
    planes = made.reshape(*made.shape[:2], -1)
    for channel in range(planes.shape[2]):
        plane = planes[..., channel]
        known = Range.of(plane[~mask])
        scaled = known.scale(plane)
        if conditioned:
            scaled[mask] = 0
        plane[mask] = known.stored(filler(scaled, mask), plane.dtype)[mask]
    return made
