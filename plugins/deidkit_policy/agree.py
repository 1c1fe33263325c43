"""The same place read several times: two detectors, or two views, give boxes of one text, often one of them cut and misread.

A doubt is settled when every spot of its box lies under boxes that were read surely, and nothing in its own text speaks against
them. Whatever looks like an identifier is not a doubt and never comes here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deidkit.imaging.boxes import intersection
from deidkit.types import Region
from deidkit_policy.skeleton import distance_within, parts, skeleton

SURE = 0.9
VERY_SURE = 0.95
BETTER_BY = 0.1
"""How much surer a reading has to be to outdo one that says something else."""
LEAST_LETTERS = 4
"""Letters of a text that is not read by accident."""
SHORT_NUMBER = 3
"""Fewer figures than this are no name, no date and no number of anybody."""
SLACK = 0.2
"""How far a read box reaches beyond its edges, as a share of the lower one's height: two detectors never box the same."""
WIDEST = 1.0
"""Width of the widest letters, in heights of their line."""
GAP = 0.5
"""Side of a square, in heights of the lowest box, that may hold a letter nobody read."""


def better_reading(region: Region, understood: Sequence[Region], least_score: float) -> Region | None:
    """The region whose understanding holds for ``region`` as well, or None when some of its box or text is unexplained."""
    floor = max(SURE, region.text_score) if region.text_score < least_score else SURE
    around = [
        other for other in understood if other.text_score >= floor and is_filled(other) and intersection(region.box, other.box)
    ]
    if not around or _uncovered(region, around):
        return None
    best = max(around, key=lambda other: intersection(region.box, other.box))
    if region.text_score < least_score or _explained(region, around) or _outdone(region, best):
        return best
    return None


def is_filled(region: Region) -> bool:
    """Whether the text fills the box: one that is much longer may hold text that nobody read."""
    sides = sorted((region.box[2] - region.box[0], region.box[3] - region.box[1]))
    return sides[1] <= (1 + WIDEST * len(region.text or "")) * sides[0]


def _uncovered(region: Region, around: Sequence[Region]) -> bool:
    """Whether a square large enough for a letter lies in the box of ``region`` and in no box of ``around``."""
    x0, y0, x1, y1 = region.box
    open_ = np.ones((y1 - y0, x1 - x0), np.int32)
    for other in around:
        slack = round(SLACK * min(y1 - y0, other.box[3] - other.box[1]))
        left, top, right, bottom = (max(0, side) for side in _moved(other, x0, y0, slack))
        open_[top:bottom, left:right] = 0
    side = max(2, round(GAP * min(one.box[3] - one.box[1] for one in (region, *around))))
    side = min(side, *open_.shape)
    total = np.pad(open_.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    windows = total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    return bool((windows == side * side).any())


def _moved(other: Region, x0: int, y0: int, slack: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = other.box
    return left - x0 - slack, top - y0 - slack, right - x0 + slack, bottom - y0 + slack


def _explained(region: Region, around: Sequence[Region]) -> bool:
    """Whether every word of ``region`` is found in the surer texts, in part, misread or backwards. One sign says nothing."""
    texts = [skeleton(other.text or "") for other in around]
    joined, words = "".join(texts), [skeleton(other) for one in around for other in parts(one.text or "")]
    own = [skeleton(part) for part in parts(region.text or "")]
    whole = "".join(own)
    if len(whole) <= 1 or any(distance_within(whole, text, _allowed(whole, text)) for text in texts):
        return True
    return all(
        word in joined
        or (len(word) > 1 and word[::-1] in joined)
        or any(distance_within(word, known, _allowed(word, known)) for known in (*words, *texts))
        for word in own
    )


def _allowed(word: str, other: str) -> int:
    """How many letters may be misread: one of three, one more for every five."""
    longer = max(len(word), len(other))
    return 0 if longer < 3 else max(1, longer // 5)


def _outdone(region: Region, best: Region) -> bool:
    own = "".join(parts(region.text or ""))
    plausible = len(skeleton(best.text or "")) >= LEAST_LETTERS or (own.isdigit() and len(own) < SHORT_NUMBER)
    return plausible and best.text_score >= max(VERY_SURE, region.text_score + BETTER_BY)
