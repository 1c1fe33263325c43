"""What deidkit's own networks look at: which display views of a frame, and as which numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.image import Array

CHANNELS, FEWEST = 5, 4
"""What networks read, and what those read whose cards do not say."""

STRIDE = 32
WINDOW = 31
"""Side, in pixels, of the neighbourhood that the contrast channel is normalised by."""
SOFTENING = 4.0
MEAN, SPREAD = 64.0, 64.0
_TABLE = ((np.arange(256, dtype=np.float32) - MEAN) / SPREAD)[None]


def channels_of(facts: Mapping[str, Any]) -> int:
    """How many ``channels`` the network of a card reads.

    Raises:
        EnvironmentFault: a number that this version does not make.
    """
    count = facts.get("inputs", FEWEST)
    if not makes(count):
        raise EnvironmentFault("the card of these weights is of another version of deidkit")
    return int(count)


def makes(count: Any) -> bool:
    """Whether ``channels`` can make so many."""
    return isinstance(count, int) and FEWEST <= count <= CHANNELS


def channels(view: Array, count: int = CHANNELS) -> Array:
    """A view, uint8 (rows, columns) or (rows, columns, 3) RGB, as float32 (count, rows, columns): red, green, blue, local
    contrast, and where ``count`` is 5 local contrast of chroma.

    Contrast is the grey value less its mean over a 31 x 31 neighbourhood, divided by its standard deviation there, so that
    faint text on a flat ground is as strong as bright text (local contrast normalisation, Jarrett et al. 2009). Chroma is the
    range of a pixel's components: grey letters stand out by it from stained tissue that is as bright as they are.

    Raises:
        ValueError: ``count`` is neither 4 nor 5.
    """
    import cv2

    if not makes(count):
        raise ValueError(f"a view has {FEWEST} or {CHANNELS} channels")
    out = np.empty((count, *view.shape[:2]), np.float32)
    planes = cv2.split(view) if view.ndim == 3 else (view,)
    for i, plane in enumerate(planes[:3]):
        cv2.LUT(plane, _TABLE, out[i])
    out[len(planes) : 3] = out[0]
    _local_contrast(_grey(planes), out[3])
    if count > FEWEST:
        chroma = None if len(planes) == 1 else _chroma(planes)
        if chroma is None or not chroma.any():
            out[4] = 0
        else:
            _local_contrast(chroma, out[4])
    return out


def _local_contrast(grey: Array, out: Array) -> None:
    """In place, because fresh memory costs more than the arithmetic."""
    import cv2

    mean = cv2.blur(grey, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT)
    spread = cv2.sqrBoxFilter(grey, cv2.CV_32F, (WINDOW, WINDOW), normalize=True, borderType=cv2.BORDER_REFLECT)
    np.multiply(mean, mean, out=out)
    spread -= out
    np.sqrt(np.maximum(spread, 0, out=spread), out=spread)
    np.add(spread, SOFTENING, out=spread)
    np.subtract(grey, mean, out=out)
    out /= spread
    np.clip(out, -4, 4, out=out)


def _grey(planes: Sequence[Array]) -> Array:
    """Half the mean of the planes and half their largest value, so that a pure hue is not dim."""
    import cv2

    if len(planes) == 1:
        return planes[0].astype(np.float32)
    largest = cv2.max(cv2.max(planes[0], planes[1]), planes[2])
    total = cv2.add(cv2.add(planes[0], planes[1], dtype=cv2.CV_32F), planes[2], dtype=cv2.CV_32F)
    return np.asarray(cv2.addWeighted(total, 1 / 6, largest.astype(np.float32), 0.5, 0))


def _chroma(planes: Sequence[Array]) -> Array:
    """Largest less smallest of the planes."""
    import cv2

    red, green, blue = planes[:3]
    largest, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return cv2.subtract(largest, least).astype(np.float32)


def padded(planes: Array, stride: int = STRIDE) -> Array:
    """Planes (channels, rows, columns) as a batch of one, extended by edge replication to multiples of ``stride``."""
    rows, columns = planes.shape[1:]
    below, right = -rows % stride, -columns % stride
    if below or right:
        planes = np.pad(planes, ((0, 0), (0, below), (0, right)), mode="edge")
    return np.ascontiguousarray(planes[None])
