"""Where text may be: the detection network over a frame, whole at one scale and in tiles where finer detail may hold text."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit_rapidocr.boxes import Candidate, candidates
from deidkit_rapidocr.models import Network, to_input

LARGEST_FACTOR = 3.0
STRIDE = 32
FINE_FROM = 1.4
FINEST_SIDE = 4000
OVERLAP = 128
THIN = 9
STROKE_RISE = 40
LEAST_STROKES = 60
"""Stroke pixels in a tile: a word of five letters, nine pixels high, has about a hundred."""

Picture = NDArray[np.uint8]


def as_rgb(view: Picture) -> Picture:
    """A display view, (rows, columns) or (rows, columns, 3), as contiguous RGB."""
    return np.ascontiguousarray(np.repeat(view[:, :, None], 3, axis=2) if view.ndim == 2 else view)


def search(image: Picture, network: Network, side: int) -> list[Candidate]:
    """Candidates in pixels of ``image``, uint8 RGB, looked at with its long side brought to ``side``."""
    rows, columns = image.shape[:2]
    factor = min(LARGEST_FACTOR, side / max(rows, columns))
    return _look(image, network, (round(columns * factor), round(rows * factor)))


def search_fine(image: Picture, network: Network, side: int, worth: NDArray[np.bool_]) -> list[Candidate]:
    """Candidates that only show at full resolution: tiles of a large picture that have thin strokes where it is ``worth`` it.

    Nothing for pictures that ``search`` hardly shrinks. Beyond FINEST_SIDE pixels tiles are cut from a smaller copy.
    """
    rows, columns = image.shape[:2]
    factor = min(1.0, FINEST_SIDE / max(rows, columns))
    if max(rows, columns) * factor <= FINE_FROM * side:
        return []
    picture = image
    if factor < 1.0:
        picture = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    resized = cv2.resize(worth.astype(np.uint8), (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_NEAREST)
    strokes = _strokes(picture) & (resized > 0)
    found: list[Candidate] = []
    for top in _starts(picture.shape[0], side):
        for left in _starts(picture.shape[1], side):
            tile = picture[top : top + side, left : left + side]
            if np.count_nonzero(strokes[top : top + side, left : left + side]) >= LEAST_STROKES:
                at = np.array([left, top], np.float32)
                size = (tile.shape[1], tile.shape[0])
                found += [Candidate((one.quad + at) / np.float32(factor), one.score) for one in _look(tile, network, size)]
    return found


def _look(image: Picture, network: Network, size: tuple[int, int]) -> list[Candidate]:
    """Candidates in pixels of ``image``, looked at in about the ``size`` (width, height)."""
    width, height = (max(STRIDE, round(length / STRIDE) * STRIDE) for length in size)
    method = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(image, (width, height), interpolation=method), np.uint8)
    probability = network.run(to_input(resized)[None])[0, 0]
    back = np.array([image.shape[1] / width, image.shape[0] / height], np.float32)
    return [Candidate(found.quad * back, found.score) for found in candidates(probability)]


def _strokes(image: Picture) -> NDArray[np.bool_]:
    """Where thin bright or dark lines stand out, as those of small letters do."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    kernel = np.ones((THIN, THIN), np.uint8)
    bright = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, kernel, borderType=cv2.BORDER_REPLICATE)
    dark = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.maximum(bright, dark) >= STROKE_RISE, np.bool_)


def _starts(length: int, side: int) -> list[int]:
    """Where tiles of ``side`` begin so that they overlap by OVERLAP and the last one ends at the border."""
    if length <= side:
        return [0]
    count = -(-(length - OVERLAP) // (side - OVERLAP))
    return [round(n * (length - side) / (count - 1)) for n in range(count)]
