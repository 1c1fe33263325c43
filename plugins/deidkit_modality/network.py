"""The shipped network: from one display view to what it shows and whether it is fit to be used.

Its weights are those of a small network over hand-made features (see ``features``), standardisation and temperature included,
so that it gives calibrated probabilities. An EfficientNet-B0 on the pixels votes with it when the card gives it a weight. How
they were made and what they reach stands in the model card beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deidkit.errors import EnvironmentFault
from deidkit.nn.cards import load_card
from deidkit.nn.onnx_runtime import open_onnx
from deidkit.types import Label
from deidkit_modality.features import LENGTH, features
from deidkit_modality.uniform import Uniform, picture, uniform

WEIGHTS = Path(__file__).parent / "weights"
NAME = "modality"
IMAGES = "modality-efficientnet"
CAPTURES = frozenset({"screen", "document"})
BELIEVED = 0.95
"""Least share for a screen or a page where the card gives none. High: an unsure image gets the strictest profile as well."""


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
        self.capture_threshold = float(card.facts.get("capture_threshold", BELIEVED))
        self.refusal = float(card.facts["refusal"])
        self._network = open_onnx(card, f"{NAME}.onnx")
        images = card.facts.get("images", {})
        self._weight = float(images.get("image_weight", 0.0))
        self._temperature = float(images.get("image_temperature", 1.0))
        self._images = open_onnx(card, f"{IMAGES}.onnx") if self._weight else None

    def look(self, view: NDArray[Any]) -> Opinion:
        """Opinion of one display view, uint8 grey (rows, columns) or RGB (rows, columns, 3)."""
        made = uniform(view)
        classes, qualities = self._network.run(features(made)[None])
        return Opinion(self._with_images(classes[0], made), qualities[0])

    def _with_images(self, classes: NDArray[Any], made: Uniform) -> NDArray[Any]:
        """The logarithmic opinion pool of features and image network (Genest 1986)."""
        if self._images is None:
            return classes
        pixels = np.ascontiguousarray(picture(made).transpose(2, 0, 1)[None], np.float32)
        scores = self._images.run(pixels)[0][0] / self._temperature
        seen = np.exp(scores - scores.max())
        pool = (1 - self._weight) * np.log(classes + 1e-6) + self._weight * np.log(seen / seen.sum() + 1e-6)
        powers = np.exp(pool - pool.max())
        return np.asarray(powers / powers.sum(), np.float32)

    def label(self, opinion: Opinion, threshold: float | None = None) -> Label:
        """The class, with the value None below the threshold: that of captures for a screen or a page, else the other one."""
        best = int(np.argmax(opinion.classes))
        name, share = self.classes[best], float(opinion.classes[best])
        least = self.threshold if threshold is None else threshold
        least = max(least, self.capture_threshold) if name in CAPTURES else least
        return Label(name if share >= least else None, share)

    def suspects_capture(self, opinion: Opinion) -> bool:
        """Whether a screen or a page is the best guess, at the threshold of other classes: enough to doubt a header."""
        best = int(np.argmax(opinion.classes))
        return self.classes[best] in CAPTURES and float(opinion.classes[best]) >= self.threshold

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
