"""Building blocks that deidkit's networks share. Imports torch, so only networks and training import it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from deidkit.nn.preprocessing import CHANNELS

WIDTHS = (16, 32, 48, 96, 160)
"""Channels of the encoder's levels at strides 2, 4, 8, 16, 32."""


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Convolution 3 x 3, batch normalisation, rectifier."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """He et al. 2016, basic block of constant width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = block(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


def residuals(width: int, depth: int) -> nn.Module:
    """``depth`` basic blocks, one after the other."""
    return Residual(width) if depth == 1 else nn.Sequential(*(Residual(width) for _ in range(depth)))


class Encoder(nn.Module):
    """Five levels at strides 2, 4, 8, 16, 32. Networks that share its shape may start from each other's weights.

    Args:
        widths: channels of each level.
        depths: basic blocks at strides 8, 16 and 32.
        inputs: channels of the input, see ``deidkit.nn.preprocessing.channels``.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS, depths: Sequence[int] = (1, 1, 1), inputs: int = CHANNELS) -> None:
        super().__init__()
        self.widths = widths
        self.stem = block(inputs, widths[0], 2)
        self.down = nn.ModuleList(block(a, b, 2) for a, b in pairwise(widths))
        deep = [residuals(width, depth) for width, depth in zip(widths[2:], depths, strict=True)]
        self.deep = nn.ModuleList([block(widths[1], widths[1]), *deep])

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.stem(x)]
        for down, deep in zip(self.down, self.deep, strict=True):
            levels.append(deep(down(levels[-1])))
        return levels
