"""Compares the length of native pixel data with what the header implies (PS3.5 8.1.1), and finds out what is wrong.

Data that is too long is padded, or holds frames that the header does not count, or pixels of three bytes where the header says
two. It is read as what it surely is and refused otherwise; nothing but padding is ever left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from pydicom import Dataset

from deidkit.errors import ItemError, UnreadableFile
from deidkit.image import Array
from deidkit_dicom.part10.source import Source
from deidkit_dicom.pixel_module import PixelModule
from deidkit_dicom.pixels.counting import check_more_frames
from deidkit_dicom.pixels.sample_layout import PACKED

MOST_LOOKED_AT, BAND_SAMPLES = 8, 1 << 22
NEUTRAL, STRANGE = 0.5, 0.1
"""Shares of pixels: at least so many are grey in the colour space of an image, at most so many in the other one."""
NEAR = 3
LAGS = (2, 3, 4, 6)
SLACK = 0.98


@dataclass(frozen=True, slots=True)
class Extent:
    """``module`` describes the data as it is; ``corrections`` say what the header says wrongly, free of identifiers."""

    module: PixelModule
    corrections: tuple[str, ...] = ()


Loader = Callable[[PixelModule, int], Array]
"""Samples of one frame of the data, read as a module says."""


def measure(module: PixelModule, header: Dataset, source: Source, offset: int, length: int, load: Loader) -> Extent:
    """What the ``length`` bytes at ``offset`` hold.

    Raises:
        UnreadableFile: too short; or longer than its frames in a way that cannot be explained.
    """
    bits = module.frame_bits * module.frames
    excess = length - (bits + 7) // 8
    if excess < 0:
        raise UnreadableFile("pixels-truncated", "the pixel data is shorter than its frames")
    if excess <= 1:
        return Extent(module)

    def padded(data_bits: int) -> bool:
        """Whether nothing but padding follows these bits: one byte, repeated."""
        start = (data_bits + 7) // 8
        return start <= length and _is_one_byte(source, offset + start, length - start)

    if not (module.subsampled and padded(bits * 3 // 2)):
        return _counted(module, header, length, padded, load)
    wide = replace(module, photometric="RGB")
    colour = _colour_of(load(wide, index) for index in _some(module.frames))
    if colour:
        words = f"Photometric Interpretation says {module.photometric}; the pixel data holds {colour}, three samples a pixel"
        return Extent(replace(module, photometric=colour), (words,))
    try:
        return _counted(module, header, length, padded, None)
    except UnreadableFile:
        detail = f"the pixel data is half as long again as {module.photometric} implies: three samples a pixel, or more frames"
        raise UnreadableFile("colour-unclear", detail) from None


def _counted(module: PixelModule, header: Dataset, length: int, padded: Callable[[int], bool], load: Loader | None) -> Extent:
    """``load`` None says that samples which look like frames would prove nothing."""
    found = length * 8 // module.frame_bits
    aligned = module.allocated in PACKED and bool(module.frame_bits % 8)
    padding = padded(module.frame_bits * module.frames)
    if found > module.frames and not aligned and padded(module.frame_bits * found):
        more = replace(module, frames=found)
        shown = load is not None and not padding and _rows_follow(load(more, index) for index in _some(found))
        try:
            check_more_frames(header, found, shown)
        except ItemError:
            if not padding:
                raise
        else:
            return Extent(more, (f"Number of Frames says fewer than the {found} frames of the pixel data",))
    if aligned and module.frames > 1 and length >= module.frames * ((module.frame_bits + 7) // 8):
        raise UnreadableFile("frames-unclear", "single bits may be packed frame by frame or all in a row; the lengths fit both")
    if not padding:
        raise UnreadableFile("pixels-excess", "the pixel data is longer than its frames, and what follows them is not padding")
    return Extent(module)


def _some(frames: int) -> list[int]:
    """Numbers of frames to look at, from the first to the last."""
    return sorted({round(index) for index in np.linspace(0, frames - 1, MOST_LOOKED_AT)})


def _is_one_byte(source: Source, start: int, length: int) -> bool:
    first = source.read(start, min(1, length))
    return not any(chunk.strip(first) for chunk in source.chunks(start, length))


def _band(samples: Array) -> Array:
    """Rows around the middle, of no more samples than are cheap to look at."""
    rows = max(max(LAGS) + 2, BAND_SAMPLES // max(1, samples[0].size))
    start = max(0, (len(samples) - rows) // 2)
    return samples[start : start + rows]


def _colour_of(frames: Iterable[Array]) -> str:
    """The colour space in which most pixels are grey or black, as they are in medical images; empty when that is not clear."""
    rgb = ybr = total = 0
    for samples in frames:
        wide = _band(samples).astype(np.int32)
        grey = np.ptp(wide, axis=-1) <= NEAR
        neutral = (np.abs(wide[..., 1:] - 128) <= NEAR).all(axis=-1)
        rgb += int(np.count_nonzero(grey & ~neutral))
        ybr += int(np.count_nonzero(neutral & ~grey))
        total += grey.size
    if rgb >= NEUTRAL * total and ybr <= STRANGE * total:
        return "RGB"
    return "YBR_FULL" if ybr >= NEUTRAL * total and rgb <= STRANGE * total else ""


def _rows_follow(frames: Iterable[Array]) -> bool:
    """Whether each row is most like the next one. Where rows are longer in truth, another one further down is more like it."""
    totals = dict.fromkeys((1, *LAGS), 0.0)
    for samples in frames:
        wide = _band(samples).astype(np.float32)
        for lag in totals:
            if lag < len(wide):
                totals[lag] += float(np.abs(wide[lag:] - wide[:-lag]).mean())
    others = [total for lag, total in totals.items() if lag > 1 and total]
    return bool(others) and SLACK * totals[1] <= min(others)
