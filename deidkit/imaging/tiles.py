"""Pictures that are cut into tiles, one a frame, put together again: letters on a seam are whole in no frame.

Viewers show the Total Pixel Matrix (PS3.3 C.8.12.4, C.7.6.17). It is looked at in windows that overlap, at full size and
reduced by two, by four and so on until one window shows all of it; sizes that need more than ``MOST_WINDOWS`` are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydicom import Dataset

from deidkit.image import Array, Box, Frame, Image
from deidkit.imaging.boxes import clip
from deidkit.types import Region

WINDOW, STEP = 1024, 768
MOST_WINDOWS = 64

Corner = tuple[int, int]
"""(row, column) in the matrix, from zero."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One Total Pixel Matrix: its size as (rows, columns), and where in it each frame has its first pixel."""

    shape: tuple[int, int]
    corners: dict[int, Corner]


def matrices(header: Dataset, frames: int, tile: tuple[int, int]) -> list[Matrix]:
    """One for each focal plane and optical path; none where the frames are no tiles, or the header does not say where they lie.

    Args:
        tile: (rows, columns) of a frame.
    """
    try:
        shape = int(header.get("TotalPixelMatrixRows") or 0), int(header.get("TotalPixelMatrixColumns") or 0)
        if frames < 2 or min(*shape, *tile) < 1:
            return []
        if str(header.get("DimensionOrganizationType", "")).strip().upper() == "TILED_FULL":
            planes: Sequence[dict[int, Corner]] = list(_in_order(shape, frames, tile))
        else:
            planes = list(_by_position(header, frames).values())
    except (AttributeError, IndexError, TypeError, ValueError):
        return []
    return [Matrix(shape, corners) for corners in planes]


def _in_order(shape: tuple[int, int], frames: int, tile: tuple[int, int]) -> Iterator[dict[int, Corner]]:
    """Row by row, plane after plane (PS3.3 C.7.6.17.3)."""
    across, down = -(-shape[1] // tile[1]), -(-shape[0] // tile[0])
    for first in range(0, frames, across * down):
        places = range(min(across * down, frames - first))
        yield {first + place: (place // across * tile[0], place % across * tile[1]) for place in places}


def _by_position(header: Dataset, frames: int) -> dict[Any, dict[int, Corner]]:
    found: dict[Any, dict[int, Corner]] = defaultdict(dict)
    for index, group in enumerate(header.PerFrameFunctionalGroupsSequence[:frames]):
        place = group.PlanePositionSlideSequence[0]
        path = group.get("OpticalPathIdentificationSequence") or [Dataset()]
        plane = str(place.get("ZOffsetInSlideCoordinateSystem", "")), str(path[0].get("OpticalPathIdentifier", ""))
        row, column = int(place.RowPositionInTotalImagePixelMatrix), int(place.ColumnPositionInTotalImagePixelMatrix)
        found[plane][index] = row - 1, column - 1
    return found


def detect_across_tiles(image: Image, detect: Callable[[Frame], Sequence[Region]]) -> dict[int, list[Region]]:
    """What ``detect`` finds in the windows of every matrix, as regions of the frames that it lies in."""
    found: dict[int, list[Region]] = defaultdict(list)
    if image.frame_count < 2:
        return found
    for matrix in matrices(image.header, image.frame_count, image.frame(0).shape):
        for window, reduction in _windows(matrix.shape):
            inside = dict(_meeting(image, matrix, window))
            if len(inside) < 2:
                continue
            for region in detect(_picture(image, matrix, inside, window, reduction)):
                x0, y0, x1, y1 = (end * reduction for end in region.box)
                whole = x0 + window[0], y0 + window[1], x1 + window[0], y1 + window[1]
                for index, box in _meeting(image, matrix, whole):
                    found[index].append(replace(region, box=box))
    return found


def _windows(shape: tuple[int, int]) -> Iterator[tuple[Box, int]]:
    """Windows in the matrix, and by how much each is reduced."""
    reduction = 1
    while True:
        reach, step = WINDOW * reduction, STEP * reduction
        corners = [(x, y) for y in _starts(shape[0], reach, step) for x in _starts(shape[1], reach, step)]
        if len(corners) <= MOST_WINDOWS:
            yield from (((x, y, min(x + reach, shape[1]), min(y + reach, shape[0])), reduction) for x, y in corners)
        if len(corners) == 1:
            return
        reduction *= 2


def _starts(length: int, reach: int, step: int) -> range:
    return range(0, max(length - reach, 0) + step, step) if length > reach else range(1)


def _meeting(image: Image, matrix: Matrix, box: Box) -> Iterator[tuple[int, Box]]:
    """Frames that ``box`` of the matrix meets, with the part of it in each, in pixels of the frame."""
    rows, columns = image.frame(0).shape
    for index, (row, column) in matrix.corners.items():
        inner = clip((box[0] - column, box[1] - row, box[2] - column, box[3] - row), (rows, columns))
        if inner is not None:
            yield index, inner


def _picture(image: Image, matrix: Matrix, inside: dict[int, Box], window: Box, reduction: int) -> Frame:
    """The default views of the tiles in a window, numbered as the first of them."""
    shape = -(-(window[3] - window[1]) // reduction), -(-(window[2] - window[0]) // reduction)

    def assembled() -> Array:
        made: Array | None = None
        for index, (x0, y0, x1, y1) in inside.items():
            row, column = matrix.corners[index]
            top, left = row + y0 - window[1], column + x0 - window[0]
            # The first pixels of the tile that fall on the grid of the reduced picture.
            down, across = -top % reduction, -left % reduction
            part = image.frame(index).view()[y0 + down : y1 : reduction, x0 + across : x1 : reduction]
            if made is None:
                made = np.zeros((*shape, *part.shape[2:]), np.uint8)
            top, left = (top + down) // reduction, (left + across) // reduction
            made[top : top + part.shape[0], left : left + part.shape[1]] = part
        return np.zeros(shape, np.uint8) if made is None else made

    return Frame(min(inside), shape, assembled, {"default": np.asarray}, lambda _: (0,))
