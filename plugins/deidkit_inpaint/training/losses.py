"""What the generator is trained on. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from deidkit_inpaint.training.network import Seer

LEAST_ERROR = 1e-4
"""Mean squared error below which a crop is as good as can be asked."""
Features = Callable[[Tensor], Sequence[Tensor]]


def masked_l1(filled: Tensor, clean: Tensor, mask: Tensor, strokes: Tensor) -> Tensor:
    """Mean absolute error inside the mask, strokes counted twice."""
    weight = mask * (1 + strokes)
    return ((filled - clean).abs() * weight).sum() / weight.sum().clamp(min=1)


def log_error(filled: Tensor, clean: Tensor, mask: Tensor, strokes: Tensor) -> Tensor:
    """Logarithm of each crop's mean squared error inside the mask, strokes counted twice, on average over crops.

    So that a smooth crop, where errors are small, counts as much as a rough one.
    """
    weight = mask * (1 + strokes)
    each = ((filled - clean).square() * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3)).clamp(min=1)
    return torch.log(each + LEAST_ERROR).mean()


def feature_loss(filled: Tensor, clean: Tensor, features: Features) -> Tensor:
    """Mean absolute difference of features, level by level (Johnson et al., ECCV 2016)."""
    with torch.no_grad():
        wanted = features(clean)
    total = torch.zeros((), device=filled.device)
    for found, goal in zip(features(filled), wanted, strict=True):
        total = total + F.l1_loss(found, goal)
    return total


def text_left(filled: Tensor, strokes: Tensor, seer: Seer) -> Tensor:
    """How much of the old strokes the seer still makes out, on average over them."""
    seen = torch.sigmoid(seer(filled))
    return (seen * strokes).sum() / strokes.sum().clamp(min=1)


def vgg_features(weights: str) -> Features:
    """The first three blocks of VGG16-bn (Simonyan & Zisserman, ICLR 2015) from a safetensors file that the user gives."""
    from safetensors.torch import load_file
    from torchvision.models import vgg16_bn

    network = vgg16_bn(weights=None)
    network.load_state_dict(load_file(weights))
    blocks: list[nn.Sequential] = [network.features[a:b].eval().requires_grad_(False) for a, b in ((0, 6), (6, 13), (13, 23))]

    def features(plane: Tensor) -> list[Tensor]:
        found, x = [], plane.expand(-1, 3, -1, -1)
        for block in blocks:
            x = block(x)
            found.append(x)
        return found

    return features
