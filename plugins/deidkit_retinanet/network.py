"""The network: torchvision's RetinaNet losses over a light backbone. Imports torch and torchvision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from deidkit.nn.blocks import Encoder
from deidkit.nn.preprocessing import CHANNELS, channels_of
from deidkit_retinanet.anchors import PER_PLACE

Backbone = Literal["light", "resnet18", "resnet34", "resnet50"]
PRIOR = -4.6
"""Bias that makes every place answer 1 % at first (Lin et al. 2017, 4.1)."""


class Light(Encoder):
    """The encoder without its first level, so that its weights may come from dbnet's and go there."""

    def __init__(self, inputs: int = CHANNELS) -> None:
        super().__init__(inputs=inputs)
        self.widths = self.widths[1:]

    def forward(self, x: Tensor) -> list[Tensor]:
        return super().forward(x)[1:]


class ResNet(nn.Module):
    """A torchvision ResNet without its classifier, its first layer as wide as ``inputs``; for those who train on a GPU."""

    def __init__(self, name: str, inputs: int = CHANNELS) -> None:
        from torchvision.models import resnet

        super().__init__()
        whole = getattr(resnet, name)(weights=None)
        self.widths = tuple(int(w) * (4 if name == "resnet50" else 1) for w in (64, 128, 256, 512))
        self.stem = nn.Sequential(nn.Conv2d(inputs, 64, 7, 2, 3, bias=False), whole.bn1, whole.relu, whole.maxpool)
        self.layers = nn.ModuleList([whole.layer1, whole.layer2, whole.layer3, whole.layer4])

    def forward(self, x: Tensor) -> list[Tensor]:
        y = self.stem(x)
        levels = []
        for layer in self.layers:
            y = layer(y)
            levels.append(y)
        return levels


class RetinaNet(nn.Module):
    """Backbone, pyramid of 64 channels at strides 4 to 64, one shared tower each for class and box (Lin et al. 2017).

    Input (n, ``inputs``, rows, columns). Output: logits (n, anchors, 1) and steps (n, anchors, 4), levels one after the other,
    as ``anchors.place`` has them.
    """

    def __init__(self, backbone: Backbone = "light", inner: int = 64, depth: int = 1, inputs: int = CHANNELS) -> None:
        super().__init__()
        self.inputs = inputs
        self.encoder = Light(inputs=inputs) if backbone == "light" else ResNet(backbone, inputs)
        self.lateral = nn.ModuleList(nn.Conv2d(w, inner, 1) for w in self.encoder.widths)
        self.coarsest = nn.Conv2d(inner, inner, 3, 2, 1)
        self.class_tower = nn.Sequential(*(part for _ in range(depth) for part in self._layer(inner)))
        self.box_tower = nn.Sequential(*(part for _ in range(depth) for part in self._layer(inner)))
        self.logits = nn.Conv2d(inner, PER_PLACE, 3, 1, 1)
        self.steps = nn.Conv2d(inner, 4 * PER_PLACE, 3, 1, 1)
        for layer in (self.logits, self.steps):
            nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(self.logits.bias, PRIOR)

    @classmethod
    def described(cls, facts: Mapping[str, Any]) -> RetinaNet:
        """A fresh network of the shape that the facts of a card state."""
        return cls(facts.get("backbone", "light"), inputs=channels_of(facts))

    @staticmethod
    def _layer(inner: int) -> tuple[nn.Module, ...]:
        return nn.Conv2d(inner, inner, 3, 1, 1, bias=False), nn.GroupNorm(8, inner), nn.ReLU(inplace=True)

    def pyramid(self, x: Tensor) -> list[Tensor]:
        sides = [lateral(level) for lateral, level in zip(self.lateral, self.encoder(x), strict=True)]
        levels = [sides[-1]]
        for side in reversed(sides[:-1]):
            levels.insert(0, side + F.interpolate(levels[0], scale_factor=2.0, mode="nearest"))
        return [*levels, self.coarsest(levels[-1])]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits, steps = [], []
        for level in self.pyramid(x):
            logits.append(_flat(self.logits(self.class_tower(level)), 1))
            steps.append(_flat(self.steps(self.box_tower(level)), 4))
        return torch.cat(logits, 1), torch.cat(steps, 1)


def _flat(maps: Tensor, values: int) -> Tensor:
    """(n, anchors x values, rows, columns) to (n, rows x columns x anchors, values)."""
    return maps.permute(0, 2, 3, 1).reshape(maps.shape[0], -1, values)
