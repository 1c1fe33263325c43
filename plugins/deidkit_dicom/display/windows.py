"""Views of monochrome frames: named windows first, then the whole range, then what all of these hide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from deidkit.image import Array
from deidkit.imaging.hidden import WIDE, Blocks, Plane, bands, blocks, further_views, shows_more
from deidkit_dicom.display.lut import Display, Table, Values, Window
from deidkit_dicom.pixel_module import PixelModule

Renderer = Callable[[Array], Array]
Tone = Callable[[Values], Values]
FEW_PIXELS = 30
LONELY, PADDED = 0.1, 0.02
NAMED = 4
BINS = 1 << 16


class Span(NamedTuple):
    """A linear ramp from black to white, in rescaled units."""

    low: float
    high: float

    def covers(self, other: Span) -> bool:
        """Whether ``other`` would show hardly anything more: it lies inside and has little more contrast."""
        slack = 0.05 * (self.high - self.low)
        inside = self.low <= other.low + slack and self.high >= other.high - slack
        return inside and self.high - self.low <= 1.6 * (other.high - other.low)


class Candidate(NamedTuple):
    """``span`` is None for a lookup table, of which nobody knows what it shows."""

    name: str
    span: Span | None
    tone: Tone


class Histogram(NamedTuple):
    """Stored values, the same after the modality LUT, and how many samples have each. ``weights`` leaves out padding."""

    stored: Values
    rescaled: Values
    counts: Array
    weights: Array

    def between(self, span: Span) -> int:
        """How many samples are neither black nor white in ``span``."""
        return int(self.counts[(self.rescaled > span.low) & (self.rescaled < span.high)].sum())

    def full(self) -> Span:
        """The whole range, without padding: declared, or a value far below all others that fills a part of the frame."""
        weights = self.weights if self.weights.any() else self.counts
        used = np.unique(self.rescaled[weights > 0])
        if len(used) > 2 and used[1] - used[0] > LONELY * (used[-1] - used[0]):
            share = weights[self.rescaled == used[0]].sum() / weights.sum()
            used = used[1:] if share > PADDED else used
        low, high = float(used[0]), float(used[-1])
        return Span(low, high if high > low else low + 1)

    def robust(self, full: Span) -> Span:
        """Between the percentiles 0.5 and 99.5, or everything when hardly any contrast would be left."""
        order = np.argsort(self.rescaled, kind="stable")
        total = np.cumsum(self.weights[order])
        if not total[-1]:
            return full
        at = np.searchsorted(total, np.array([0.005, 0.995]) * total[-1])
        low, high = (float(self.rescaled[order][i]) for i in np.minimum(at, len(order) - 1))
        return Span(low, high) if high - low >= 0.02 * (full.high - full.low) else full

    def hides(self) -> bool:
        """Whether the modality LUT gives one value to several stored ones."""
        return not np.diff(self.rescaled[self.counts > 0]).all()


def histogram(samples: Array, display: Display) -> Histogram:
    low, high = int(samples.min()), int(samples.max())
    if high - low < BINS:
        counts = np.bincount((samples.reshape(-1).astype(np.int64) - low), minlength=high - low + 1)
        stored = np.arange(low, high + 1, dtype=np.float64)
    else:
        counts, edges = np.histogram(samples, BINS)
        stored = (edges[:-1] + edges[1:]) / 2
    weights = counts.copy()
    if display.padding is not None:
        weights[(stored >= display.padding[0]) & (stored <= display.padding[1])] = 0
    return Histogram(stored, display.rescale(stored), counts, weights)


def grey_views(samples: Array, module: PixelModule, display: Display) -> dict[str, Renderer]:
    """View name -> renderer from samples, the default one first. Few where the range is narrow or nothing is hidden."""
    counted, grid = histogram(samples, display), blocks(samples)
    taken: list[Span] = []
    views: dict[str, Renderer] = {}
    shown = np.zeros(grid.low.shape)

    def take(name: str, tone: Tone, display: Display = display) -> None:
        nonlocal shown
        views[name] = _renderer(tone, display, module)
        shown = np.maximum(shown, _contrast(grid, tone, display))

    for name, span, tone in _candidates(counted, module, display):
        if span is not None and any(other.covers(span) for other in taken):
            continue
        if name == "full" and display.voi and not shows_more(_contrast(grid, tone, display), shown):
            continue
        taken += [span] if span is not None else []
        take(name, tone)
    if counted.stored[-1] - counted.stored[0] > WIDE:
        rescaled = Blocks(*(display.rescale(ends.astype(np.float64)) for ends in grid))
        for place, low, high in bands([rescaled], shown, *counted.full()):
            take(f"band{place}", _ramp(Span(low, high)))
    if counted.hides():
        used = counted.stored[counted.counts > 0]
        take("stored", _ramp(Span(float(used[0]), float(used[-1]))), Display())
    levels = 255 / max(1.0, float(counted.stored[-1] - counted.stored[0]))
    further = further_views(samples, [Plane(lambda s: s, levels, shown)])
    return views | further


def _contrast(grid: Blocks, tone: Tone, display: Display) -> Array:
    """Grey levels that ``tone`` shows in every block."""
    return grid.contrast(lambda stored: 255 * tone(display.rescale(stored.astype(np.float64))))


def default_tones(samples: Array, module: PixelModule, display: Display) -> list[Tone]:
    """The tones of all views that the header itself asks for, or of the default view when it asks for none."""
    counted = histogram(samples, display)
    named = [c.tone for c in _named(display)]
    return named or [next(_candidates(counted, module, display)).tone]


def _named(display: Display) -> list[Candidate]:
    tables = [Candidate("voi", None, _normalised(table)) for table in display.voi[:NAMED]]
    return tables + [Candidate("window", Span(*w.bounds), w) for w in _distinct(display.windows)[:NAMED]]


def _distinct(windows: tuple[Window, ...]) -> list[Window]:
    return list(dict.fromkeys(windows))


def _candidates(counted: Histogram, module: PixelModule, display: Display) -> Iterator[Candidate]:
    full = counted.full()
    shown = [c for c in _named(display) if c.span is None or counted.between(c.span) >= FEW_PIXELS or _splits(counted, c.span)]
    if not shown:
        shallow = module.stored <= 8 and not module.signed and display.modality is None
        plain = _whole(module, display) if shallow else counted.robust(full)
        shown = [Candidate("default", plain, _ramp(plain))]
    for index, candidate in enumerate(shown):
        yield candidate._replace(name="default" if index == 0 else f"window{index + 1}")
    yield Candidate("full", full, _ramp(full))


def _splits(counted: Histogram, span: Span) -> bool:
    """Whether a window shows two tones at least, as it does with a binary image."""
    return bool((counted.counts[counted.rescaled <= span.low].any()) and (counted.counts[counted.rescaled >= span.high].any()))


def _whole(module: PixelModule, display: Display) -> Span:
    ends = display.rescale(np.array(module.span, np.float64))
    return Span(float(ends.min()), float(ends.max()))


def _ramp(span: Span) -> Tone:
    width = max(span.high - span.low, np.finfo(np.float64).tiny)
    return lambda values: np.clip((values - span.low) / width, 0.0, 1.0)


def _normalised(table: Table) -> Tone:
    top = float(max(table.data.max(), 1.0))
    return lambda values: table(values) / top


def shade(stored: Values, tone: Tone, display: Display, inverted: bool) -> Array:
    """uint8 display values of stored ones."""
    shown = tone(display.rescale(stored))
    return np.rint(255.0 * (1.0 - shown if inverted else shown)).astype(np.uint8)


def _renderer(tone: Tone, display: Display, module: PixelModule) -> Renderer:
    inverted = module.photometric == "MONOCHROME1"

    def render(samples: Array) -> Array:
        low, high = int(samples.min()), int(samples.max())
        if high - low >= BINS:
            return shade(samples.astype(np.float64), tone, display, inverted)
        table = shade(np.arange(low, high + 1, dtype=np.float64), tone, display, inverted)
        return table[samples.astype(np.int32) - low] if low else table[samples]

    return render
