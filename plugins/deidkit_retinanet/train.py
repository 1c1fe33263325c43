"""How the retinanet network is trained, for `deidkit train detector --model retinanet`. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deidkit.tensors import channels, padded
from deidkit.types import Array
from deidkit_retinanet.anchors import STRIDES, suppress
from deidkit_retinanet.detector import boxes_of, grown_box
from deidkit_retinanet.losses import loss
from deidkit_retinanet.network import Backbone, RetinaNet
from deidkit_training.export import export_float

MOST_LINES = 64
MIN_SCORE = 0.3


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

    def coverage(self, model: nn.Module, tile: Any) -> Array:
        shape = tile.image.shape[:2]
        batch = padded(channels(tile.image), STRIDES[-1])
        with torch.inference_mode():
            logits, steps = (output[0].numpy() for output in model(torch.from_numpy(batch)))
        boxes, scores = boxes_of(logits, steps, (batch.shape[2], batch.shape[3]), MIN_SCORE, 1000)
        covered = np.zeros(shape, bool)
        for i in suppress(boxes, scores, 0.4):
            box = grown_box(boxes[i], 2, shape)
            if box is not None:
                covered[box[1] : box[3], box[0] : box[2]] = True
        return covered

    def export(self, model: nn.Module, folder: Path, samples: Sequence[Any]) -> dict[str, Any]:  # noqa: ARG002
        difference = export_float(model, folder, self.name, ["logits", "steps"])
        facts = {"backbone": self.backbone, "min_score": MIN_SCORE, "onnx_difference": difference}
        return {"files": ["retinanet.onnx", "retinanet.safetensors"], **facts}


def recipe(options: dict[str, Any]) -> RetinaNetRecipe:
    return RetinaNetRecipe(**options)
