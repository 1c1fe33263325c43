"""How the retinanet network is trained, for `deidkit train detector --model retinanet`. Imports torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deidkit.errors import EnvironmentFault, UsageError
from deidkit.image import Array, Box
from deidkit.imaging.boxes import area, around
from deidkit.nn.cards import load_card
from deidkit.nn.looks import LOOKS, look_of, plausible, sizes
from deidkit.nn.preprocessing import CHANNELS, FEWEST, channels, makes, padded
from deidkit_retinanet.anchors import STRIDES
from deidkit_retinanet.detector import CARD, USUAL, lines_of, scores_by_look
from deidkit_retinanet.network import Backbone, RetinaNet
from deidkit_retinanet.options import RetinaNetOptions
from deidkit_retinanet.training.losses import loss
from deidkit_training.clean import score_and_hint
from deidkit_training.export import export_float, export_int8
from deidkit_training.start import weights_for

MOST_LINES = 64
LEAST = 0.1
PART = 0.5
"""Of what false boxes may cover; dbnet uses up the other half."""
LEAST_HINT = 0.3
"""Boxes of lower scores are so loose that they cover more ground than text, whoever agrees with them."""


class RetinaNetRecipe:
    """See ``deidkit_training.recipe.Recipe``.

    Args:
        backbone: light, or one of torchvision's ResNets, which want a GPU.
        start: safetensors of a dbnet or retinanet whose encoder this one starts from (light backbone only).
        int8: also write weights of eight bits.
        inputs: how many channels it reads, see ``deidkit.nn.preprocessing.channels``; 4 is without that of chroma.
    """

    name = "retinanet"
    batch = 8
    rate = 1e-3

    def __init__(
        self, backbone: Backbone = "light", start: str | None = None, int8: bool = True, inputs: int = CHANNELS
    ) -> None:
        if not makes(inputs):
            raise UsageError(f"retinanet reads {FEWEST} or {CHANNELS} channels")
        self.inputs = inputs
        self.backbone, self.start, self.int8 = backbone, start, int8
        self.min_score, self.hint_score = shipped_scores(), shipped_scores()

    def model(self) -> nn.Module:
        network = RetinaNet(self.backbone, inputs=self.inputs)
        if self.start is not None:
            weights = weights_for(network, self.start)
            encoder = {key: value for key, value in weights.items() if key.startswith("encoder.")}
            network.load_state_dict(encoder, strict=False)
        return network

    def described(self, facts: Mapping[str, Any]) -> nn.Module:
        return RetinaNet.described(facts)

    def example(self, tile: Any) -> tuple[Array, ...]:
        """Input (inputs, n, n), and boxes (64, 5) float32 as ``losses.loss`` wants them."""
        boxes = np.zeros((MOST_LINES, 5), np.float32)
        for row, line in zip(boxes, tile.instances, strict=False):
            row[:4], row[4] = line.box, 1 if line.legible else -1
        return channels(tile.image, self.inputs), boxes

    def loss(self, model: nn.Module, batch: Sequence[Tensor]) -> Tensor:
        image, boxes = batch
        logits, steps = model(image)
        return loss(logits.float(), steps.float(), boxes, (image.shape[2], image.shape[3]))

    def calibrate(self, model: nn.Module, tiles: Iterable[Any], clean: Iterable[Array]) -> None:  # noqa: ARG002
        """The lowest score at which clean images stay clean, and the lowest of a hint."""
        seen: dict[str, list[list[tuple[float, float]]]] = {name: [] for name in LOOKS}
        for view in clean:
            given: dict[str, list[tuple[float, float]]] = {look_of(factor): [] for _, factor in looks(view)}
            for name, score, _, share in found(model, view, dict.fromkeys(LOOKS, LEAST)):
                given[name].append((score, share))
            for name, one in given.items():
                seen[name].append(one)
        for name, images in seen.items():
            self.min_score[name], self.hint_score[name] = score_and_hint(images, LEAST, LEAST_HINT, USUAL, PART)

    def coverage(self, model: nn.Module, tile: Any) -> Array:
        covered = np.zeros(tile.image.shape[:2], bool)
        for _, _, box, _ in found(model, tile.image, self.min_score):
            covered[box[1] : box[3], box[0] : box[2]] = True
        return covered

    def export(self, model: nn.Module, folder: Path, samples: Sequence[Any]) -> dict[str, Any]:
        difference = export_float(model, folder, self.name, ["logits", "steps"], self.inputs)
        files = ["retinanet.onnx", "retinanet.safetensors"]
        if self.int8:
            batches = [padded(channels(tile.image, self.inputs), STRIDES[-1]) for tile in samples]
            export_int8(folder, self.name, batches, keep=first_and_scores)
            files.append("retinanet.int8.onnx")
        facts = {
            "backbone": self.backbone,
            "inputs": self.inputs,
            "min_score": self.min_score,
            "hint_score": self.hint_score,
            "onnx_difference": difference,
        }
        return {"files": files, **facts}


def first_and_scores(node: str) -> bool:
    """Layers that lose most by eight bits: the stem, and what gives the scores."""
    return "stem" in node or "/logits" in node


def looks(view: Array) -> Iterator[tuple[Array, float]]:
    """All looks that the detector takes at a view, with view pixels a pixel of the look."""
    options = RetinaNetOptions()
    return sizes(view, options.large, options.enlarged)


def found(model: nn.Module, view: Array, least: Mapping[str, float]) -> Iterator[tuple[str, float, Box, float]]:
    """Look, score, box and share of the view that it covers, of all that the detector would give."""
    shape, options = (view.shape[0], view.shape[1]), RetinaNetOptions()
    for look, factor in looks(view):
        batch, name = padded(channels(look, int(model.inputs)), STRIDES[-1]), look_of(factor)
        with torch.inference_mode():
            logits, steps = (output[0].numpy() for output in model(torch.from_numpy(batch)))
        sides = (batch.shape[2], batch.shape[3])
        for place, score in zip(*lines_of(logits, steps, sides, least.get(name, USUAL), options), strict=True):
            box = around(place, factor, options.margin, shape)
            if box is not None and plausible(box, factor, shape):
                yield name, float(score), box, area(box) / (shape[0] * shape[1])


def shipped_scores() -> dict[str, float]:
    """Those of the shipped card, one a look."""
    try:
        return dict(scores_by_look(load_card(CARD), "min_score"))
    except EnvironmentFault:
        return {}
