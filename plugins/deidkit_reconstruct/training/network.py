"""The reverse model, in torch: from a redacted crop to where the strokes were. Imported in training only."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

WIDTHS = (32, 64, 96)
PLANES = 6
STRIDE = 8
"""Rows and columns of the input have to be multiples of this."""


def block(inputs: int, outputs: int, dilation: int = 1) -> nn.Sequential:
    """Two 3 x 3 convolutions with group normalisation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1),
        nn.GroupNorm(4, outputs),
        nn.SiLU(),
        nn.Conv2d(outputs, outputs, 3, padding=dilation, dilation=dilation),
        nn.GroupNorm(4, outputs),
        nn.SiLU(),
    )


class Reverse(nn.Module):
    """U-Net (Ronneberger et al., MICCAI 2015): planes (n, 6, rows, columns), see ``reverse.planes``, to stroke logits.

    Works on pixels folded two by two into channels, so that three levels see 40 pixels far.
    """

    def __init__(self) -> None:
        super().__init__()
        a, b, c = WIDTHS
        self.fine, self.middle, self.coarse = block(4 * PLANES, a), block(a, b), block(b, c, 2)
        self.join_middle, self.join_fine = block(b + c, b), block(a + b, a)
        self.leave = nn.Conv2d(a, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        fine = self.fine(F.pixel_unshuffle(x, 2))
        middle = self.middle(F.max_pool2d(fine, 2))
        coarse = self.coarse(F.max_pool2d(middle, 2))
        middle = self.join_middle(torch.cat([middle, F.interpolate(coarse, scale_factor=2.0, mode="nearest")], 1))
        fine = self.join_fine(torch.cat([fine, F.interpolate(middle, scale_factor=2.0, mode="nearest")], 1))
        return F.pixel_shuffle(self.leave(fine), 2)
