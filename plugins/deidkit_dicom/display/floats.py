"""Floating point pixel data (PS3.3 C.7.6.24 and C.7.6.25): measurements, which are looked at and never altered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydicom import Dataset

from deidkit.errors import UnreadableFile
from deidkit.image import Array
from deidkit.limits import Limits
from deidkit_dicom.display.lut import Display
from deidkit_dicom.part10.parts import DOUBLE_PIXEL_DATA, FLOAT_PIXEL_DATA
from deidkit_dicom.pixel_module import PixelModule, number

BITS = {FLOAT_PIXEL_DATA: 32, DOUBLE_PIXEL_DATA: 64}
"""Tag of the pixel data -> bits of one sample."""

PERCENTILES = (0.5, 99.5)
WINDOWS = 4
BAND = 1 << 20
"""Samples that are shown at a time."""
KNOTS = 4096
"""Values whose ranks are counted exactly: many more than there are grey levels."""
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
        high_bit=bits - 1,
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
    values = samples[np.isfinite(samples)]
    views: dict[str, Renderer] = {}
    if values.size:
        low, high = map(float, np.percentile(values.astype(np.float64), PERCENTILES, overwrite_input=True))
        first, last = float(values.min()), float(values.max())
        shares: dict[str, Renderer] = {f"window{n}": window for n, window in enumerate(display.windows[:WINDOWS], 1)}
        shares["bulk"] = _ramp(low, high)
        if (low, high) != (first, last):
            shares["full"] = _ramp(first, last)
        if last > first:
            shares["ranks"] = _ranks(values)
        views = {name: _in_bands(share, first) for name, share in shares.items()}
    if values.size < samples.size:
        views["finite"] = _finite
    return views


def _in_bands(shares: Renderer, lowest: float) -> Renderer:
    """Grey levels of the ``shares`` from 0 to 1 of black to white; what is no finite number is shown as the lowest one that is.

    Some rows at a time: doubles of a whole frame take many times its memory.
    """

    def render(samples: Array) -> Array:
        shown = np.empty(samples.shape, np.uint8)
        step = max(1, BAND // samples.shape[1])
        for first in range(0, samples.shape[0], step):
            band = samples[first : first + step]
            settled = np.where(np.isfinite(band), band, lowest).astype(np.float64)
            shown[first : first + step] = np.rint(255.0 * np.clip(shares(settled), 0.0, 1.0))
        return shown

    return render


def _ramp(low: float, high: float) -> Renderer:
    """Halves first, so that a range of nearly all that a double can hold does not overflow."""
    span = high / 2 - low / 2
    return lambda samples: (samples / 2 - low / 2) / (span or 1.0)


def _ranks(values: Array) -> Renderer:
    """The share of all values that are below each, halfway through those that equal it; what lies between two ``KNOTS`` gets
    the share between theirs.
    """
    ordered = np.sort(values)
    knots = np.unique(ordered[np.linspace(0, len(ordered) - 1, KNOTS).astype(np.intp)])
    below, upto = np.searchsorted(ordered, knots), np.searchsorted(ordered, knots, side="right")
    places = np.empty(2 * len(knots) + 1)
    places[1::2] = below + upto
    places[2:-1:2] = upto[:-1] + below[1:]
    places[[0, -1]] = places[[1, -2]]
    shares = (places - places[0]) / (places[-1] - places[0])
    return lambda samples: shares[np.searchsorted(knots, samples) + np.searchsorted(knots, samples, side="right")]


def _finite(samples: Array) -> Array:
    kinds = [np.isfinite(samples), np.isposinf(samples), np.isneginf(samples)]
    return np.select(kinds, [np.uint8(255), np.uint8(170), np.uint8(85)], np.uint8(0))
