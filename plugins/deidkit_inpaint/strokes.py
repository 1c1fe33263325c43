"""The strokes of a text in a crop, generously: what is left over still shows."""

from __future__ import annotations

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_inpaint.fillers import harmonic

MOST_SHARE = 0.7
LARGE_PX = 40
BORDER_PX = 2
FAINT = 0.2


def stroke_mask(samples: Array) -> Array:
    """Boolean ``(rows, columns)``: thin structures of ``samples`` and the pixels around them; everything when none stand out.

    Colour counts by its most varied component. A top-hat of the polarity that stands out against the crop's border; of
    the step between the means of Otsu's two classes a fifth makes ink, so that the faint edges of smoothed letters count.
    """
    everything = np.ones(samples.shape[:2], np.bool_)
    planes = samples.reshape(*samples.shape[:2], -1).astype(np.float32)
    values = planes[..., int(np.argmax(planes.std((0, 1))))]
    if min(values.shape) < 5 or values.std() == 0:
        return everything
    width = max(5, round(min(values.shape) / 2.5)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    hat = cv2.morphologyEx(values, cv2.MORPH_TOPHAT if _lighter(values) else cv2.MORPH_BLACKHAT, kernel)
    scaled = np.rint(hat * (255.0 / max(float(hat.max()), 1e-9))).astype(np.uint8)
    level = cv2.threshold(scaled, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]
    over = scaled > level
    if not over.any() or over.all():
        return everything
    ground, top = float(scaled[~over].mean()), float(scaled[over].mean())
    ink = (scaled > ground + FAINT * (top - ground)).astype(np.uint8)
    halo = 1 if min(values.shape) < LARGE_PX else 2
    grown = cv2.dilate(ink, np.ones((2 * halo + 1,) * 2, np.uint8)) > 0
    return everything if grown.mean() > MOST_SHARE else np.asarray(grown)


def _lighter(values: Array) -> bool:
    """Whether the text is lighter than its background, of which the crop's border gives an idea."""
    inner = np.zeros(values.shape, np.bool_)
    inner[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX] = True
    step = values - harmonic(values, inner)
    light, dark = np.maximum(step, 0), np.maximum(-step, 0)
    return float((light**2).sum()) >= float((dark**2).sum())
