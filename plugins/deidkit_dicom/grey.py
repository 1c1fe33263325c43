"""Views of monochrome frames: named windows first, then the whole range and its two ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from deidkit.types import Array
from deidkit_dicom.lut import Display, Table, Values, Window
from deidkit_dicom.module import PixelModule

Renderer = Callable[[Array], Array]
Tone = Callable[[Values], Values]
WIDE = 512
"""Ranges wider than this get views of their lowest and highest part."""
BAND = 0.08
"""Share of the range that such a view covers, so that text at 3 % of the range comes out at 37 % grey."""
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
    name: str
    span: Span
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
    """View name -> renderer, the default one first. Few where the range is narrow."""
    counted = histogram(samples, display)
    taken: list[Span] = []
    views: dict[str, Renderer] = {}
    for name, span, tone in _candidates(counted, module, display):
        if taken and any(other.covers(span) for other in taken):
            continue
        if name in ("low", "high") and counted.between(span) < FEW_PIXELS:
            continue
        taken.append(span)
        views[name] = _renderer(tone, display, module)
    used = counted.stored[counted.counts > 0]
    if not np.diff(counted.rescaled[counted.counts > 0]).all():
        # A modality LUT that gives one value to several stored ones hides what only these tell apart.
        views["stored"] = _renderer(_ramp(Span(float(used[0]), float(used[-1]))), Display(), module)
    return views


def default_tones(samples: Array, module: PixelModule, display: Display) -> list[Tone]:
    """The tones of all views that the header itself asks for, or of the default view when it asks for none."""
    counted = histogram(samples, display)
    named = [c.tone for c in _named(counted, display)]
    return named or [next(_candidates(counted, module, display)).tone]


def _named(counted: Histogram, display: Display) -> list[Candidate]:
    full = counted.full()
    tables = [Candidate("voi", full, _normalised(table)) for table in display.voi[:1]]
    return tables + [Candidate("window", Span(*w.bounds), w) for w in _distinct(display.windows)[:NAMED]]


def _distinct(windows: tuple[Window, ...]) -> list[Window]:
    return list(dict.fromkeys(windows))


def _candidates(counted: Histogram, module: PixelModule, display: Display) -> Iterator[Candidate]:
    full = counted.full()
    named = _named(counted, display)
    shown = [c for c in named if c.tone is not None and (counted.between(c.span) >= FEW_PIXELS or _splits(counted, c.span))]
    if not shown:
        plain = _whole(module, display) if module.stored <= 8 and display.modality is None else counted.robust(full)
        shown = [Candidate("default", plain, _ramp(plain))]
    for index, candidate in enumerate(shown):
        yield candidate._replace(name="default" if index == 0 else f"window{index + 1}")
    yield Candidate("full", full, _ramp(full))
    if counted.stored[-1] - counted.stored[0] > WIDE:
        reach = (full.high - full.low) * BAND
        for name, span in (("low", Span(full.low, full.low + reach)), ("high", Span(full.high - reach, full.high))):
            yield Candidate(name, span, _ramp(span))


def _splits(counted: Histogram, span: Span) -> bool:
    """Whether a window shows two tones at least, as it does with a binary image."""
    return bool((counted.counts[counted.rescaled <= span.low].any()) and (counted.counts[counted.rescaled >= span.high].any()))


def _whole(module: PixelModule, display: Display) -> Span:
    ends = display.rescale(np.array(module.span, np.float64))
    return Span(float(ends.min()), float(ends.max()))


def _ramp(span: Span) -> Tone:
    return lambda values: np.clip((values - span.low) / (span.high - span.low), 0.0, 1.0)


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
