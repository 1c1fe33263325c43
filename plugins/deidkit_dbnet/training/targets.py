"""From a synthetic tile to the tensors of one training example. numpy and OpenCV only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from deidkit.image import Array, Box
from deidkit.nn.preprocessing import channels

if TYPE_CHECKING:
    from collections.abc import Sequence


LONE = 2.0
"""Least weight of a line hardly longer than high: a single letter has few pixels to be learnt from."""


class Line(Protocol):
    """What is needed of one planted line."""

    @property
    def box(self) -> Box: ...

    @property
    def size(self) -> int: ...


class Tile(Protocol):
    """What is needed of a tile: the image (rows, columns, 3) and its maps (rows, columns), 0 or 1."""

    image: Array
    region: Array
    core: Array
    stroke: Array
    ignore: Array

    @property
    def instances(self) -> Sequence[Line]: ...


def _half(plane: Array) -> Array:
    upper, lower = plane[0::2], plane[1::2]
    return np.asarray(upper[:, 0::2] + upper[:, 1::2] + lower[:, 0::2] + lower[:, 1::2], np.float32) / 4


def _largest(plane: Array) -> Array:
    upper, lower = plane[0::2], plane[1::2]
    return np.asarray(upper[:, 0::2] | upper[:, 1::2] | lower[:, 0::2] | lower[:, 1::2], np.float32)


def example(tile: Tile, count: int) -> tuple[Array, Array, Array]:
    """Input (count, n, n), targets (3, n/2, n/2) and weight (1, n/2, n/2), all float32."""
    target = np.stack((_half(tile.region), _largest(tile.core), _largest(tile.stroke)))
    weight = np.ones((1, *target.shape[1:]), np.float32)
    for line in tile.instances:
        x0, y0, x1, y1 = (v // 2 for v in line.box)
        share = float(np.clip(18 / max(4, line.size), 0.7, 2.5))
        if max(x1 - x0, y1 - y0) < 2 * min(x1 - x0, y1 - y0):
            share = max(share, LONE)
        weight[0, max(0, y0 - 1) : y1 + 2, max(0, x0 - 1) : x1 + 2] = share
    weight[0][_largest(tile.ignore) > 0] = 0
    return channels(tile.image, count), target, weight
