"""Two files of which nobody knows the edits: whether everything that changed was blanked in whole rectangles."""

from __future__ import annotations

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_reconstruct.equality.inside import CHROMA_PX

SQUARE = 5


def unexplained(before: Array, after: Array, subsampled: bool) -> tuple[int, int]:
    """Pixels that changed, and how many of them are not part of a blank.

    A blank is any 5 x 5 square (cut off at the frame's border) that holds one single value, the one that most of the changed
    pixels have now. Strokes that were blackened one by one are not blanks, unless on a background of that very value.

    Args:
        before: stored samples ``(rows, columns[, samples])``; ``after`` has the same shape.
        subsampled: whether chroma may have bled across the border of a blank.
    """
    changed = _pixels(np.asarray(before != after))
    total = int(np.count_nonzero(changed))
    if not total:
        return 0, 0
    flat = after.reshape(*changed.shape, -1)
    values, counts = np.unique(flat[changed], axis=0, return_counts=True)
    filled = np.asarray((flat == values[int(np.argmax(counts))]).all(axis=2)).astype(np.uint8)
    kernel = np.ones((SQUARE, SQUARE), np.uint8)
    pad = SQUARE
    framed = cv2.copyMakeBorder(filled, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    blank = cv2.morphologyEx(framed, cv2.MORPH_OPEN, kernel)[pad:-pad, pad:-pad]
    if subsampled:
        blank = cv2.dilate(blank, np.ones((2 * CHROMA_PX + 1,) * 2, np.uint8))
    return total, int(np.count_nonzero(changed & (blank == 0)))


def _pixels(samples: Array) -> Array:
    return np.asarray(samples.reshape(*samples.shape[:2], -1).any(axis=2))
