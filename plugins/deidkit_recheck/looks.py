"""The same frame in other contrasts, sizes and directions: frames of one view each, so that a detector looks at just that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import union
from deidkit.nn.turned import Turned, turn

Picture = NDArray[np.uint8]
ENLARGEMENT = 1.5
REDUCTION, LEAST_REDUCED = 0.25, 32
"""Letters of a third of the frame's height are larger than readers look for; at this size they are ordinary ones."""
LARGEST_SIDE = 2400
REACH = 25
LEAST_RANGE = 16
"""Grey levels that are stretched to black and white at most, so that noise stays grey."""
WIDE_RANGE = 160


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture to be read. ``stored`` turns a box of it into one in stored pixels."""

    name: str
    frame: Frame
    stored: Callable[[Box], Box]


def negative(picture: Picture) -> Picture:
    return np.asarray(255 - picture, np.uint8)


def faint(picture: Picture) -> Picture:
    """What hardly shows: every place stretched to the range of its surroundings, but black where that range is wide already.

    Text of 30 grey levels on black beside a bright picture comes out white, and the bright picture goes away.
    """
    grey = np.ascontiguousarray(picture if picture.ndim == 2 else picture.max(axis=2))
    kernel = np.ones((REACH, REACH), np.uint8)
    low = cv2.blur(cv2.erode(grey, kernel), (REACH, REACH)).astype(np.float32)
    span = cv2.blur(cv2.dilate(grey, kernel), (REACH, REACH)).astype(np.float32) - low
    stretched = np.clip((grey - low) * np.float32(255) / np.maximum(span, LEAST_RANGE), 0, 255)
    return np.asarray(stretched * np.clip((WIDE_RANGE - span) / 32, 0, 1), np.uint8)


def equalised(picture: Picture) -> Picture:
    """Local histograms levelled (CLAHE, Zuiderveld, Graphics Gems IV, 1994)."""
    grey = picture if picture.ndim == 2 else picture.max(axis=2)
    return np.asarray(cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(np.ascontiguousarray(grey)), np.uint8)


CONTRASTS: Mapping[str, Callable[[Picture], Picture]] = {"negative": negative, "faint": faint, "equalised": equalised}
FACTORS = {"enlarged": ENLARGEMENT, "reduced": REDUCTION}
DEGREES = {"turned-22": 22.5, "turned-45": 45.0, "turned-67": 67.5, "turned-90": 90.0}


def sights(frame: Frame, looks: Sequence[str], kept: Sequence[Box] = ()) -> Iterator[Sight]:
    """Every view of ``frame`` as it is when ``plain`` is asked for, and the first one changed in the other ways.

    ``kept`` is blanked before a view is turned: a box around slanting text is larger than what was kept, so that nobody could
    tell whether the text is the kept one. The plain views show it.
    """
    shown = frame.view()
    if "plain" in looks:
        yield from (Sight(name, picture_frame(frame.view(name), frame.index), _unchanged) for name in frame.views)
    for look in looks:
        if look in CONTRASTS:
            changed = CONTRASTS[look](shown)
            if int(changed.max()) - int(changed.min()) >= LEAST_RANGE:
                yield Sight(look, picture_frame(changed, frame.index), _unchanged)
        elif look in FACTORS:
            yield from _resized(look, shown, frame.index)
        elif look == "mirrored":
            flipped = np.ascontiguousarray(shown[:, ::-1])
            yield Sight(look, picture_frame(flipped, frame.index), partial(_mirrored, shown.shape[1]))
        elif look in DEGREES:
            turned = turn(_blanked(shown, kept), DEGREES[look])
            yield Sight(look, picture_frame(np.asarray(turned.look, np.uint8), frame.index), partial(_around, turned))


def _resized(look: str, shown: Picture, index: int) -> Iterator[Sight]:
    factor = FACTORS[look]
    sides = sorted(factor * side for side in shown.shape[:2])
    if sides[0] >= LEAST_REDUCED and sides[-1] <= LARGEST_SIDE:
        method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        changed = np.asarray(cv2.resize(shown, None, fx=factor, fy=factor, interpolation=method), np.uint8)
        yield Sight(look, picture_frame(changed, index), partial(_scaled, factor))


def _unchanged(box: Box) -> Box:
    return box


def _scaled(factor: float, box: Box) -> Box:
    x0, y0, x1, y1 = box
    return int(x0 / factor), int(y0 / factor), int(np.ceil(x1 / factor)), int(np.ceil(y1 / factor))


def _mirrored(columns: int, box: Box) -> Box:
    return columns - box[2], box[1], columns - box[0], box[3]


def _around(turned: Turned, box: Box) -> Box:
    """Around the pieces of a slanting line; the whole view where all of the box lies outside it."""
    pieces = list(turned.chain(box))
    return union(pieces) if pieces else (0, 0, turned.shape[1], turned.shape[0])


def _blanked(shown: Picture, kept: Sequence[Box]) -> Picture:
    if not kept:
        return shown
    blanked = shown.copy()
    for x0, y0, x1, y1 in kept:
        blanked[max(0, y0) : y1, max(0, x0) : x1] = np.median(shown, axis=(0, 1)).astype(np.uint8)
    return blanked


def picture_frame(picture: Picture, index: int) -> Frame:
    """A frame whose samples and only view are ``picture``, uint8 (rows, columns) or (rows, columns, 3)."""
    return pictures_frame({"default": picture}, index)


def pictures_frame(pictures: Mapping[str, Picture], index: int) -> Frame:
    """A frame whose views are ``pictures``, all of one size, and whose samples are the first of them."""
    first = next(iter(pictures.values()))
    channels = 1 if first.ndim == 2 else first.shape[2]
    size = (first.shape[0], first.shape[1])
    renderers = {name: partial(_same, picture) for name, picture in pictures.items()}
    return Frame(index, size, lambda: first, renderers, lambda _: (0,) * channels)


def _same(picture: Picture, samples: Array) -> Picture:  # noqa: ARG001
    return picture
