"""Ways of looking at redacted pixels that bring faint rests of text to light. Each gives 8-bit grey of the size of the crop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_reconstruct.attack.deblur import deblurred

LOCAL = (11, 11)
BIT_PLANES = 3
EXACT_LEVELS = 4096


def _eight(values: Array) -> Array:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    return np.rint((values - low) * (255.0 / (high - low))).astype(np.uint8)


def equalised(values: Array) -> Array:
    """Every value replaced by the share of pixels at or below it."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    levels = ((values - low) * ((EXACT_LEVELS - 1) / (high - low))).astype(np.int64)
    shares = np.cumsum(np.bincount(levels.ravel(), minlength=EXACT_LEVELS))
    return np.asarray((shares[levels] * (255.0 / values.size)).astype(np.uint8))


def local_contrast(values: Array) -> Array:
    """128 + 128 (p - mean) / (2 std) with mean and standard deviation of an 11 x 11 window."""
    mean = cv2.blur(values, LOCAL, borderType=cv2.BORDER_REFLECT)
    square = cv2.blur(values * values, LOCAL, borderType=cv2.BORDER_REFLECT)
    std = np.sqrt(np.maximum(square - mean * mean, 0))
    level = np.where(std > 1e-3, 128 + 64 * (values - mean) / np.maximum(std, 1e-3), 128)
    return np.clip(level, 0, 255).astype(np.uint8)


def gamma(exponent: float) -> Callable[[Array], Array]:
    return lambda values: np.rint(255 * (_eight(values).astype(np.float32) / 255) ** exponent).astype(np.uint8)


def high_pass(values: Array) -> Array:
    rest = values - cv2.GaussianBlur(values, (0, 0), 2.0, borderType=cv2.BORDER_REFLECT)
    return _clipped(rest)


def _difference(axis: int) -> Callable[[Array], Array]:
    def view(values: Array) -> Array:
        return _clipped(np.diff(values, axis=axis, append=np.take(values, [-1], axis=axis)))

    return view


def _clipped(rest: Array) -> Array:
    reach = 3 * float(rest.std())
    if reach == 0:
        return np.full(rest.shape, 128, np.uint8)
    return np.clip(128 + rest * (127 / reach), 0, 255).astype(np.uint8)


def _bit(plane: int) -> Callable[[Array], Array]:
    """How often one bit is set in a 3 x 3 window, since flat ink shows in noise as a place where it does not change."""

    def view(values: Array) -> Array:
        bits = ((values.astype(np.int64) >> plane & 1) * 255).astype(np.uint8)
        return np.asarray(cv2.blur(bits, (3, 3)))

    return view


MEASURED: dict[str, Callable[[Array], Array]] = {
    "equalised": equalised,
    "local contrast": local_contrast,
    "high-pass": high_pass,
    "across": _difference(1),
    "down": _difference(0),
    "deblurred": lambda values: _clipped(deblurred(values) - values.mean()),
    **{f"bit {plane}": _bit(plane) for plane in range(BIT_PLANES)},
}
"""Views measured against the old strokes. Not gamma: it keeps the order of values, so its area is that of ``equalised``."""

READ: dict[str, Callable[[Array], Array]] = {
    "local contrast": local_contrast,
    "equalised": equalised,
    "dark gamma": gamma(0.4),
    "light gamma": gamma(2.5),
    "high-pass": high_pass,
    "deblurred": lambda values: _clipped(deblurred(values) - values.mean()),
}
"""Views given to a reader."""


def measured(values: Array) -> Iterator[Array]:
    """All views of float32 ``values`` that show anything at all."""
    for make in MEASURED.values():
        view = make(values)
        if view.min() != view.max():
            yield view
