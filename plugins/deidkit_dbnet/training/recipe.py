"""How the dbnet network is trained, for `deidkit train detector --model dbnet`. Imports torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deidkit.errors import EnvironmentFault, UsageError
from deidkit.image import Array
from deidkit.imaging.boxes import around
from deidkit.nn.cards import load_card
from deidkit.nn.looks import plausible, sizes
from deidkit.nn.preprocessing import CHANNELS, FEWEST, channels, makes, padded
from deidkit_dbnet.detector import CARD
from deidkit_dbnet.network import LEVELS, DBNet
from deidkit_dbnet.options import DBNetOptions
from deidkit_dbnet.postprocess.boxes import find, probabilities
from deidkit_dbnet.postprocess.ends import NEAR
from deidkit_dbnet.postprocess.rules import Rules
from deidkit_dbnet.training.calibrate import calibrated
from deidkit_dbnet.training.losses import loss
from deidkit_dbnet.training.targets import example
from deidkit_training.clean import score_and_hint
from deidkit_training.export import export_float, export_int8

MARGIN = 2


class DBNetRecipe:
    """See ``deidkit_training.recipe.Recipe``.

    Args:
        widths, depths, inner: the network's shape, see ``DBNet``.
        int8: also write weights of eight bits.
        inputs: how many channels it reads, see ``deidkit.nn.preprocessing.channels``; 4 is without that of chroma.
    """

    name = "dbnet"
    batch = 8
    rate = 3e-3

    def __init__(
        self,
        widths: Sequence[int] = (16, 32, 48, 96, 160),
        depths: Sequence[int] = (1, 1, 1),
        inner: int = 32,
        int8: bool = True,
        inputs: int = CHANNELS,
    ) -> None:
        if len(widths) != LEVELS or len(depths) != LEVELS - 2 or min(*widths, *depths, inner) < 1:
            raise UsageError(f"dbnet has {LEVELS} widths, {LEVELS - 2} depths and an inner width, all of at least 1")
        if not makes(inputs):
            raise UsageError(f"dbnet reads {FEWEST} or {CHANNELS} channels")
        self.inputs = inputs
        self.shape: dict[str, Any] = {"widths": list(widths), "depths": list(depths), "inner": inner}
        self.int8 = int8
        self.rules = shipped_rules()

    def model(self) -> nn.Module:
        return DBNet(**self.shape, inputs=self.inputs)

    def described(self, facts: Mapping[str, Any]) -> nn.Module:
        return DBNet.described(facts)

    def example(self, tile: Any) -> tuple[Array, ...]:
        return example(tile, self.inputs)

    def loss(self, model: nn.Module, batch: Sequence[Tensor]) -> Tensor:
        image, target, weight = batch
        return loss(model(image).float(), target, weight)

    def calibrate(self, model: nn.Module, tiles: Iterable[Any], clean: Iterable[Array]) -> None:
        pairs = ((tile.image, tile.region | tile.ignore) for tile in tiles)
        self.rules = calibrated(lambda view: answers(model, view), pairs, clean, self.rules, score_and_hint)

    def coverage(self, model: nn.Module, tile: Any) -> Array:
        shape = (tile.image.shape[0], tile.image.shape[1])
        covered = np.zeros(shape, bool)
        for maps, factor in answers(model, tile.image):
            cut = self.rules.cut(factor)
            for found in find(maps, self.rules, cut, cut.score, near=factor <= NEAR):
                box = around(found.box, 2 * factor, MARGIN, shape)
                if box is not None and plausible(box, factor, shape):
                    covered[box[1] : box[3], box[0] : box[2]] = True
        return covered

    def export(self, model: nn.Module, folder: Path, samples: Sequence[Any]) -> dict[str, Any]:
        difference = export_float(model, folder, self.name, ["maps"], self.inputs)
        files = ["dbnet.onnx", "dbnet.safetensors"]
        if self.int8:
            batches = [padded(channels(tile.image, self.inputs)) for tile in samples]
            export_int8(folder, self.name, batches, keep=first_and_last)
            files.append("dbnet.int8.onnx")
        facts = {"shape": self.shape, "inputs": self.inputs, "rules": asdict(self.rules), "onnx_difference": difference}
        return {"files": files, **facts}


def answer(model: nn.Module, view: Array) -> Array:
    """Probabilities (3, rows / 2, columns / 2) rounded up, as the detector has them."""
    with torch.inference_mode():
        logits = model(torch.from_numpy(padded(channels(view, int(model.inputs)))))[0].numpy()
    return probabilities(logits, *view.shape[:2])


def answers(model: nn.Module, view: Array) -> Iterator[tuple[Array, float]]:
    """All looks that the detector takes at a view, with view pixels a pixel of the look."""
    options = DBNetOptions()
    for look, factor in sizes(view, options.large, options.enlarged):
        yield answer(model, look), factor


def shipped_rules() -> Rules:
    """The rules of the shipped card, from which calibration starts; plain ones where there is no card."""
    try:
        return Rules.of(load_card(CARD).facts.get("rules", {}))
    except EnvironmentFault:
        return Rules()


def first_and_last(node: str) -> bool:
    """Layers that lose most by eight bits: the stem and the head."""
    return "stem" in node or "/head/" in node
