"""The training loss: cross-entropy weighted towards small lines, its hardest pixels again, and overlap. Imports torch."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

HARDEST = 0.01
POSITIVE = (1.0, 3.0, 3.0)
"""Weight of text in the region, core and stroke maps. A region weighed more than what surrounds it grows past the ink."""


def dice(probability: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """One less the soft overlap of each map, averaged (Milletari et al. 2016)."""
    shared = (probability * target * weight).sum((0, 2, 3))
    total = ((probability + target) * weight).sum((0, 2, 3))
    return (1 - (2 * shared + 1) / (total + 1)).mean()


def loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """All of (n, 3, rows, columns) but ``weight``, (n, 1, rows, columns): 0 where nothing counts, above 1 on small lines."""
    cross = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    weighed = cross * weight * (1 + (target.new_tensor(POSITIVE)[:, None, None] - 1) * target)
    flat = weighed.flatten()
    hardest = flat.topk(max(1, int(HARDEST * flat.numel()))).values.mean()
    return 4 * weighed.mean() + 0.15 * hardest + 0.5 * dice(torch.sigmoid(logits), target, (weight > 0).float())
