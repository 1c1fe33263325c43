"""What one detector hardly sees counts when another one sees it too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from deidkit.regions import area, intersection
from deidkit.types import Region

SHARED = 0.3
"""What share of the smaller of two boxes both have to cover to speak of the same text."""


def corroborated(regions: Iterable[Region]) -> list[Region]:
    """Regions of one frame by all detectors, without the hints on which no region of another detector lies, hint or not."""
    found = list(regions)
    return [
        replace(one, hint=False) if one.hint else one for one in found if not one.hint or any(_agree(one, o) for o in found)
    ]


def _agree(one: Region, other: Region) -> bool:
    if one.detector == other.detector:
        return False
    return intersection(one.box, other.box) >= SHARED * min(area(one.box), area(other.box))
