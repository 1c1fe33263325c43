"""One frame as a library renders it that the format did not ask, and where a view of the format shows something else.

A display function that the header names (a window, a VOI LUT) gives one picture and no other. Where it names none, viewers
stretch as they like (PS3.3 C.11.2.1): any tone that shows equal values alike and larger ones never darker is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deidkit.headers.quiet import quiet
from deidkit.image import Array, Box

Picture = NDArray[np.uint8]
Tone = NDArray[np.uint8]
"""Grey level of each place of a table of values."""
Values = NDArray[np.float64]
Counts = NDArray[np.int64]
Marked = NDArray[np.bool_]

ROUNDING = 2
"""Grey levels by which two renderings of the same samples differ at most."""
FEW = 30
"""A window that sets fewer pixels than this apart from the rest shows nothing; a viewer's user turns to another."""
NARROW = 0.02
"""Percentiles closer together than this share of the range are no display range."""
STRIP = 1 << 19
"""Pixels worked on at once, because numpy widens indices to 64 bits and colour conversion samples to 32."""
PLACES = 1 << 18
"""Tables longer than this are made of steps instead of single values."""
STEPS = 1 << 16


class Unrendered(Exception):
    """A library cannot show a file. The text says why, free of header values.

    Args:
        supported: whether it should be able to: it has a decoder for files of this kind.
    """

    def __init__(self, why: str, *, supported: bool = True) -> None:
        super().__init__(why)
        self.supported = supported


@contextmanager
def guarded(library: str) -> Iterator[None]:
    """Turns whatever a library raises into Unrendered with our own words, because its own may hold header values."""
    try:
        with quiet():
            yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except NotImplementedError:
        raise Unrendered(f"{library} has no decoder for the file; only the format shows it", supported=False) from None
    except BaseException:  # a panic in a codec written in Rust is no Exception
        raise Unrendered(f"{library} cannot read the file; only the format shows it") from None


class Rendered(Protocol):
    """One frame as a library shows it. ``doubtful`` as in ``Colour``."""

    @property
    def shape(self) -> tuple[int, int]: ...

    @property
    def doubtful(self) -> bool: ...

    @property
    def hidden(self) -> Mapping[str, Picture]:
        """Pictures of what no viewer shows."""

    def pictures(self) -> Mapping[str, Picture]:
        """Name -> picture, what a viewer shows first before all others."""

    def differing(self, view: Array) -> Box | None:
        """The box around all pixels that ``view``, which the format calls a display of this frame, shows otherwise."""


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """Rows of a picture of ``shape`` in slices of about ``STRIP`` pixels."""
    height = max(1, STRIP // shape[1])
    return (slice(top, top + height) for top in range(0, shape[0], height))


def counted(places: Array, count: int) -> Counts:
    """How often each number from 0 to ``count`` - 1 occurs."""
    found = np.zeros(count, np.int64)
    for strip in strips(places.shape):
        found += np.bincount(places[strip].reshape(-1), minlength=count)
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """Samples by table.

    Args:
        places: unsigned ``(rows, columns)``: each pixel's place in tables of ``len(stored)``; the first and the last are used.
        stored: the stored value of each place.
        counts: how many pixels have each place.
        exact: whether every stored value has a place of its own.
    """

    places: Array = field(repr=False)
    stored: Values = field(repr=False)
    counts: Counts = field(repr=False)
    exact: bool = True

    @classmethod
    def of(cls, samples: Array) -> Table:
        """``samples`` ``(rows, columns)`` of any type; what is not finite counts as the lowest value that is."""
        if samples.dtype.kind == "f":
            finite = np.isfinite(samples)
            samples = np.where(finite, samples, samples[finite].min() if finite.any() else 0.0)
        low, high = samples.min(), samples.max()
        if samples.dtype.kind != "f" and int(high) - int(low) < PLACES:
            count = int(high) - int(low) + 1
            wide = np.int32 if samples.dtype.itemsize < 4 else np.int64
            places = np.subtract(samples, low, dtype=wide).astype(np.uint16 if count <= 1 << 16 else np.uint32)
            return cls(places, np.arange(count, dtype=np.float64) + float(low), counted(places, count))
        step = (float(high) - float(low)) / (STEPS - 1) or 1.0
        places = np.rint((samples.astype(np.float64) - float(low)) / step).astype(np.uint16)
        stored = float(low) + step * np.arange(STEPS, dtype=np.float64)
        return cls(places, stored, counted(places, STEPS), exact=False)

    def look_up(self, tone: Array) -> Array:
        """What ``tone``, with one row a place, gives to every pixel."""
        shown = np.empty((*self.places.shape, *tone.shape[1:]), tone.dtype)
        for strip in strips(self.places.shape):
            shown[strip] = tone[self.places[strip]]
        return shown

    def seen(self, view: Array) -> NDArray[np.int16]:
        """The level that ``view`` shows at some pixel of each place, or of the last place before it that has pixels."""
        tone = np.full(len(self.stored), -1, np.int16)
        for strip in strips(self.places.shape):
            tone[self.places[strip].reshape(-1)] = view[strip].reshape(-1)
        last = np.maximum.accumulate(np.where(tone < 0, 0, np.arange(len(tone))))
        return tone[last]

    def beside(self, tone: NDArray[np.int16], noise: int, view: Array) -> Marked:
        """Pixels of ``view`` that ``tone`` does not give to any value within ``noise`` places."""
        low, high = tone, tone
        for step in range(1, noise + 1):
            ahead, behind = np.r_[tone[step:], tone[-1:].repeat(step)], np.r_[tone[:1].repeat(step), tone[:-step]]
            low, high = np.minimum(low, np.minimum(ahead, behind)), np.maximum(high, np.maximum(ahead, behind))
        marked = np.empty(view.shape, np.bool_)
        for strip in strips(self.places.shape):
            places, shown = self.places[strip], view[strip]
            marked[strip] = (shown < low[places] - ROUNDING) | (shown > high[places] + ROUNDING)
        return marked


@dataclass(frozen=True, slots=True)
class Grey:
    """A monochrome frame.

    Args:
        table: its samples.
        values: the value of each place after the modality LUT, negated where low values are shown bright.
        tones: name -> tone of every display function that the header names, what a viewer shows first before all others.
        noise: places by which two decoders of the same lossy frame may differ.
        hidden: pictures of what no viewer shows.
    """

    table: Table
    values: Values = field(repr=False)
    tones: Mapping[str, Tone] = field(repr=False)
    noise: int = 0
    doubtful: bool = False
    hidden: Mapping[str, Picture] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        return self.table.places.shape[0], self.table.places.shape[1]

    def pictures(self) -> Mapping[str, Picture]:
        """The named tones that set anything apart, else the values stretched between percentiles and over their whole range."""
        tones = self._telling() or stretched(self.values, self.table.counts)
        return {name: self.table.look_up(tone) for name, tone in tones.items()}

    def differing(self, view: Array) -> Box | None:
        if view.shape != self.shape:
            return everywhere(self.shape)
        noise = self.noise + (not self.table.exact)
        found = [self.table.beside(tone.astype(np.int16), noise, view) for tone in self.tones.values()]
        if not self._telling():
            found.append(self._uneven(view))
        return around(min(found, key=np.count_nonzero))

    def _telling(self) -> dict[str, Tone]:
        """The tones that set anything apart."""
        counts = self.table.counts
        apart = {name: counts.sum() - np.bincount(tone, weights=counts).max() for name, tone in self.tones.items()}
        return {name: tone for name, tone in self.tones.items() if apart[name] >= FEW}

    def _uneven(self, view: Array) -> Marked:
        """Pixels that break the rule that equal values look alike, larger ones never darker, and not all of them the same."""
        tone, counts = self.table.seen(view), self.table.counts
        used = np.flatnonzero(counts)
        noise = 2 * self.noise + (not self.table.exact)
        rising = used[np.argsort(self.values[used], kind="stable")]
        wrong = np.zeros(len(tone), np.bool_)
        wrong[rising] = falling(tone[rising], counts[rising], noise)
        if self.values[rising[0]] < self.values[rising[-1]] and not np.ptp(tone[used]):
            wrong[used] = True
        return self.table.beside(tone, noise, view) | self.table.look_up(wrong)


def stretched(values: Values, counts: Counts) -> dict[str, Tone]:
    """Tones between the percentiles 0.5 and 99.5 of the pixels, and over the whole range."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(counts[order])
    low, high = (float(values[order[np.searchsorted(total, share * total[-1])]]) for share in (0.005, 0.995))
    used = values[counts > 0]
    least, most = float(used.min()), float(used.max())
    whole = ramp(values, least, most)
    if high - low < NARROW * (most - least) or (low, high) == (least, most):
        return {"default": whole}
    return {"default": ramp(values, low, high), "range": whole}


def ramp(values: Values, low: float, high: float) -> Tone:
    return grey((values - low) / (high - low if high > low else 1.0))


def grey(shares: Values) -> Tone:
    """Grey levels of 0 (black) to 1 (white)."""
    return np.rint(255.0 * np.clip(shares, 0.0, 1.0)).astype(np.uint8)


def falling(tone: NDArray[np.int16], counts: Counts, noise: int) -> Marked:
    """Which of ``tone``, in the order of rising values, are darker than one that comes more than ``noise`` before them.

    One bright level among dark ones is itself marked, not all that follow it: what fewer pixels have counts as wrong.
    """
    brightest, darkest = np.maximum.accumulate(tone), np.minimum.accumulate(tone[::-1])[::-1]
    before, after = np.r_[brightest[:1].repeat(noise), brightest], np.r_[darkest, darkest[-1:].repeat(noise)]
    dark = tone < before[: len(tone)] - ROUNDING
    bright = tone > after[noise:] + ROUNDING
    fewer: Marked = dark if counts[dark].sum() <= counts[bright].sum() else bright
    return fewer


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour frame, or one whose grey levels are shown as they are.

    Args:
        shown: name -> uint8 ``(rows, columns, 3)`` or ``(rows, columns)``, any of which a viewer may show first.
        noise: levels of one channel by which two decoders of the same lossy frame may differ.
        doubtful: whether the file contradicts itself about its colours, so that viewers differ.
        hidden: pictures of what no viewer shows.
    """

    shown: Mapping[str, Picture] = field(repr=False)
    noise: int = 0
    doubtful: bool = False
    hidden: Mapping[str, Picture] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        first = next(iter(self.shown.values()))
        return first.shape[0], first.shape[1]

    def pictures(self) -> Mapping[str, Picture]:
        return self.shown

    def differing(self, view: Array) -> Box | None:
        if view.shape[:2] != self.shape:
            return everywhere(self.shape)
        found = [distance(view, picture) > ROUNDING + self.noise for picture in self.shown.values()]
        return around(min(found, key=np.count_nonzero))


def distance(one: Array, other: Array) -> NDArray[np.int16]:
    """``(rows, columns)``: by how many levels two pictures of one size differ in the channel where they differ most."""
    if one.ndim != other.ndim:
        one, other = (each if each.ndim == 3 else each[..., None] for each in (one, other))
    levels = np.empty(one.shape[:2], np.int16)
    for strip in strips(one.shape):
        apart = np.abs(one[strip].astype(np.int16) - other[strip])
        levels[strip] = apart if apart.ndim == 2 else apart.max(axis=2)
    return levels


def around(marked: Marked) -> Box | None:
    """The box of the marked pixels, None when there are none."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if len(rows) else None


def everywhere(shape: tuple[int, int]) -> Box:
    return 0, 0, shape[1], shape[0]
