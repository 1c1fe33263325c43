"""Floating point pixel data (PS3.3 C.7.6.24 and C.7.6.25): measurements, which are looked at and never altered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydicom import Dataset

from deidkit.errors import UnreadableFile
from deidkit.limits import Limits
from deidkit.types import Array
from deidkit_dicom.lut import Display, Window
from deidkit_dicom.module import PixelModule, number
from deidkit_dicom.part10 import DOUBLE_PIXEL_DATA, FLOAT_PIXEL_DATA

BITS = {FLOAT_PIXEL_DATA: 32, DOUBLE_PIXEL_DATA: 64}
"""Tag of the pixel data -> bits of one sample."""

PERCENTILES = (0.5, 99.5)
WINDOWS = 4
Renderer = Callable[[Array], Array]


def read_float_module(header: Dataset, tag: int, limits: Limits) -> PixelModule:
    """The module of floating point samples, its sizes checked against ``limits``.

    Raises:
        UnreadableFile, OverBudget.
    """
    bits = BITS[tag]
    if number(header, "BitsAllocated", bits) != bits or number(header, "SamplesPerPixel", 1) != 1:
        raise UnreadableFile(
            "pixel-module-contradictory", "Bits Allocated or Samples per Pixel do not fit floating point samples"
        )
    module = PixelModule(
        rows=number(header, "Rows"),
        columns=number(header, "Columns"),
        samples=1,
        photometric="MONOCHROME2",
        allocated=bits,
        stored=bits,
        signed=True,
        planar=0,
        frames=number(header, "NumberOfFrames", 1),
        floating=True,
    )
    limits.check_frame(module.rows, module.columns, 1, bits)
    limits.check_frames(module.frames)
    return module


def float_views(samples: Array, display: Display) -> dict[str, Renderer]:
    """Views of one frame by name: the windows of the header, the bulk of the values, all of them, their ranks.

    Ranks tell values apart however little they differ, beside others however far away. Where some samples are no finite number
    a view ``finite`` shows which, and of what kind they are.
    """
    values = samples[np.isfinite(samples)].astype(np.float64)
    views: dict[str, Renderer] = {}
    if values.size:
        views = {f"window{n}": _windowed(window) for n, window in enumerate(display.windows[:WINDOWS], 1)}
        low, high = (float(value) for value in np.percentile(values, PERCENTILES))
        first, last = float(values.min()), float(values.max())
        views["bulk"] = _ramp(low, high)
        if (low, high) != (first, last):
            views["full"] = _ramp(first, last)
        if last > first:
            views["ranks"] = _ranks(values)
    if values.size < samples.size:
        views["finite"] = _finite
    return views


def _windowed(window: Window) -> Renderer:
    return lambda samples: _grey(window(_settled(samples)))


def _ramp(low: float, high: float) -> Renderer:
    """Halves first, so that a range of nearly all that a double can hold does not overflow."""
    span = high / 2 - low / 2
    return lambda samples: _grey((_settled(samples) / 2 - low / 2) / (span or 1.0))


def _ranks(values: Array) -> Renderer:
    """The share of all values that are below each, halfway through those that equal it."""
    known, counts = np.unique(values, return_counts=True)
    shares = (np.cumsum(counts) - counts / 2) / counts.sum()
    shares = (shares - shares[0]) / (shares[-1] - shares[0])

    def render(samples: Array) -> Array:
        at = np.searchsorted(known, _settled(samples))
        return _grey(shares[np.minimum(at, len(known) - 1)])

    return render


def _finite(samples: Array) -> Array:
    kinds = [np.isfinite(samples), np.isposinf(samples), np.isneginf(samples)]
    return np.select(kinds, [np.uint8(255), np.uint8(170), np.uint8(85)], np.uint8(0))


def _settled(samples: Array) -> Array:
    """Doubles; what is no finite number is shown as the lowest one that is."""
    finite = np.isfinite(samples)
    low = float(samples[finite].min()) if finite.any() else 0.0
    return np.where(finite, samples, low).astype(np.float64)


def _grey(shares: Array) -> Array:
    return np.rint(255.0 * np.clip(shares, 0.0, 1.0)).astype(np.uint8)
