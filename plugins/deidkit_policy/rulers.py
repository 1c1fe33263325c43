"""Numbers that are no age and no id: figures of a ruler, which grow evenly with their place, a number and its unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from deidkit.identifiers import fold
from deidkit.regions import area, intersection
from deidkit.types import Region
from deidkit_policy.nearby import runs_on
from deidkit_policy.vocabulary import UNITS

_PLAIN = re.compile(r"[+\-]?\d{1,4}(?:[.,]\d)?")
LEAST = 3
ALIKE, WITHIN = 1.5, 0.8
"""How many times as high as another a figure of one ruler may be; what share of a piece lies in the box of the whole number."""
LONE = 2.0
TOLERANCE = 0.05
"""Deviation from an even scale, as a share of one step of it."""


def on_rulers(regions: Sequence[Region], least_score: float) -> frozenset[int]:
    """Which regions are figures of a ruler: at least LEAST plain numbers in one column or row, linear in their place, of one
    height, none of them a piece of a longer number: boxes that cut a number leave figures that lie on a scale by chance.
    """
    numbers = [
        (n, float(region.text.strip().replace(",", ".")))
        for n, region in enumerate(regions)
        if region.text and _PLAIN.fullmatch(region.text.strip()) and region.text_score >= least_score
    ]
    numbers = [(n, value) for n, value in numbers if not any(_is_piece(regions[n], other) for other in regions)]
    found: set[int] = set()
    for axis in (0, 1):
        for first, second in combinations(numbers, 2):
            members = list(_on_line(regions, numbers, first, second, axis))
            if len({value for _, value in members}) >= LEAST and _once_each(regions, members):
                found |= {n for n, _ in members}
    return frozenset(found)


def _once_each(regions: Sequence[Region], members: list[tuple[int, float]]) -> bool:
    """Whether a figure that is there twice is one figure found twice."""
    pairs = combinations(members, 2)
    return all(intersection(regions[a].box, regions[b].box) > 0 for (a, x), (b, y) in pairs if x == y)


def _is_piece(region: Region, other: Region) -> bool:
    """Whether ``other`` reads a longer word where ``region`` reads a part of it."""
    mine, theirs = (region.text or "").strip(), (other.text or "").split()
    longer = mine not in theirs and any(mine in word for word in theirs)
    return longer and intersection(region.box, other.box) >= WITHIN * area(region.box)


def is_value_of_unit(region: Region, unit: Region) -> bool:
    """Whether ``region`` is a short number right before or above a region that is a unit and nothing else."""
    word = fold(unit.text or "").strip(" .")
    if len(word) < 2 or word not in UNITS or not re.fullmatch(r"\d{1,3}", (region.text or "").strip()):
        return False
    height = region.box[3] - region.box[1]
    above = abs(unit.box[1] - region.box[3]) <= 0.6 * height and abs(unit.box[0] - region.box[0]) <= 0.5 * height
    return above or (unit.box[0] >= region.box[0] and runs_on(region, unit))


def is_lone_figure(region: Region, others: Sequence[Region]) -> bool:
    """Whether ``region`` is one figure with nothing on its line close by, and so no piece of a date or a number."""
    if not re.fullmatch(r"[\s.:\-]*\d[\s.:\-]*", region.text or ""):
        return False
    return not any(_beside(region, other) for other in others)


def is_setting(region: Region, others: Sequence[Region], understood: Sequence[Region]) -> bool:
    """Whether ``region`` is a number below 90 and all that stands beside it on its line is technical text."""
    if not re.fullmatch(r"\d|[1-8]\d", (region.text or "").strip(" .:-")):
        return False
    beside = [other for other in others if _beside(region, other)]
    technical = [other for other in beside if other in understood and other.kind == "technical"]
    return any(any(c.isalpha() for c in other.text or "") for other in technical) and len(technical) == len(beside)


def _beside(region: Region, other: Region) -> bool:
    """Whether ``other`` is on the line of ``region``, within LONE heights, and not the same figure found again."""
    same = intersection(region.box, other.box) > 0.5 * min(area(region.box), area(other.box))
    text = (other.text or "").strip(" .:-")
    if same and (len(text) <= 1 or text == (region.text or "").strip(" .:-")):
        return False
    height = region.box[3] - region.box[1]
    gap = max(region.box[0] - other.box[2], other.box[0] - region.box[2])
    shared = min(region.box[3], other.box[3]) - max(region.box[1], other.box[1])
    return gap <= LONE * height and shared > 0.2 * height


def _on_line(
    regions: Sequence[Region], numbers: list[tuple[int, float]], a: tuple[int, float], b: tuple[int, float], axis: int
) -> Iterator[tuple[int, float]]:
    """The numbers in the row or column of ``a`` and ``b`` whose values lie on the line through both."""
    start, end = _centre(regions[a[0]], axis), _centre(regions[b[0]], axis)
    across = _centre(regions[a[0]], 1 - axis)
    reach = _size(regions[a[0]], 1 - axis)
    if start == end or a[1] == b[1] or abs(across - _centre(regions[b[0]], 1 - axis)) > reach:
        return
    slope = (b[1] - a[1]) / (end - start)
    for n, value in numbers:
        expected = a[1] + slope * (_centre(regions[n], axis) - start)
        aligned = abs(across - _centre(regions[n], 1 - axis)) <= reach and _alike(regions[a[0]], regions[n])
        if aligned and abs(value - expected) <= TOLERANCE * abs(b[1] - a[1]):
            yield n, value


def _alike(one: Region, other: Region) -> bool:
    low, high = sorted((_size(one, 1), _size(other, 1)))
    return high <= ALIKE * low


def _centre(region: Region, axis: int) -> float:
    return (region.box[axis] + region.box[axis + 2]) / 2


def _size(region: Region, axis: int) -> int:
    return region.box[axis + 2] - region.box[axis]
