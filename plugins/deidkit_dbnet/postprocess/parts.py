"""Connected parts of probability maps, and how likely each is text: by its looks, its shape and what stands on its line.

Words come in lines: a part that is hardly sure by itself is text where one of its height stands beside it, and specks of a
texture seldom do. numpy and OpenCV only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box
from deidkit_dbnet.postprocess.rules import FEATURES, Cut, Rules

MOST_BESIDE = 500
"""How many parts of an image, the likeliest, count as company of others; it bounds what a noisy image costs."""
FAR_BESIDE, LEAST_SHARED, TALLER = 3.0, 0.5, 2.0
"""How far apart parts of one line may be, in heights; what share of the lower one both have; how much higher one may be."""
CLIP, AT_ONCE = 4.0, 1000
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One connected part: its box in map pixels, the mask of its window, and its features."""

    box: Box
    mask: Array = field(repr=False)
    features: Numbers = field(repr=False)


def parts_of(maps: Array, rules: Rules) -> list[Part]:
    """Connected parts of the maps, float32 (3, rows, columns): region, core, stroke."""
    region, core, stroke = maps
    inside = (region > rules.region) | (core > rules.core) | ((stroke > rules.stroke) & (region > rules.region / 2))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    parts = []
    for i in range(1, count):
        x, y, w, h, size = (int(v) for v in stats[i])
        if size >= rules.smallest:
            window = (slice(y, y + h), slice(x, x + w))
            mask = labels[window] == i
            values = (*features(region[window], core[window], stroke[window], mask), *shape(size, w, h))
            parts.append(Part((x, y, x + w, y + h), mask, np.array(values)))
    return parts


def _odds(value: float) -> float:
    return float(np.log(max(value, 1e-4) / max(1 - value, 1e-4)))


def features(region: Array, core: Array, stroke: Array, part: Array) -> tuple[float, ...]:
    """What tells text from other things, of one connected part given as a mask of its window: 1, log-odds of the means of the
    upper quarter of each map, log-odds of the mean region, shares of core and of ink.
    """
    values = [plane[part] for plane in (region, core, stroke)]
    tops = [_odds(float(np.sort(v)[-max(1, len(v) // 4) :].mean())) for v in values]
    shares = (float((values[1] > 0.5).mean()), float((values[2] > 0.5).mean()))
    return (1.0, *tops, _odds(float(values[0].mean())), *shares)


def shape(size: int, width: int, height: int) -> tuple[float, ...]:
    """Of a part of ``size`` pixels the logarithms of size, elongation and shorter side, and how well it fills its box."""
    longer, shorter = max(width, height), min(width, height)
    return (float(np.log(size)), float(np.log(longer / shorter)), float(np.log(shorter)), size / (width * height))


def chances(boxes: Numbers, values: Numbers, cut: Cut) -> Numbers:
    """How likely each part of one answer is text.

    Args:
        boxes: (parts, 4), of all parts.
        values: (parts, ``FEATURES``).
    """
    odds = with_company(boxes, values, cut.alone) @ np.asarray(cut.weights)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def with_company(boxes: Numbers, values: Numbers, alone: Sequence[float]) -> Numbers:
    """Features and, as a last column, ``company`` by the log-odds that the weights ``alone`` give."""
    return np.column_stack([values, company(boxes, values @ np.asarray(alone))])


def stacked(parts: Sequence[Part]) -> tuple[Numbers, Numbers]:
    """Boxes (parts, 4) and features (parts, ``FEATURES``)."""
    boxes = np.array([part.box for part in parts], float).reshape(-1, 4)
    return boxes, np.array([part.features for part in parts]).reshape(-1, FEATURES)


def company(boxes: Numbers, odds: Numbers) -> Numbers:
    """The highest of ``odds``, within ``CLIP``, among other parts on the line of each, along rows or columns.

    Args:
        boxes: (parts, 4).
        odds: (parts,): of each by itself.

    Returns:
        (parts,), ``-CLIP`` for a part with none beside it.
    """
    best = np.argsort(-odds, kind="stable")[:MOST_BESIDE]
    found = np.full(len(odds), -CLIP)
    for start in range(0, len(odds), AT_ONCE):
        mine = np.arange(start, min(start + AT_ONCE, len(odds)))
        for along in (0, 1):
            fits = _fit(boxes[mine], boxes[best], along) & (best != mine[:, None])
            found[mine] = np.maximum(found[mine], np.where(fits, odds[best], -CLIP).max(axis=1))
    return np.asarray(np.minimum(found, CLIP))


def _fit(some: Numbers, others: Numbers, along: int) -> NDArray[np.bool_]:
    """(some, others): which may stand on one line, along the axis ``along``: 0 for rows, 1 for columns."""
    start, end, top, bottom = (some[:, i, None] for i in (along, along + 2, 1 - along, 3 - along))
    other_start, other_end, other_top, other_bottom = (others[None, :, i] for i in (along, along + 2, 1 - along, 3 - along))
    lower, higher = (pick(bottom - top, other_bottom - other_top) for pick in (np.minimum, np.maximum))
    shared = np.minimum(bottom, other_bottom) - np.maximum(top, other_top)
    gap = np.maximum(start, other_start) - np.minimum(end, other_end)
    level = (shared >= LEAST_SHARED * lower) & (higher <= TALLER * lower)
    return np.asarray(level & (gap <= FAR_BESIDE * higher) & (gap > -LEAST_SHARED * lower))
