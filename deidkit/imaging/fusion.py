"""What one detector hardly sees counts when another one sees it too, or when it is no larger than a letter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from deidkit.image import Box
from deidkit.imaging.boxes import area, intersection
from deidkit.types import Region

SHARED = 0.3
"""What share of the smaller of two boxes both have to cover to speak of the same text."""


LETTER, LEAST_OF_FRAME = 20, 0.0008
"""Longest side in pixels, and share of the frame, up to which a lone hint counts: letters by themselves are what detectors are
least sure of, and blanking one by mistake costs next to nothing.
"""
FEW = 10
"""Where there are more lone hints of that size in a frame, they are specks of a texture."""


def corroborated(regions: Iterable[Region], shape: tuple[int, int]) -> list[Region]:
    """Regions of one frame of ``shape`` (rows, columns) by all detectors, without hints on which no region of another detector
    lies, hint or not. A few lone hints of the size of a letter stay.
    """
    found = list(regions)
    agreed = {n for n, one in enumerate(found) if not one.hint or any(_agree(one, other) for other in found)}
    lone = [n for n, one in enumerate(found) if n not in agreed and _is_letter(one.box, shape)]
    kept = agreed | set(lone if len(lone) <= FEW else ())
    return [replace(one, hint=False) if one.hint else one for n, one in enumerate(found) if n in kept]


def _is_letter(box: Box, shape: tuple[int, int]) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) <= LETTER and area(box) <= LEAST_OF_FRAME * shape[0] * shape[1]


def _agree(one: Region, other: Region) -> bool:
    if one.detector == other.detector:
        return False
    return intersection(one.box, other.box) >= SHARED * min(area(one.box), area(other.box))
