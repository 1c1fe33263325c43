"""Letters on the seam of two tiles are seen in the picture that the tiles make."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from deidkit.image import Frame
from deidkit.imaging.tiles import WINDOW, detect_across_tiles, matrices
from deidkit.types import Region

TILE = (32, 48)


class Tiled:
    """A picture in tiles, padded at its right and bottom."""

    def __init__(self, picture: np.ndarray, planes: int = 1, sparse: bool = False) -> None:
        rows, columns = picture.shape
        down, across = -(-rows // TILE[0]), -(-columns // TILE[1])
        padded = np.pad(picture, ((0, down * TILE[0] - rows), (0, across * TILE[1] - columns)))
        self.corners = [(r * TILE[0], c * TILE[1]) for r in range(down) for c in range(across)] * planes
        self.tiles = [padded[r : r + TILE[0], c : c + TILE[1]] for r, c in self.corners]
        self.header = Dataset()
        self.header.TotalPixelMatrixRows, self.header.TotalPixelMatrixColumns = rows, columns
        if not sparse:
            self.header.DimensionOrganizationType = "TILED_FULL"
            return
        order = np.random.default_rng(3).permutation(len(self.corners))
        self.corners, self.tiles = [self.corners[i] for i in order], [self.tiles[i] for i in order]
        groups = []
        for row, column in self.corners:
            place, group = Dataset(), Dataset()
            place.RowPositionInTotalImagePixelMatrix, place.ColumnPositionInTotalImagePixelMatrix = row + 1, column + 1
            group.PlanePositionSlideSequence = Sequence([place])
            groups.append(group)
        self.header.PerFrameFunctionalGroupsSequence = Sequence(groups)

    @property
    def frame_count(self) -> int:
        return len(self.tiles)

    def frame(self, index: int) -> Frame:
        tile = self.tiles[index]
        return Frame(index, TILE, lambda: tile, {"default": np.asarray}, lambda _: (0,))


def bright(frame: Frame) -> list[Region]:
    """Stands for a detector: one box around all that is white."""
    rows, columns = np.nonzero(frame.view() == 255)
    return (
        [Region((int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1), 1.0, "t")]
        if len(rows)
        else []
    )


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("planes", [1, 2])
def test_a_box_across_seams_is_cut_up_among_the_tiles(sparse: bool, planes: int) -> None:
    if sparse and planes > 1:
        planes = 1
    picture = np.random.default_rng(1).integers(0, 200, (100, 170), np.uint8)
    picture[40:80, 30:120] = 255
    image = Tiled(picture, planes, sparse)
    windows: list[Frame] = []

    def detect(frame: Frame) -> list[Region]:
        windows.append(frame)
        return bright(frame)

    found = detect_across_tiles(cast(Any, image), detect)
    assert len(windows) == planes
    assert all(np.array_equal(window.view(), picture) for window in windows)
    for index, tile in enumerate(image.tiles):
        covered = np.zeros(TILE, bool)
        for x0, y0, x1, y1 in (region.box for region in found.get(index, ())):
            covered[y0:y1, x0:x1] = True
        assert np.array_equal(covered, tile == 255), index


def test_a_picture_larger_than_a_window_is_looked_at_in_several_and_reduced() -> None:
    picture = np.zeros((40, 3 * WINDOW), np.uint8)
    picture[4:30, WINDOW - 100 : WINDOW + 100] = 255
    image = Tiled(picture)
    shapes: set[tuple[int, ...]] = set()

    def detect(frame: Frame) -> list[Region]:
        shapes.add(frame.view().shape)
        return bright(frame)

    found = detect_across_tiles(cast(Any, image), detect)
    assert {(40, WINDOW), (20, WINDOW), (10, 3 * WINDOW // 4)} <= shapes
    for index, tile in enumerate(image.tiles):
        covered = np.zeros(TILE, bool)
        for x0, y0, x1, y1 in (region.box for region in found.get(index, ())):
            covered[y0:y1, x0:x1] = True
        assert covered[tile == 255].all(), index


@pytest.mark.parametrize("change", ["size", "organization", "frames"])
def test_frames_that_are_no_tiles_are_left_alone(change: str) -> None:
    image = Tiled(np.zeros((64, 96), np.uint8))
    header, frames = image.header, image.frame_count
    assert len(matrices(header, frames, TILE)) == 1
    if change == "size":
        del header.TotalPixelMatrixRows
    elif change == "organization":
        header.DimensionOrganizationType = "TILED_SPARSE"
    assert matrices(header, 1 if change == "frames" else frames, TILE) == []
