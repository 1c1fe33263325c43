"""What deidkit's own networks look at: which display views of a frame, and as which numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.types import Array, Frame

CHANNELS, FEWEST = 5, 4
"""What networks read, and what those read whose cards do not say."""

STRIDE = 32
WINDOW = 31
"""Side, in pixels, of the neighbourhood that the contrast channel is normalised by."""
SOFTENING = 4.0
MEAN, SPREAD = 64.0, 64.0
_TABLE = ((np.arange(256, dtype=np.float32) - MEAN) / SPREAD)[None]

LEAST_ENLARGED, MOST_ENLARGED = 1.2, 2.0
LOOKS = ("enlarged", "fine", "coarse")
"""Names of the sizes that a network looks at; each errs in its own way and has scores of its own."""

BLOCK = 8
VISIBLE, HIDDEN, FEW_BLOCKS = 24, 8, 2
"""Grey levels of range in a block that show text for certain, that hide it, and how many such blocks matter."""


def channels_of(facts: Mapping[str, Any]) -> int:
    """How many ``channels`` the network of a card reads.

    Raises:
        EnvironmentFault: a number that this version does not make.
    """
    count = facts.get("inputs", FEWEST)
    if not makes(count):
        raise EnvironmentFault("the card of these weights is of another version of deidkit")
    return int(count)


def makes(count: Any) -> bool:
    """Whether ``channels`` can make so many."""
    return isinstance(count, int) and FEWEST <= count <= CHANNELS


def channels(view: Array, count: int = CHANNELS) -> Array:
    """A view, uint8 (rows, columns) or (rows, columns, 3) RGB, as float32 (count, rows, columns): red, green, blue, local
    contrast, and where ``count`` is 5 local contrast of chroma.

    Contrast is the grey value less its mean over a 31 x 31 neighbourhood, divided by its standard deviation there, so that
    faint text on a flat ground is as strong as bright text (local contrast normalisation, Jarrett et al. 2009). Chroma is the
    range of a pixel's components: grey letters stand out by it from stained tissue that is as bright as they are.

    Raises:
        ValueError: ``count`` is neither 4 nor 5.
    """
    import cv2

    if not makes(count):
        raise ValueError(f"a view has {FEWEST} or {CHANNELS} channels")
    out = np.empty((count, *view.shape[:2]), np.float32)
    planes = cv2.split(view) if view.ndim == 3 else (view,)
    for i, plane in enumerate(planes[:3]):
        cv2.LUT(plane, _TABLE, out[i])
    out[len(planes) : 3] = out[0]
    _local_contrast(_grey(planes), out[3])
    if count > FEWEST:
        chroma = None if len(planes) == 1 else _chroma(planes)
        if chroma is None or not chroma.any():
            out[4] = 0
        else:
            _local_contrast(chroma, out[4])
    return out


def _local_contrast(grey: Array, out: Array) -> None:
    """In place, because fresh memory costs more than the arithmetic."""
    import cv2

    mean = cv2.blur(grey, (WINDOW, WINDOW), borderType=cv2.BORDER_REFLECT)
    spread = cv2.sqrBoxFilter(grey, cv2.CV_32F, (WINDOW, WINDOW), normalize=True, borderType=cv2.BORDER_REFLECT)
    np.multiply(mean, mean, out=out)
    spread -= out
    np.sqrt(np.maximum(spread, 0, out=spread), out=spread)
    np.add(spread, SOFTENING, out=spread)
    np.subtract(grey, mean, out=out)
    out /= spread
    np.clip(out, -4, 4, out=out)


def _grey(planes: Sequence[Array]) -> Array:
    """Half the mean of the planes and half their largest value, so that a pure hue is not dim."""
    import cv2

    if len(planes) == 1:
        return planes[0].astype(np.float32)
    largest = cv2.max(cv2.max(planes[0], planes[1]), planes[2])
    total = cv2.add(cv2.add(planes[0], planes[1], dtype=cv2.CV_32F), planes[2], dtype=cv2.CV_32F)
    return np.asarray(cv2.addWeighted(total, 1 / 6, largest.astype(np.float32), 0.5, 0))


def _chroma(planes: Sequence[Array]) -> Array:
    """Largest less smallest of the planes."""
    import cv2

    red, green, blue = planes[:3]
    largest, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return cv2.subtract(largest, least).astype(np.float32)


def sizes(view: Array, large: int, enlarged: int = 0) -> Iterator[tuple[Array, float]]:
    """The view in the sizes that a network looks at, largest first, each with view pixels a pixel of it: up to twice as large
    where that gives no more than ``enlarged`` pixels; as it is; halved again and again while a side is above ``large`` pixels.
    """
    import cv2

    rows, columns = view.shape[:2]
    scale = min(MOST_ENLARGED, (enlarged / (rows * columns)) ** 0.5)
    if scale >= LEAST_ENLARGED:
        size = (round(columns * scale), round(rows * scale))
        yield cv2.resize(view, size, interpolation=cv2.INTER_CUBIC), 1 / scale
    factor = 1.0
    yield view, factor
    while max(view.shape[:2]) > large:
        rows, columns = (max(1, length // 2) for length in view.shape[:2])
        view, factor = cv2.resize(view, (columns, rows), interpolation=cv2.INTER_AREA), 2 * factor
        yield view, factor


def look_of(factor: float) -> str:
    """The name of the look with ``factor`` view pixels a pixel."""
    return LOOKS[0] if factor < 1 else LOOKS[2] if factor > 1 else LOOKS[1]


def padded(planes: Array, stride: int = STRIDE) -> Array:
    """Planes (channels, rows, columns) as a batch of one, extended by edge replication to multiples of ``stride``."""
    rows, columns = planes.shape[1:]
    below, right = -rows % stride, -columns % stride
    if below or right:
        planes = np.pad(planes, ((0, 0), (0, below), (0, right)), mode="edge")
    return np.ascontiguousarray(planes[None])


def telling_views(frame: Frame, choice: str) -> Iterator[Array]:
    """Views to search, the first one first. ``choice`` is default, telling or all."""
    names = frame.views[:1] if choice == "default" else frame.views
    seen = np.zeros(0, np.uint8)
    for i, name in enumerate(names):
        view = frame.view(name)
        if choice == "telling" and len(names) > 1:
            contrast = _contrast(view)
            if i and np.count_nonzero((contrast >= VISIBLE) & (seen < HIDDEN)) < FEW_BLOCKS:
                continue
            seen = np.maximum(seen, contrast) if seen.size else contrast
        yield view


def _contrast(view: Array) -> Array:
    """Range of grey levels in every block of 8 x 8 pixels."""
    grey = view if view.ndim == 2 else view.max(axis=2)
    whole = np.pad(grey, [(0, -length % BLOCK) for length in grey.shape], mode="edge")
    blocks = whole.reshape(whole.shape[0] // BLOCK, BLOCK, whole.shape[1] // BLOCK, BLOCK)
    return np.asarray(blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3)), np.uint8)
