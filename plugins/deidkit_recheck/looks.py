"""The same frame in other contrasts: frames of one view each, so that any detector looks at exactly that view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box, Frame

Picture = NDArray[np.uint8]
ENLARGEMENT = 1.5
LARGEST_SIDE = 2400
REACH = 25
LEAST_RANGE = 16
"""Grey levels that are stretched to black and white at most, so that noise stays grey."""
WIDE_RANGE = 160


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture to be read. ``factor`` is its size relative to the stored frame."""

    name: str
    frame: Frame
    factor: float = 1.0

    def stored(self, box: Box) -> Box:
        """A box of this picture in stored pixels."""
        x0, y0, x1, y1 = box
        return (
            int(x0 / self.factor),
            int(y0 / self.factor),
            int(np.ceil(x1 / self.factor)),
            int(np.ceil(y1 / self.factor)),
        )


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


def sights(frame: Frame, looks: Sequence[str]) -> Iterator[Sight]:
    """Every view of ``frame`` as it is when ``plain`` is asked for, and the first one in the other contrasts."""
    shown = frame.view()
    if "plain" in looks:
        yield from (Sight(name, picture_frame(frame.view(name), frame.index)) for name in frame.views)
    changes: dict[str, Callable[[Picture], Picture]] = {"negative": negative, "faint": faint, "equalised": equalised}
    for look in looks:
        if look in changes:
            changed = changes[look](shown)
            if int(changed.max()) - int(changed.min()) >= LEAST_RANGE:
                yield Sight(look, picture_frame(changed, frame.index))
        elif look == "enlarged" and ENLARGEMENT * max(frame.shape) <= LARGEST_SIDE:
            grown = cv2.resize(shown, None, fx=ENLARGEMENT, fy=ENLARGEMENT, interpolation=cv2.INTER_CUBIC)
            yield Sight(look, picture_frame(np.asarray(grown, np.uint8), frame.index), ENLARGEMENT)


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
