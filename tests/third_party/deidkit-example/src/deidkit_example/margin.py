"""Text in the margins: rows with many strong horizontal steps, split where there are none for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import grow
from deidkit.types import Context, Region
from deidkit_example.options import MarginOptions

STROKES_IN_A_ROW = 2


class MarginDetector:
    """Lines of text at the top and at the bottom of a frame."""

    def __init__(self, options: MarginOptions) -> None:
        self._options = options

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        return [[Region(box, 0.5, "example_margin") for box in self._lines(frame)] for frame in frames]

    def _lines(self, frame: Frame) -> Iterator[Box]:
        strokes = self._strokes(frame.view())
        for top, bottom in _runs(strokes.sum(axis=1) >= STROKES_IN_A_ROW, 2):
            for left, right in _runs(strokes[top:bottom].any(axis=0), self._options.gap):
                box = grow((left, top, right, bottom), 3, frame.shape)
                if box is not None:
                    yield box

    def _strokes(self, view: Array) -> NDArray[np.bool_]:
        grey = (view if view.ndim == 2 else view.max(axis=2)).astype(np.int16)
        strokes = np.zeros(grey.shape, np.bool_)
        strokes[:, 1:] = np.abs(np.diff(grey, axis=1)) >= self._options.step
        depth = max(1, round(grey.shape[0] * self._options.share))
        strokes[depth : max(depth, grey.shape[0] - depth)] = False
        return strokes


def _runs(line: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Start and end of the stretches of true values, joined where fewer than ``gap`` false ones lie between them."""
    places = np.flatnonzero(line)
    if not places.size:
        return []
    breaks = np.flatnonzero(np.diff(places) > gap)
    starts, ends = np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [places.size - 1]))
    return [(int(places[start]), int(places[end]) + 1) for start, end in zip(starts, ends, strict=True)]
