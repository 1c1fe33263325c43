"""Each region filled with one value: the median of the pixels around it, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import grow, merge, rasterise
from deidkit.types import Context, Edit, Patch, Region
from deidkit_example.options import FillOptions


class FillRedactor:
    """A redactor whose output is not black, but as flat."""

    def __init__(self, options: FillOptions) -> None:
        self._options = options

    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:
        boxes = merge(region.box for region in regions)
        clean = ~rasterise(boxes, frame.shape)
        return Edit(frame.index, tuple(Patch(box, self._flat(frame, box, clean)) for box in boxes), "example_fill")

    def _flat(self, frame: Frame, box: Box, clean: Array) -> Array:
        x0, y0, x1, y1 = box
        target = frame.samples[y0:y1, x0:x1]
        outer = grow(box, self._options.ring, frame.shape) or box
        around = np.s_[outer[1] : outer[3], outer[0] : outer[2]]
        known = frame.samples[around][clean[around]]
        value = np.median(known, axis=0) if known.size else np.zeros(target.shape[2:])
        return np.broadcast_to(np.asarray(value).astype(target.dtype), target.shape).copy()
