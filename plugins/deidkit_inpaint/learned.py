"""The trained generators as fillers, run by ONNX Runtime at native resolution."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deidkit.image import Array
from deidkit.nn.cards import Network, load_card
from deidkit.nn.onnx_runtime import open_onnx
from deidkit_inpaint.fillers import harmonic

WEIGHTS = Path(__file__).parent / "weights"
STRIDE = 8
TILE, OVERLAP = 128, 32


class Learned:
    """A filler, see ``fillers.Filler``.

    Crops beyond 128 pixels are worked on in tiles of 128 that overlap by 32 and are blended by a ramp. Nothing is resized.

    Args:
        name: of a model in the folder of weights.
        conditioned: the network is given the harmonic filling in place of what is masked.
        network: for tests; the shipped weights when None.

    Raises:
        EnvironmentFault: the weights are missing, or not what their card says.
    """

    def __init__(self, name: str, conditioned: bool, network: Network | None = None) -> None:
        self._network = network or open_onnx(load_card(WEIGHTS / f"{name}.card.json"), f"{name}.onnx")
        self._conditioned = conditioned

    @property
    def digest(self) -> str:
        return self._network.digest

    def __call__(self, plane: Array, mask: Array) -> Array:
        first = harmonic(plane, mask)
        seen = np.where(mask, first, plane) if self._conditioned else np.clip(plane, -1, 2)
        planes = np.stack([seen, first, mask]).astype(np.float32)
        total = np.zeros(plane.shape, np.float32)
        weights = np.zeros(plane.shape, np.float32)
        for rows, columns in _tiles(plane.shape[0], plane.shape[1]):
            if not mask[rows, columns].any():
                continue
            ramp = np.outer(_ramp(rows.stop - rows.start), _ramp(columns.stop - columns.start))
            total[rows, columns] += ramp * self._run(planes[:, rows, columns])
            weights[rows, columns] += ramp
        return np.asarray(np.where(weights > 0, total / np.maximum(weights, 1e-6), plane), np.float32)

    def _run(self, planes: Array) -> Array:
        rows, columns = planes.shape[1:]
        padded = np.pad(planes, ((0, 0), (0, -rows % STRIDE), (0, -columns % STRIDE)), mode="edge")
        return self._network.run(np.ascontiguousarray(padded[None]))[0][0, 0, :rows, :columns]


def _tiles(rows: int, columns: int) -> Iterator[tuple[slice, slice]]:
    for top in _starts(rows):
        for left in _starts(columns):
            yield slice(top, min(rows, top + TILE)), slice(left, min(columns, left + TILE))


def _starts(length: int) -> list[int]:
    if length <= TILE:
        return [0]
    count = -(-(length - OVERLAP) // (TILE - OVERLAP))
    return [round(i * (length - TILE) / (count - 1)) for i in range(count)]


def _ramp(length: int) -> Array:
    """Weights of a tile along one side: rising over the overlap, one in the middle."""
    distance = np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1))
    return np.minimum(distance / OVERLAP, 1.0).astype(np.float32)
