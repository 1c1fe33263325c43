"""The reverse model at work: what a network makes of a redacted crop."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deidkit.image import Array
from deidkit.nn.cards import Network, load_card
from deidkit.nn.onnx_runtime import open_onnx
from deidkit_reconstruct.attack.deblur import deblurred
from deidkit_reconstruct.attack.views import local_contrast

WEIGHTS = Path(__file__).parent / "weights"
NAME = "reverse"
STRIDE = 8


def planes(values: Array, mask: Array) -> Array:
    """The network's input, float32 (6, rows, columns), from a grey crop in any unit and the boolean mask of what was redacted.

    Values stretched to [0, 1] by their range inside the mask, local contrast in [0, 1], the differences along rows and columns
    in units of three standard deviations inside the mask, the values with a blur undone, stretched as well, and the mask.
    """
    values = values.astype(np.float32)
    steps = [_in_deviations(step, mask) for step in np.gradient(values)]
    sharp = _stretched(deblurred(values, mask), mask)
    contrast = local_contrast(values) / np.float32(255)
    return np.stack([_stretched(values, mask), contrast, *steps, sharp, mask]).astype(np.float32)


def _stretched(values: Array, mask: Array) -> Array:
    inside = values[mask] if mask.any() else values
    low, high = float(inside.min()), float(inside.max())
    return np.asarray(np.clip((values - low) / max(high - low, 1e-6), -1, 2))


def _in_deviations(step: Array, mask: Array) -> Array:
    deviation = float(step[mask].std()) if mask.any() else 0.0
    return np.clip(step / max(3 * deviation, 1e-6), -2, 2) if deviation > 0 else np.zeros_like(step)


class ReverseModel:
    """Raises EnvironmentFault when the weights are missing or not what their card says."""

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or open_onnx(load_card(WEIGHTS / f"{NAME}.card.json"), f"{NAME}.onnx")

    def strokes(self, values: Array, mask: Array) -> Array:
        """uint8 ``(rows, columns)``: how likely each pixel of a redacted crop was a stroke, 0 to 255.

        Args:
            values: grey crop with some surroundings, any unit.
            mask: boolean, what was redacted.
        """
        rows, columns = values.shape
        padded = np.pad(planes(values, mask), ((0, 0), (0, -rows % STRIDE), (0, -columns % STRIDE)), mode="edge")
        logits = self._network.run(np.ascontiguousarray(padded[None]))[0][0, 0, :rows, :columns]
        return np.rint(255 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.uint8)
