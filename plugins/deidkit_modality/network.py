"""The shipped network: from one display view to what it shows and whether it is fit to be used.

Its weights are those of a small network over hand-made features (see ``features``), standardisation and temperature included,
so that it gives calibrated probabilities. How they were made and what they reach stands in the model card beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deidkit.errors import EnvironmentFault
from deidkit.inference import load_card, open_onnx
from deidkit.types import Label
from deidkit_modality.features import LENGTH, features
from deidkit_modality.uniform import uniform

WEIGHTS = Path(__file__).parent / "weights"
NAME = "modality"


@dataclass(frozen=True, slots=True)
class Opinion:
    """Probabilities over classes and over qualities, each float32 and adding up to one."""

    classes: NDArray[Any]
    qualities: NDArray[Any]


class PixelNetwork:
    """Reads ``modality.card.json`` and runs the ONNX file that it vouches for.

    Args:
        folder: where card and weights lie.

    Raises:
        EnvironmentFault: weights that are missing, changed or of another feature length.
    """

    def __init__(self, folder: Path = WEIGHTS) -> None:
        card = load_card(folder / f"{NAME}.card.json")
        if card.facts.get("features") != LENGTH:
            raise EnvironmentFault(f"the weights of {NAME} belong to another version of its features")
        self.classes: tuple[str, ...] = tuple(card.facts["classes"])
        self.qualities: tuple[str, ...] = tuple(card.facts["qualities"])
        self.threshold = float(card.facts["threshold"])
        self.refusal = float(card.facts["refusal"])
        self._network = open_onnx(card, f"{NAME}.onnx")

    @property
    def digest(self) -> str:
        return self._network.digest

    def look(self, view: NDArray[Any]) -> Opinion:
        """Opinion of one display view, uint8 grey (rows, columns) or RGB (rows, columns, 3)."""
        vector = features(uniform(view))
        classes, qualities = self._network.run(vector[None])
        return Opinion(classes[0], qualities[0])

    def label(self, opinion: Opinion, threshold: float | None = None) -> Label:
        """The class, with the value None below the threshold."""
        best = int(np.argmax(opinion.classes))
        share = float(opinion.classes[best])
        least = self.threshold if threshold is None else threshold
        return Label(self.classes[best] if share >= least else None, share)

    def quality(self, opinion: Opinion) -> Label:
        """``good`` unless the bad ones together reach the refusal threshold; then the most probable of them."""
        good = float(opinion.qualities[self.qualities.index("good")])
        if 1 - good < self.refusal:
            return Label("good", good)
        bad = [(float(share), name) for name, share in zip(self.qualities, opinion.qualities, strict=True) if name != "good"]
        return Label(max(bad)[1], 1 - good)


def together(opinions: list[Opinion]) -> Opinion:
    """The mean of the opinions of several frames."""
    classes = np.mean([opinion.classes for opinion in opinions], axis=0)
    return Opinion(classes, np.mean([opinion.qualities for opinion in opinions], axis=0))
