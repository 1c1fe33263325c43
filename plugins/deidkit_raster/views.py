"""Display views of raster images: as they are, stretched, and what these hide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deidkit.image import Array
from deidkit.imaging.hidden import (
    WIDE,
    Plane,
    bands,
    blocks,
    colour_bands,
    colour_planes,
    further_views,
    palette_views,
    plain_plane,
)
from deidkit_raster.pages import Page

Renderer = Callable[[Array], Array]
NARROW = 128


def views_of(page: Page) -> dict[str, Renderer]:
    """View name -> renderer from samples to uint8 grey or RGB; opacity is shown on its own where it is not constant."""
    samples = page.samples
    if page.palette is not None:
        opacity = _opacities(page, len(page.palette))
        return palette_views(samples, page.palette) | _opacity_views(samples, lambda s: opacity[s])
    if page.mode in ("RGB", "RGBA"):
        views = _chained(_colour(samples[..., :3]), lambda s: s[..., :3])
    elif page.alpha:
        views = _chained(_grey(samples[..., 0]), lambda s: s[..., 0])
    else:
        views = _grey(samples)
    return views | (_opacity_views(samples, lambda s: s[..., -1]) if page.alpha else {})


def _chained(views: dict[str, Renderer], first: Renderer) -> dict[str, Renderer]:
    """The same views of what ``first`` gives."""

    def after(view: Renderer) -> Renderer:
        return lambda samples: view(first(samples))

    return {name: after(view) for name, view in views.items()}


def _opacities(page: Page, entries: int) -> Array:
    """Opacity of every entry of the palette; entries without one are opaque."""
    opacity = np.full(entries, 255, np.uint8)
    given = np.frombuffer(page.transparency[:entries], np.uint8)
    opacity[: len(given)] = given
    return opacity


def _opacity_views(samples: Array, of: Renderer) -> dict[str, Renderer]:
    opacity = of(samples)
    if not np.ptp(opacity):
        return {}
    levels = 255.0 / np.iinfo(opacity.dtype).max
    hidden = _chained(further_views(opacity, [plain_plane(opacity, levels, np.asarray)]), of)
    shown: dict[str, Renderer] = {"alpha": lambda s: (of(s).astype(np.float32) * levels).astype(np.uint8)}
    return shown | {f"alpha-{name}": view for name, view in hidden.items()}


def _colour(colours: Array) -> dict[str, Renderer]:
    shift = 8 * (colours.dtype.itemsize - 1)
    views: dict[str, Renderer] = {"default": lambda s: (s >> shift).astype(np.uint8)}
    top, levels = int(colours.max(initial=0)), 2.0**-shift
    if 0 < top < (NARROW << shift) // 2:
        levels = 255.0 / top
        views["full"] = _ramp(0, top)
    return views | colour_bands(colours, levels) | further_views(colours, colour_planes(colours, levels))


def _grey(samples: Array) -> dict[str, Renderer]:
    low, high, grid = int(samples.min()), int(samples.max()), blocks(samples)
    if samples.dtype == np.uint8:
        views: dict[str, Renderer] = {"default": np.array}
        levels, some = 1.0, 0 < high - low < NARROW
    else:
        ends = [float(end) for end in np.percentile(samples[::4, ::4], [0.5, 99.5])]
        robust = ends if ends[1] - ends[0] > 0.02 * (high - low) else [low, high]
        views = {"default": _ramp(*robust)}
        levels, some = 255.0 / max(1, high - low), robust[1] - robust[0] < 0.6 * (high - low)
    if some:
        views["full"] = _ramp(low, high)
    shown = np.max([grid.contrast(view) for view in views.values()], axis=0)
    if high - low > WIDE:
        for band in bands([grid], shown, low, high):
            views[f"band{band.place}"] = band.view
            shown = np.maximum(shown, grid.contrast(band.view))
    return views | further_views(samples, [Plane(np.asarray, levels, shown)])


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
