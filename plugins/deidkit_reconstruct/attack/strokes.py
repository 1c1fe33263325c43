"""The strokes that a region showed before it was redacted: the truth that an attack is measured against."""

from __future__ import annotations

import cv2
import numpy as np

from deidkit.image import Array

LEAST_PIXELS = 30
MOST_SHARE = 0.6


def grey(samples: Array) -> Array:
    """float32 ``(rows, columns)``: the samples themselves, or of colour the component that varies most."""
    if samples.ndim == 2:
        return samples.astype(np.float32)
    spreads = [float(samples[..., i].std()) for i in range(samples.shape[2])]
    return samples[..., int(np.argmax(spreads))].astype(np.float32)


def strokes(samples: Array) -> Array | None:
    """Boolean mask ``(rows, columns)`` of thin structures lighter or darker than their surroundings; None when there are none.

    White or black top-hat transform with an opening wider than strokes are, thresholded after Otsu (IEEE Trans. SMC 9, 1979).
    Which of the two is said by the side of the median on which values reach further, since most of a box is background; the
    transforms themselves cannot tell strokes from the gaps between them.
    """
    values = grey(samples)
    if values.std() == 0 or min(values.shape) < 5:
        return None
    width = max(5, round(min(values.shape) / 2.5)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    way = cv2.MORPH_TOPHAT if _is_light(values) else cv2.MORPH_BLACKHAT
    found = np.asarray(cv2.morphologyEx(values, way, kernel))
    top = float(found.max())
    if top <= 0:
        return None
    scaled = np.rint(found * (255.0 / top)).astype(np.uint8)
    mask: Array = cv2.threshold(scaled, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1] > 0
    share = float(mask.mean())
    return mask if mask.sum() >= LEAST_PIXELS and share <= MOST_SHARE else None


def _is_light(values: Array) -> bool:
    """Whether what stands out of ``values`` is lighter than the rest."""
    apart = values.astype(np.float64) - np.median(values)
    return bool((np.maximum(apart, 0) ** 2).sum() >= (np.minimum(apart, 0) ** 2).sum())
