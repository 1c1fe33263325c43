"""From which score on an answer counts: from the lowest one that keeps clean images clean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deidkit.nn.looks import LOOKS

MEAN_AREA, DIRTY_SHARE = 0.001, 0.05
"""What false parts may cover of the mean clean image of the pool, and on which share of them more than 0.2 %. Each look may use
up an equal part of it. Most of these images were negatives of the training too, so others come out a little worse; the pool's
screens and stained tissue, which other sources lack, make up for some of that.
"""
HINT_AREA, HINT_SHARE = 0.003, 0.1
"""The same for hints, which count only where another detector agrees."""
DIRTY = 0.002
STEP, NEVER = 0.01, 1.01
Answers = Sequence[tuple[float, float]]
"""Of one clean image: the score of every answer and the share of the image that it covers."""


def least_score(images: Sequence[Answers], area: float, share: float, least: float) -> float:
    """The lowest score, ``least`` or above, at which answers cover at most ``area`` of the mean image, and more than 0.2 % of
    at most a ``share`` of the images; above 1 where there is none.
    """
    for limit in (round(float(value), 3) for value in np.arange(least, 1.0, STEP)):
        covered = np.array([sum(part for score, part in answers if score >= limit) for answers in images])
        if not covered.size or (covered.mean() <= area and (covered > DIRTY).mean() <= share):
            return limit
    return NEVER


def score_and_hint(
    images: Sequence[Answers], least: float, least_hint: float, usual: float, part: float = 1.0
) -> tuple[float, float]:
    """From which score on an answer of one look counts, and from which on it is a hint; ``usual`` where nothing is known.

    Args:
        images: those that have this look.
        part: how much of what is allowed this network may use up; hints may all of theirs.
    """
    if not images:
        return usual, usual
    score = least_score(images, part * MEAN_AREA / len(LOOKS), part * DIRTY_SHARE / len(LOOKS), least)
    return score, min(score, least_score(images, HINT_AREA / len(LOOKS), HINT_SHARE / len(LOOKS), least_hint))
