"""Whether an edit has the shape of glyphs, so that the outline of what was changed spells the text."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging import boxes as geometry
from deidkit_reconstruct.attack.strokes import grey, strokes

LEAST_TEXTURED = 64
MOST_UNTOUCHED = 0.5


def untouched(before: Array, after: Array) -> float:
    """Share of the textured pixels of a region that kept their exact value, in [0, 1].

    Only pixels that differ from a neighbour count, since flat background stays what it was under any honest filling, and only
    those that are not beside a stroke nor of the value that is most common.
    """
    if not np.ptp(after.reshape(-1, 1 if after.ndim == 2 else after.shape[2]), axis=0).any():
        return 0.0
    values = before.reshape(*before.shape[:2], -1).astype(np.float32)
    kernel = np.ones((3, 3), np.uint8)
    channels = [np.ascontiguousarray(values[..., i]) for i in range(values.shape[2])]
    textured = np.any([cv2.dilate(c, kernel) != cv2.erode(c, kernel) for c in channels], axis=0)
    common, counts = np.unique(grey(before), return_counts=True)
    textured &= grey(before) != common[int(np.argmax(counts))]
    ink = strokes(before)
    if ink is not None:
        textured &= cv2.dilate(ink.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    if np.count_nonzero(textured) < LEAST_TEXTURED:
        return 0.0
    kept = np.asarray((before == after).reshape(*before.shape[:2], -1).all(axis=2))
    return float(kept[textured].mean())


def fragments(box: Box, masks: Sequence[Box]) -> int:
    """Number of mask boxes that a region is put together from; 1 when one of them holds all of it."""
    touching = [mask for mask in masks if geometry.intersection(mask, box)]
    if any(geometry.intersection(mask, box) == geometry.area(box) for mask in touching):
        return 1
    return len(touching)
