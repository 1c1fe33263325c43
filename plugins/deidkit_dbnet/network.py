"""The network: a light U-Net that reads at half resolution and answers with three maps. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from deidkit.nn.blocks import WIDTHS, Encoder, block
from deidkit.nn.preprocessing import CHANNELS, channels_of

LEVELS = 5
MAPS = ("region", "core", "stroke")
"""Channels of the output, logits at half the input's resolution."""


class DBNet(nn.Module):
    """Encoder, additive decoder of ``inner`` channels, head at stride 2. Input (n, ``inputs``, rows, columns), x 32.

    In the manner of Liao et al. 2020 (DBNet): a shrunk core tells neighbouring lines apart and a region map gives their extent;
    a stroke map replaces its threshold map, so that no differentiable step function is needed.
    """

    def __init__(
        self,
        widths: Sequence[int] = WIDTHS,
        depths: Sequence[int] = (1, 1, 1),
        inner: int = 32,
        inputs: int = CHANNELS,
    ) -> None:
        super().__init__()
        self.inputs = inputs
        self.encoder = Encoder(widths, depths, inputs)
        self.lateral = nn.ModuleList(nn.Conv2d(w, inner, 1) for w in widths[1:])
        self.smooth = nn.ModuleList(block(inner, inner) for _ in widths[1:-1])
        self.up = nn.Conv2d(inner, widths[0], 1)
        self.head = nn.Sequential(block(widths[0], widths[0]), nn.Conv2d(widths[0], len(MAPS), 1))
        nn.init.constant_(self.head[1].bias, -3.0)

    @classmethod
    def described(cls, facts: Mapping[str, Any]) -> DBNet:
        """A fresh network of the shape that the facts of a card state."""
        return cls(**facts.get("shape", {}), inputs=channels_of(facts))

    def forward(self, x: Tensor) -> Tensor:
        levels = self.encoder(x)
        y = self.lateral[-1](levels[-1])
        for i in range(len(self.smooth) - 1, -1, -1):
            y = self.smooth[i](F.interpolate(y, scale_factor=2.0, mode="nearest") + self.lateral[i](levels[i + 1]))
        y = F.interpolate(self.up(y), scale_factor=2.0, mode="nearest") + levels[0]
        answer: Tensor = self.head(y)
        return answer
