"""The stored value that every viewer shows as black, without an outlier that would spoil automatic windowing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydicom import Dataset

from deidkit.types import Array
from deidkit_dicom.grey import default_tones, shade
from deidkit_dicom.lut import Display, palette
from deidkit_dicom.module import MONO, PixelModule

REACH_RANGES = 4
REACH_LEVELS = 4096
FAR = 1 << 40
"""A window may ask for black this many frame ranges, or levels, beyond the values of the frame; not at -32768 in a CT."""


def black_of(module: PixelModule, display: Display, header: Dataset) -> Callable[[Array], tuple[int, ...]]:
    """From the samples of a frame to one stored value a sample.

    Monochrome: the darkest value of the frame, or where a named window would show that as grey, the bottom of the window.
    Palette: the darkest entry. YBR: (0, 128, 128) of the full range.
    """
    if module.photometric == "PALETTE COLOR":
        table = palette(header, module.stored)
        entry = int(np.argmin(table.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)))
        return lambda _: (entry,)
    if module.photometric in MONO:
        return lambda samples: (_darkest(samples, module, display),)
    if module.photometric.startswith("YBR"):
        middle = 1 << (module.stored - 1)
        return lambda _: (0, middle, middle)
    return lambda _: (0, 0, 0)


def _darkest(samples: Array, module: PixelModule, display: Display) -> int:
    tones = default_tones(samples, module, display)
    inverted = module.photometric == "MONOCHROME1"
    choices = _choices(samples, module, display)
    worst = np.max([shade(np.array(choices, np.float64), tone, display, inverted) for tone in tones], axis=0)
    # Candidates stand in the order of preference: the first of the darkest wins.
    return choices[int(np.argmin(worst))]


def _choices(samples: Array, module: PixelModule, display: Display) -> list[int]:
    """Without a window the end of what the bits can hold, then the ends of the frame's range, then those of the windows.

    Nothing that is far away from the values of the frame.
    """
    low, high = int(samples.min()), int(samples.max())
    reach = max(REACH_RANGES * (high - low), REACH_LEVELS)
    lowest, highest = max(module.span[0], low - reach), min(module.span[1], high + reach)
    inverted = module.photometric == "MONOCHROME1"
    found = [high, low] if inverted else [low, high]
    end = module.span[1] if inverted else module.span[0]
    if not display.windows and not display.voi and lowest <= end <= highest:
        found.insert(0, end)
    for bound in (bound for window in display.windows for bound in window.bounds):
        stored = display.stored(bound)
        if stored is not None and np.isfinite(stored):
            near = min(max(stored, lowest), highest) if abs(stored) < FAR else found[0]
            found += [int(np.floor(near)), int(np.ceil(near))]
    return [min(max(value, module.span[0]), module.span[1]) for value in found]
