"""The stored value that every viewer shows as black, without an outlier that would spoil automatic windowing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydicom import Dataset

from deidkit.image import Array
from deidkit_dicom.display.lut import Display, palette
from deidkit_dicom.display.windows import default_tones, shade
from deidkit_dicom.pixel_module import MONO, PixelModule

REACH_RANGES = 4
REACH_LEVELS = 4096
FAR = 1 << 40
"""A window may ask for black this many frame ranges, or levels, beyond the values of the frame; not at -32768 in a CT."""


def black_of(module: PixelModule, display: Display, header: Dataset) -> Callable[[Array], tuple[int, ...]]:
    """From the samples of a frame to one stored value a sample.

    Monochrome: a value of the frame, Pixel Padding Value, or where named windows would show these as grey, the bottom of a
    window. Palette: the darkest entry, one that the frame uses if there is one. YBR: (0, 128, 128) of the full range.
    """
    if module.photometric == "PALETTE COLOR":
        darkness = palette(header, module.stored).astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
        return lambda samples: (_darkest_entry(samples, darkness),)
    if module.photometric in MONO:
        return lambda samples: (_darkest(samples, module, display),)
    if module.photometric.startswith("YBR"):
        middle = 1 << (module.stored - 1)
        return lambda _: (0, middle, middle)
    return lambda _: (0, 0, 0)


def _darkest_entry(samples: Array, darkness: Array) -> int:
    used = np.unique(np.clip(samples, 0, len(darkness) - 1))
    best = int(used[np.argmin(darkness[used])])
    return best if darkness[best] == darkness.min() else int(np.argmin(darkness))


def _darkest(samples: Array, module: PixelModule, display: Display) -> int:
    tones = default_tones(samples, module, display)
    inverted = module.photometric == "MONOCHROME1"
    choices = _choices(samples, module, display)
    worst = np.max([shade(np.array(choices, np.float64), tone, display, inverted) for tone in tones], axis=0)
    # Candidates stand in the order of preference: the first of the darkest wins.
    return choices[int(np.argmin(worst))]


def _choices(samples: Array, module: PixelModule, display: Display) -> list[int]:
    """The ends of the frame's range, padding, the ends of the windows, and the end of what the bits can hold.

    Nothing but padding that is far away from the values of the frame.
    """
    low, high = int(samples.min()), int(samples.max())
    reach = max(REACH_RANGES * (high - low), REACH_LEVELS)
    lowest, highest = max(module.span[0], low - reach), min(module.span[1], high + reach)
    inverted = module.photometric == "MONOCHROME1"
    found = [high, low] if inverted else [low, high]
    found += display.padding or ()
    for bound in (bound for window in display.windows for bound in window.bounds):
        stored = display.stored(bound)
        if stored is not None and np.isfinite(stored):
            near = min(max(stored, lowest), highest) if abs(stored) < FAR else found[0]
            found += [int(np.floor(near)), int(np.ceil(near))]
    end = module.span[1] if inverted else module.span[0]
    found += [end] if lowest <= end <= highest else []
    return [min(max(value, module.span[0]), module.span[1]) for value in found]
