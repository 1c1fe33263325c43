"""Undoing a blur: what a mean over squares of 5 x 5 pixels hides, division of spectra shows again."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from deidkit.image import Array

SIZE = 5
PAD = 16
NOISE = 3e-3
"""Power of the noise, as a share of the picture's: rounding to whole grey levels and whatever else is no blur."""


def deblurred(values: Array, mask: Array | None = None) -> Array:
    """float32 ``(rows, columns)``: Wiener deconvolution (Extrapolation, Interpolation, and Smoothing of Stationary Time Series,
    1949) of a mean over 5 x 5 pixels.

    Args:
        values: grey crop in any unit.
        mask: boolean, where it was blurred; the rest is blurred first, so that all can be undone alike. All of it when None.
    """
    values = values.astype(np.float32)
    if mask is not None:
        values = np.where(mask, values, cv2.blur(values, (SIZE, SIZE), borderType=cv2.BORDER_REFLECT))
    mean = np.float32(values.mean())
    padded = np.pad(values - mean, PAD, mode="reflect" if min(values.shape) > PAD else "edge")
    inverse = _inverse(padded.shape[0], padded.shape[1])
    whole = np.fft.irfft2(np.fft.rfft2(padded) * inverse, padded.shape)
    return (whole[PAD:-PAD, PAD:-PAD] + mean).astype(np.float32)


@lru_cache(maxsize=64)
def _inverse(rows: int, columns: int) -> Array:
    kernel = np.zeros((rows, columns))
    reach = range(-(SIZE // 2), SIZE // 2 + 1)
    for y in reach:
        for x in reach:
            kernel[y % rows, x % columns] += 1 / SIZE**2
    spectrum = np.fft.rfft2(kernel)
    return np.asarray(np.conj(spectrum) / (np.abs(spectrum) ** 2 + NOISE))
