"""The same place read twice: two detectors, or two views, give two boxes of one text, of which one is often cut and misread."""

from __future__ import annotations

from collections.abc import Sequence

from deidkit.regions import area, intersection
from deidkit.types import Region
from deidkit_policy.skeleton import distance_within, skeleton

INSIDE = 0.8
LIKE = 0.5
"""Least share of the better box that the worse one fills: a box that is much larger may hold text that nobody read."""


def better_reading(region: Region, understood: Sequence[Region], least_score: float) -> Region | None:
    """The region whose text stands for that of ``region`` as well: it holds it, is about as large and was read more surely.

    Their texts must be nearly the same, unless ``region`` was read below ``least_score``: two sure readings that differ are a
    doubt, not an agreement.
    """
    own = area(region.box)
    for other in understood:
        shared = intersection(region.box, other.box)
        if shared < INSIDE * own or shared < LIKE * area(other.box) or other.text_score < max(least_score, region.text_score):
            continue
        if region.text_score < least_score or _same(region.text or "", other.text or ""):
            return other
    return None


def _same(text: str, other: str) -> bool:
    a, b = skeleton(text), skeleton(other)
    return bool(a) and distance_within(a, b, max(len(a), len(b)) // 5)
