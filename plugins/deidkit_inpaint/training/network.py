"""The networks, in torch: generator, patch critic, and the seer, which looks for strokes. Imported in training only."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

WIDTHS = (20, 40, 72)
STRIDE = 8
"""Rows and columns of the input have to be multiples of this: 2 by folding pixels into channels, 4 by the two poolings."""


class Residual(nn.Module):
    """Two 3 x 3 convolutions around a shortcut (He et al., CVPR 2016), without normalisation, which would mix crops."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.second(F.silu(self.first(F.silu(x))))
        return x + inner


class Encoder(nn.Module):
    """Planes (n, ``inputs``, rows, columns) to features at a half, a quarter and an eighth of the size."""

    def __init__(self, inputs: int, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        a, b, c = widths
        self.enter = nn.Conv2d(4 * inputs, a, 3, padding=1)
        self.one, self.down_one = Residual(a), nn.Conv2d(a, b, 2, stride=2)
        self.two, self.down_two = Residual(b), nn.Conv2d(b, c, 2, stride=2)
        self.three = nn.Sequential(Residual(c), Residual(c, 2), Residual(c, 4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        fine = self.one(self.enter(F.pixel_unshuffle(x, 2)))
        middle = self.two(self.down_one(fine))
        return fine, middle, self.three(self.down_two(middle))


class UNet(nn.Module):
    """U-Net (Ronneberger et al., MICCAI 2015) of residual blocks; planes in, one plane of the same size out."""

    def __init__(self, inputs: int, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        a, b, c = widths
        self.encoder = Encoder(inputs, widths)
        self.up_two, self.join_two = nn.Conv2d(c, b, 1), nn.Sequential(nn.Conv2d(2 * b, b, 1), Residual(b))
        self.up_one, self.join_one = nn.Conv2d(b, a, 1), nn.Sequential(nn.Conv2d(2 * a, a, 1), Residual(a))
        self.leave = nn.Conv2d(a, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        fine, middle, coarse = self.encoder(x)
        wide = F.interpolate(self.up_two(coarse), scale_factor=2.0, mode="nearest")
        middle = self.join_two(torch.cat([middle, wide], 1))
        wide = F.interpolate(self.up_one(middle), scale_factor=2.0, mode="nearest")
        return F.pixel_shuffle(self.leave(F.silu(self.join_one(torch.cat([fine, wide], 1)))), 2)


class Generator(nn.Module):
    """Planes (n, 3, rows, columns) of what may be seen, the harmonic filling and the mask, to the filled plane.

    Outside the mask the answer is what was seen. It starts as the harmonic filling, which training then improves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.net = UNet(3)
        nn.init.zeros_(self.net.leave.weight)
        nn.init.zeros_(self.net.leave.bias)

    def forward(self, planes: Tensor) -> Tensor:
        seen, first, mask = planes[:, 0:1], planes[:, 1:2], planes[:, 2:3]
        return seen * (1 - mask) + (first + self.net(planes)) * mask


class Critic(nn.Module):
    """PatchGAN (Isola et al., CVPR 2017): plane and mask to one logit for each patch of about 30 pixels."""

    def __init__(self) -> None:
        super().__init__()
        norm = nn.utils.parametrizations.spectral_norm
        widths = (2, 32, 64, 128)
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [norm(nn.Conv2d(before, after, 4, stride=2, padding=1)), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, norm(nn.Conv2d(widths[-1], 1, 3, padding=1)))

    def forward(self, plane: Tensor, mask: Tensor) -> Tensor:
        answer: Tensor = self.layers(torch.cat([plane, mask], 1))
        return answer


class Seer(nn.Module):
    """Looks for strokes: a plane to logits of the same size. Its encoder is what the feature loss compares by."""

    def __init__(self) -> None:
        super().__init__()
        self.net = UNet(1, (12, 20, 32))

    def forward(self, plane: Tensor) -> Tensor:
        answer: Tensor = self.net(plane)
        return answer

    def features(self, plane: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        answer: tuple[Tensor, Tensor, Tensor] = self.net.encoder(plane)
        return answer
