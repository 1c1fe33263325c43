"""Cuttings of many frames laid out in one picture, so that one detection looks at all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import clip, grow, intersection
from deidkit.types import Region

MARGIN = 12
GAP = 6


@dataclass(frozen=True, slots=True)
class Cutting:
    """``box`` of frame ``index``; ``place`` is where it lies in the mosaic, grown; ``shift`` leads from there to the frame."""

    index: int
    box: Box
    place: Box
    shift: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A picture a little higher than the frames it was cut from: what goes by the size of the image must not take it for one.

    ``shape`` is (rows, columns) of these frames.
    """

    frame: Frame
    cuttings: tuple[Cutting, ...] = field(repr=False)
    shape: tuple[int, int]

    def back(self, regions: Sequence[Region]) -> dict[int, list[Region]]:
        """Regions of the mosaic as regions of the frames, each clipped to the cutting it lies in."""
        found: dict[int, list[Region]] = {}
        for region in regions:
            for cutting in self.cuttings:
                if not intersection(region.box, cutting.place):
                    continue
                x0, y0 = max(region.box[0], cutting.place[0]), max(region.box[1], cutting.place[1])
                x1, y1 = min(region.box[2], cutting.place[2]), min(region.box[3], cutting.place[3])
                dx, dy = cutting.shift
                moved = clip((x0 + dx, y0 + dy, x1 + dx, y1 + dy), self.shape)
                if moved is not None:
                    found.setdefault(cutting.index, []).append(replace(region, box=moved))
        return found


def lay_out(frames: Iterable[tuple[Frame, Sequence[Box]]], shape: tuple[int, int]) -> Mosaic | None:
    """As many cuttings as fit into one picture, in rows from the top; None when there are none at all.

    Args:
        frames: each frame with the boxes to cut from its default view.
        shape: (rows, columns) of every frame.
    """
    canvas: Array | None = None
    rows = shape[0] + GAP
    cuttings: list[Cutting] = []
    x = y = tallest = 0
    for frame, boxes in frames:
        view = frame.view()
        canvas = np.zeros((rows, *view.shape[1:]), view.dtype) if canvas is None else canvas
        for box in boxes:
            wide = grow(box, MARGIN, shape)
            if wide is None:
                continue
            width, height = wide[2] - wide[0], wide[3] - wide[1]
            if x and x + width > shape[1]:
                x, y, tallest = 0, y + tallest + GAP, 0
            if y + height > rows:
                return _mosaic(canvas, cuttings, shape)
            canvas[y : y + height, x : x + width] = view[wide[1] : wide[3], wide[0] : wide[2]]
            cuttings.append(Cutting(frame.index, box, (x, y, x + width, y + height), (wide[0] - x, wide[1] - y)))
            x, tallest = x + width + GAP, max(tallest, height)
    return None if canvas is None or not cuttings else _mosaic(canvas, cuttings, shape)


def _mosaic(canvas: Array, cuttings: list[Cutting], shape: tuple[int, int]) -> Mosaic:
    return Mosaic(synthetic(canvas, cuttings[0].index), tuple(cuttings), shape)


def synthetic(picture: Array, index: int) -> Frame:
    """A frame that exists only to be looked at: its samples are its display."""
    black = (0,) * (1 if picture.ndim == 2 else 3)
    return Frame(index, (picture.shape[0], picture.shape[1]), lambda: picture, {"default": np.asarray}, lambda _: black)
