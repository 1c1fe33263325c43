"""What a reverse model gains over knowing where text stands in a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deidkit.image import Array, Box
from deidkit_reconstruct.attack.leakage import auc

PRIOR = (24, 96)
"""Rows and columns of the mean stroke map."""
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Advantage:
    """Mean area under the curve of the attack, of the position prior, of what the attack makes of black boxes in its place,
    and of shuffled predictions, with the mean advantage over the best of the three and its 95 % bootstrap interval.

    A black box holds nothing but its place and size, so that an attack which learned where text stands in boxes, better than a
    mean map says, gains over the map and not over itself on black boxes. ``blind`` is 0.5 where nobody asked.
    """

    area: float
    prior: float
    blind: float
    shuffled: float
    advantage: float
    low: float
    high: float
    regions: int


def position_prior(strokes: Sequence[Array]) -> Array:
    """float32 ``PRIOR``: the mean of boxes' stroke maps, each resized to one shape."""
    size = (PRIOR[1], PRIOR[0])
    maps = [cv2.resize(found.astype(np.float32), size, interpolation=cv2.INTER_AREA) for found in strokes]
    return np.asarray(np.mean(maps, axis=0), np.float32)


def prior_view(prior: Array, box: Box) -> Array:
    """The prior as an 8-bit view of a box."""
    made = np.asarray(cv2.resize(prior, (box[2] - box[0], box[3] - box[1]), interpolation=cv2.INTER_LINEAR))
    return np.asarray(np.rint(made / max(float(made.max()), 1e-6) * 255), np.uint8)


def advantage(
    predicted: Sequence[Array], truth: Sequence[Array], prior: Array, blind: Sequence[Array] | None = None, seed: int = 0
) -> Advantage:
    """Compares predictions (uint8) with the true strokes (boolean) of one box each; ``blind`` are those on black boxes."""
    rng = np.random.default_rng(seed)
    order = [(i + max(1, len(truth) // 2)) % len(truth) for i in range(len(truth))]
    boxes = [(0, 0, t.shape[1], t.shape[0]) for t in truth]
    areas = np.array([auc(p, t) for p, t in zip(predicted, truth, strict=True)])
    priors = np.array([auc(prior_view(prior, box), t) for box, t in zip(boxes, truth, strict=True)])
    size = [(t.shape[1], t.shape[0]) for t in truth]
    others = [cv2.resize(predicted[j], size[i], interpolation=cv2.INTER_LINEAR) for i, j in enumerate(order)]
    shuffled = np.array([auc(np.asarray(p), t) for p, t in zip(others, truth, strict=True)])
    blinds = np.array([auc(p, t) for p, t in zip(blind or [np.zeros_like(p) for p in predicted], truth, strict=True)])
    null = max((priors, blinds, shuffled), key=lambda areas: float(areas.mean()))
    gains = areas - null
    picks = rng.integers(0, len(gains), (RESAMPLES, len(gains)))
    low, high = np.quantile(gains[picks].mean(axis=1), (0.025, 0.975))
    area, gain, by_prior, by_blind, by_others = (
        round(float(found.mean()), 4) for found in (areas, gains, priors, blinds, shuffled)
    )
    return Advantage(area, by_prior, by_blind, by_others, gain, round(float(low), 4), round(float(high), 4), len(truth))
