"""From which score on an answer counts: from the lowest one that keeps clean images clean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MEAN_AREA, DIRTY_SHARE = 0.0005, 0.025
"""What false parts may cover of the mean clean image of the pool, and on which share of them more than 0.2 %: half of what a
profile of two detectors may. Each look may use up an equal part of it.
"""
HINT_AREA, HINT_SHARE = 0.01, 0.3
"""The same for hints, which count only where another detector agrees."""
DIRTY = 0.002
STEP, NEVER = 0.01, 0.99
Scores = tuple[float, float]


def least_score(images: Sequence[Sequence[tuple[float, float]]], area: float, share: float, least: float) -> float:
    """The lowest score, ``least`` or above, at which answers cover at most ``area`` of the mean image, and more than 0.2 % of
    at most a ``share`` of the images.

    Args:
        images: for each clean image the score of every answer and the share of the image that it covers.
    """
    for limit in (round(float(value), 3) for value in np.arange(least, NEVER, STEP)):
        covered = np.array([sum(part for score, part in answers if score >= limit) for answers in images])
        if not covered.size or (covered.mean() <= area and (covered > DIRTY).mean() <= share):
            return limit
    return NEVER


def score_and_hint(images: Sequence[Sequence[tuple[float, float]]], looks: int, least: float, least_hint: float) -> Scores:
    """From which score on an answer of one of ``looks`` looks counts, and from which on it is a hint."""
    score = least_score(images, MEAN_AREA / looks, DIRTY_SHARE / looks, least)
    return score, min(score, least_score(images, HINT_AREA / looks, HINT_SHARE / looks, least_hint))
