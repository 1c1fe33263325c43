"""Whether what was removed from one frame still shows in the frame before or after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deidkit.image import Array
from deidkit.types import Region
from deidkit_reconstruct.equality.inside import likeness

SAME = 0.8


@dataclass(frozen=True, slots=True)
class Slice:
    """One frame as the attack sees it."""

    before: Array
    after: Array
    regions: tuple[Region, ...]


def shown_next_door(one: Slice, other: Slice, most: float) -> tuple[int, float]:
    """Regions of ``one`` whose old content stood in ``other`` as well and can still be seen there, and the largest likeness.

    Content counts as the same from a correlation of 0.8 between the two originals on.
    """
    shown, worst = 0, 0.0
    for region in one.regions:
        x0, y0, x1, y1 = region.box
        old = one.before[y0:y1, x0:x1]
        if likeness(old, other.before[y0:y1, x0:x1]) < SAME:
            continue
        score = likeness(old, other.after[y0:y1, x0:x1])
        shown, worst = shown + (score > most), max(worst, score)
    return shown, worst


def doomed(regions: Sequence[Region], which: str) -> tuple[Region, ...]:
    """Those of the redacted ``regions`` that are looked for in neighbours."""
    if which == "off":
        return ()
    return tuple(region for region in regions if which == "all" or region.text)
