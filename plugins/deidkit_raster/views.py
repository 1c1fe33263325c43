"""Display views of raster images: as they are, and stretched where faint text could hide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deidkit.types import Array
from deidkit_raster.pages import Page

Renderer = Callable[[Array], Array]
BAND = 0.08
NARROW = 128
WIDE = 512
FEW_PIXELS = 30


def views_of(page: Page) -> dict[str, Renderer]:
    """View name -> renderer from samples to uint8 grey or RGB; alpha is shown on its own where it is not constant."""
    if page.palette is not None:
        table: Array = page.palette
        return {"default": lambda s: table[s]}
    views = _grey(page) if page.samples.ndim == 2 else _colour(page)
    if page.alpha and np.ptp(page.samples[..., -1]):
        top = np.iinfo(page.samples.dtype).max
        views["alpha"] = lambda s: (s[..., -1].astype(np.float32) * (255.0 / top)).astype(np.uint8)
    return views


def _colour(page: Page) -> dict[str, Renderer]:
    count = {"LA": 1, "RGB": 3, "RGBA": 3}[page.mode]
    shift = 8 * (page.samples.dtype.itemsize - 1)

    def plain(samples: Array) -> Array:
        shown = (samples[..., :count] >> shift).astype(np.uint8)
        return shown[..., 0] if count == 1 else shown

    views: dict[str, Renderer] = {"default": plain}
    top = int(page.samples[..., :count].max(initial=0))
    if 0 < top < (NARROW << shift) // 2:
        views["full"] = lambda s: _ramp(0, top)(plain(s) if shift == 0 else s[..., :count].squeeze())
    return views


def _grey(page: Page) -> dict[str, Renderer]:
    low, high = int(page.samples.min()), int(page.samples.max())
    if page.samples.dtype == np.uint8:
        views: dict[str, Renderer] = {"default": np.array}
        if 0 < high - low < NARROW:
            views["full"] = _ramp(low, high)
        return views
    ends = np.percentile(page.samples[::4, ::4], [0.5, 99.5])
    robust = (float(ends[0]), float(ends[1])) if ends[1] - ends[0] > 0.02 * (high - low) else (low, high)
    views = {"default": _ramp(*robust)}
    if robust[1] - robust[0] < 0.6 * (high - low):
        views["full"] = _ramp(low, high)
    if high - low > WIDE:
        reach = BAND * (high - low)
        for name, start in (("low", float(low)), ("high", high - reach)):
            inside = np.count_nonzero((page.samples > start) & (page.samples < start + reach))
            if inside >= FEW_PIXELS:
                views[name] = _ramp(start, start + reach)
    return views


def _ramp(low: float, high: float) -> Renderer:
    scale = 255.0 / max(high - low, 1e-9)
    return lambda samples: np.clip((samples.astype(np.float32) - low) * scale, 0, 255).astype(np.uint8)


def black_of(page: Page) -> tuple[int, ...]:
    """Darkest palette entry, or zero in every channel with full alpha."""
    if page.palette is not None:
        weights = np.array([0.299, 0.587, 0.114], np.float32)
        shown = len(page.transparency.rstrip(b"\xff")) if page.transparency else 0
        darkness = page.palette.astype(np.float32) @ weights
        darkness[:shown] += 256 * (np.frombuffer(page.transparency[:shown], np.uint8) < 255)
        return (int(np.argmin(darkness)),)
    if page.samples.ndim == 2:
        return (0,)
    colours = int(page.samples.shape[2]) - page.alpha
    return (0,) * colours + (int(np.iinfo(page.samples.dtype).max),) * page.alpha
