"""The training loss: torchvision's focal loss and matcher over our anchors. Imports torch and torchvision."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.ops import box_iou, sigmoid_focal_loss

from deidkit_retinanet.anchors import place

MATCH, APART = 0.5, 0.4
_coder = BoxCoder(weights=(1.0, 1.0, 1.0, 1.0))
_matcher = Matcher(MATCH, APART, allow_low_quality_matches=True)


def anchors_for(rows: int, columns: int, device: torch.device) -> Tensor:
    """All anchors of an input of this size, (anchors, 4)."""
    return torch.from_numpy(np.concatenate(place(rows, columns))).to(device)


def loss(logits: Tensor, steps: Tensor, boxes: Tensor, shape: tuple[int, int]) -> Tensor:
    """Focal loss of all anchors and smooth L1 of matched ones, both over the number of matched anchors.

    Args:
        logits: (n, anchors, 1).
        steps: (n, anchors, 4).
        boxes: (n, most, 5): x0, y0, x1, y1 and a flag: 1 a line, 0 filling, -1 text that no person could read.
        shape: rows and columns of the input.
    """
    anchors = anchors_for(*shape, logits.device)
    total = logits.new_zeros(())
    for answer, moved, truth in zip(logits, steps, boxes, strict=True):
        total = total + _one(answer[:, 0], moved, truth, anchors)
    return total / len(boxes)


def _one(answer: Tensor, moved: Tensor, truth: Tensor, anchors: Tensor) -> Tensor:
    lines, unclear = truth[truth[:, 4] > 0, :4], truth[truth[:, 4] < 0, :4]
    target = torch.zeros_like(answer)
    counted = torch.ones_like(answer, dtype=torch.bool)
    regression = answer.new_zeros(())
    if len(unclear):
        counted &= box_iou(anchors, unclear).amax(1) < APART / 2
    if len(lines):
        matched = _matcher(box_iou(lines, anchors))
        positive = matched >= 0
        target[positive] = 1.0
        counted = (counted & (matched != Matcher.BETWEEN_THRESHOLDS)) | positive
        wanted = _coder.encode_single(lines[matched[positive]], anchors[positive])
        regression = F.smooth_l1_loss(moved[positive], wanted, beta=0.1, reduction="sum")
    positives = max(1.0, float(target.sum()))
    focal: Tensor = sigmoid_focal_loss(answer[counted], target[counted], reduction="sum")
    return (focal + regression) / positives
