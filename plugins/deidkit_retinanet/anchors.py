"""Anchors and box arithmetic of the retinanet detector. numpy only, so that inference needs no torch.

Text lines are long: half of them are more than four times as wide as high, some forty times. Ratios are height / width, down to
0.04; two sizes and six ratios an octave, from stride 4 on, because a line of 8 pixels has no anchor at stride 8.
"""

from __future__ import annotations

import numpy as np

from deidkit.image import Array

STRIDES = (4, 8, 16, 32, 64)
SIZES = ((16.0, 24.0), (32.0, 48.0), (64.0, 96.0), (128.0, 192.0), (256.0, 384.0))
RATIOS = (0.04, 0.1, 0.22, 0.5, 1.2, 4.0)
PER_PLACE = len(SIZES[0]) * len(RATIOS)
LARGEST_STEP = float(np.log(1000 / 16))
BEYOND, LEAST_LEFT = 0.4, 0.5
"""What share of votes may want a side farther out than it comes to lie, less than half since what is cut off may be read; and
how much (intersection over union) has to be left of a box.
"""


def bases(level: int) -> Array:
    """The 12 anchors of one place, (12, 4) float32, around the origin; sizes vary slowest, as in ``place``."""
    boxes = []
    for size in SIZES[level]:
        for ratio in RATIOS:
            height, width = size * ratio**0.5, size / ratio**0.5
            boxes.append((-width / 2, -height / 2, width / 2, height / 2))
    return np.array(boxes, np.float32)


def place(rows: int, columns: int) -> list[Array]:
    """Anchors of every level for an input of this size, each (places x 12, 4); rows, then columns, then anchors of a place."""
    levels = []
    for level, stride in enumerate(STRIDES):
        high, wide = -(-rows // stride), -(-columns // stride)
        y, x = np.mgrid[0:high, 0:wide].astype(np.float32) * stride + stride / 2
        centres = np.stack([x, y, x, y], -1).reshape(-1, 1, 4)
        levels.append((centres + bases(level)[None]).reshape(-1, 4))
    return levels


def anchors_at(numbers: Array, rows: int, columns: int) -> Array:
    """Those of ``place`` for an input of this size that have these ``numbers`` (n,), (n, 4), without making the others."""
    found, first = np.full((len(numbers), 4), np.nan, np.float32), 0
    for level, stride in enumerate(STRIDES):
        high, wide = -(-rows // stride), -(-columns // stride)
        mine = (numbers >= first) & (numbers < first + high * wide * PER_PLACE)
        spot, base = np.divmod(numbers[mine] - first, PER_PLACE)
        y, x = (part.astype(np.float32) * stride + stride / 2 for part in np.divmod(spot, wide))
        found[mine] = np.stack([x, y, x, y], 1) + bases(level)[base]
        first += high * wide * PER_PLACE
    return found


def decode(deltas: Array, anchors: Array) -> Array:
    """Boxes from the network's steps (dx, dy, log width, log height) relative to anchors (Girshick 2015), both (n, 4)."""
    width, height = anchors[:, 2] - anchors[:, 0], anchors[:, 3] - anchors[:, 1]
    x = anchors[:, 0] + width / 2 + deltas[:, 0] * width
    y = anchors[:, 1] + height / 2 + deltas[:, 1] * height
    w = width * np.exp(np.minimum(deltas[:, 2], LARGEST_STEP)) / 2
    h = height * np.exp(np.minimum(deltas[:, 3], LARGEST_STEP)) / 2
    return np.stack([x - w, y - h, x + w, y + h], 1)


def overlaps(box: Array, others: Array) -> Array:
    """Intersection over union of one box (4,) with each of ``others`` (n, 4)."""
    wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
    sizes = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    return np.asarray(shared / ((box[2] - box[0]) * (box[3] - box[1]) + sizes - shared + 1e-9))


def settle(boxes: Array, scores: Array, limit: float, least: float) -> tuple[Array, Array]:
    """The boxes that stay, best first, and their scores; dtypes as given.

    Who is sure that there is a line is not who knows best where it ends. So the best box is settled by all that overlap it by
    more than ``limit``, whatever their scores and wherever else they had a say (box voting, Gidaris and Komodakis 2015), and
    those that the settled box overlaps as much are dropped, until none of the score ``least`` is left. Where hardly half of a
    box would be left, it stays as it is.

    Args:
        boxes: (n, 4) as x0, y0, x1, y1 in pixels of the input, in any order.
        scores: (n,).
    """
    left = scores >= least
    settled, kept = list[Array](), list[int]()
    for best in np.argsort(-scores, kind="stable").tolist():
        if left[best]:
            near = overlaps(boxes[best], boxes) > limit
            near[best] = True
            voted = _vote(boxes[near], scores[near])
            if overlaps(boxes[best], voted[None])[0] < LEAST_LEFT:
                voted = boxes[best]
            left &= overlaps(voted, boxes) <= limit
            left[best] = False
            settled.append(voted)
            kept.append(best)
    return (np.stack(settled) if settled else boxes[:0]), scores[kept]


def _vote(boxes: Array, scores: Array) -> Array:
    """Of boxes (n, 4) one (4,): each side as far out as it may be while ``BEYOND`` of the votes want it there or farther.

    A vote weighs its score squared, so that many who are hardly sure do not outvote one who is.
    """
    outwards = np.array([1, 1, -1, -1], boxes.dtype)
    order = np.argsort(boxes * outwards, axis=0, kind="stable")
    reached = np.cumsum(scores[order] ** 2, axis=0)
    at = (reached < BEYOND * reached[-1]).sum(0)
    return np.asarray(np.take_along_axis(np.take_along_axis(boxes, order, 0), at[None], 0)[0])
