"""How the retinanet network is trained, for `deidkit train detector --model retinanet`. Imports torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deidkit.errors import EnvironmentFault
from deidkit.inference import load_card
from deidkit.tensors import channels, padded, sizes
from deidkit.types import Array, Box
from deidkit_retinanet.anchors import STRIDES, suppress
from deidkit_retinanet.detector import CARD, boxes_of, grown_box
from deidkit_retinanet.losses import loss
from deidkit_retinanet.network import Backbone, RetinaNet
from deidkit_training.export import export_float

MOST_LINES = 64
MIN_SCORE, LEAST = 0.3, 0.1
MEAN_AREA, DIRTY_SHARE = 0.001, 0.05
HINT_AREA, HINT_SHARE = 0.01, 0.3
"""What false boxes may cover of the mean clean image, and on which share of them more than 0.2 %; and the same for hints, which
count only where another detector agrees.
"""


class RetinaNetRecipe:
    """See ``deidkit_training.recipe.Recipe``.

    Args:
        backbone: light, or one of torchvision's ResNets, which want a GPU.
        start: safetensors of a dbnet or retinanet whose encoder this one starts from (light backbone only).
    """

    name = "retinanet"
    batch = 8
    rate = 1e-3

    def __init__(self, backbone: Backbone = "light", start: str | None = None) -> None:
        self.backbone, self.start = backbone, start
        self.min_score = self.hint_score = shipped_score()

    def model(self) -> nn.Module:
        network = RetinaNet(self.backbone)
        if self.start is not None:
            from safetensors.torch import load_file

            weights = {key: value for key, value in load_file(self.start).items() if key.startswith("encoder.")}
            network.load_state_dict(weights, strict=False)
        return network

    def example(self, tile: Any) -> tuple[Array, ...]:
        """Input (4, n, n), and boxes (64, 5) float32 as ``losses.loss`` wants them."""
        boxes = np.zeros((MOST_LINES, 5), np.float32)
        for row, line in zip(boxes, tile.instances, strict=False):
            row[:4], row[4] = line.box, 1 if line.legible else -1
        return channels(tile.image), boxes

    def loss(self, model: nn.Module, batch: Sequence[Tensor]) -> Tensor:
        image, boxes = batch
        logits, steps = model(image)
        return loss(logits.float(), steps.float(), boxes, (image.shape[2], image.shape[3]))

    def calibrate(self, model: nn.Module, tiles: Iterable[Any], clean: Iterable[Array]) -> None:  # noqa: ARG002
        """The lowest score at which clean images stay clean, and the lowest of a hint."""
        seen = [[(score, share) for score, _, share in found(model, view, LEAST)] for view in clean]
        self.min_score = least_score(seen, MEAN_AREA, DIRTY_SHARE) if seen else MIN_SCORE
        self.hint_score = least_score(seen, HINT_AREA, HINT_SHARE) if seen else MIN_SCORE

    def coverage(self, model: nn.Module, tile: Any) -> Array:
        covered = np.zeros(tile.image.shape[:2], bool)
        for _, box, _ in found(model, tile.image, self.min_score, large=tile.image.shape[0]):
            covered[box[1] : box[3], box[0] : box[2]] = True
        return covered

    def export(self, model: nn.Module, folder: Path, samples: Sequence[Any]) -> dict[str, Any]:  # noqa: ARG002
        difference = export_float(model, folder, self.name, ["logits", "steps"])
        facts = {
            "backbone": self.backbone,
            "min_score": self.min_score,
            "hint_score": self.hint_score,
            "onnx_difference": difference,
        }
        return {"files": ["retinanet.onnx", "retinanet.safetensors"], **facts}


def found(model: nn.Module, view: Array, least: float, large: int = 500) -> Iterator[tuple[float, Box, float]]:
    """Score, box and share of the view that it covers, of all that the detector would give."""
    shape = (view.shape[0], view.shape[1])
    for look, factor in sizes(view, large):
        batch = padded(channels(look), STRIDES[-1])
        with torch.inference_mode():
            logits, steps = (output[0].numpy() for output in model(torch.from_numpy(batch)))
        boxes, scores = boxes_of(logits, steps, (batch.shape[2], batch.shape[3]), least, 1000)
        for i in suppress(boxes, scores, 0.4):
            box = grown_box(factor * boxes[i], 2, shape)
            if box is not None:
                yield float(scores[i]), box, (box[2] - box[0]) * (box[3] - box[1]) / (shape[0] * shape[1])


def least_score(seen: Sequence[Sequence[tuple[float, float]]], area: float, share: float) -> float:
    """From scores and shares of the boxes on each clean image: the lowest score at which they cover at most ``area`` of the
    mean image, and more than 0.2 % of at most a ``share`` of the images.
    """
    for limit in np.arange(LEAST, 0.99, 0.01):
        covered = np.array([sum(part for score, part in boxes if score >= limit) for boxes in seen])
        if covered.mean() <= area and (covered > 0.002).mean() <= share:
            return round(float(limit), 3)
    return 0.99


def shipped_score() -> float:
    """That of the shipped card."""
    try:
        return float(load_card(CARD).facts.get("min_score", MIN_SCORE))
    except EnvironmentFault:
        return MIN_SCORE


def recipe(options: dict[str, Any]) -> RetinaNetRecipe:
    return RetinaNetRecipe(**options)
