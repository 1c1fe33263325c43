"""Numbers that are no age and no id: figures of a ruler, which grow evenly with their place, a number and its unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import floor, isclose, log10

from deidkit.identity.folding import fold
from deidkit.imaging.boxes import area, intersection
from deidkit.types import Region
from deidkit_policy.nearby import runs_on
from deidkit_policy.vocabulary import MODALITIES, UNITS

_PLAIN = re.compile(r"[+\-]?(?!0\d)\d{1,4}(?:[.,]\d)?")
LEAST = 3
ALIKE, APART = 1.5, 0.5
"""How many times as high as another a figure of one ruler may be; how many heights lie between two in a row at least."""
STEPS = (1.0, 2.0, 2.5, 4.0, 5.0, 10.0)
"""By what rulers go on, times a power of ten (ten for what rounding leaves below it); figures are multiples of it."""
EDGES = " .,:-+|~"
LONE = 2.0
TOLERANCE = 0.05
"""Deviation from an even scale, as a share of one step of it."""


def on_rulers(regions: Sequence[Region], least_score: float) -> frozenset[int]:
    """Which regions are figures of a ruler: at least LEAST plain numbers in one column or row, linear in their place, of one
    height and a step as rulers have, none of them a piece of a longer number: any three numbers may be linear by chance.
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
            if _is_scale({value for _, value in members}) and _once_each(regions, members) and _spaced(regions, members, axis):
                found |= {n for n, _ in members}
    return frozenset(found)


def _once_each(regions: Sequence[Region], members: list[tuple[int, float]]) -> bool:
    """Whether a figure that is there twice is one figure found twice."""
    pairs = combinations(members, 2)
    return all(intersection(regions[a].box, regions[b].box) > 0 for (a, x), (b, y) in pairs if x == y)


def _is_scale(values: set[float]) -> bool:
    """Whether at least LEAST figures are multiples of their smallest step, and that one of STEPS."""
    if len(values) < LEAST:
        return False
    ordered = sorted(values)
    step = min(after - before for before, after in pairwise(ordered))
    usual = any(isclose(step / 10 ** floor(log10(step)), one, rel_tol=0.01) for one in STEPS)
    return usual and all(isclose(value / step, round(value / step), abs_tol=0.01) for value in values)


def _spaced(regions: Sequence[Region], members: list[tuple[int, float]], axis: int) -> bool:
    """Whether figures in a row stand apart, as those of one number do not."""
    if axis == 1:
        return True
    row = sorted(((regions[n].box, value) for n, value in members), key=lambda one: one[0][0])
    return all(b[0] - a[2] >= APART * (a[3] - a[1]) for (a, x), (b, y) in pairwise(row) if x != y)


def _is_piece(region: Region, other: Region) -> bool:
    """Whether ``other`` reads a longer number where ``region`` reads a part of it; ticks and units make none longer."""
    mine = (region.text or "").strip(EDGES)
    theirs = [re.sub(r"\D+$", "", word.strip(EDGES)) for word in (other.text or "").split()]
    x, y = _centre(region, 0), _centre(region, 1)
    within = other.box[0] <= x <= other.box[2] and other.box[1] <= y <= other.box[3]
    return within and mine not in theirs and any(mine in word for word in theirs)


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
    said = {word for other in technical for word in re.findall(r"[^\W\d_]+", fold(other.text or ""))}
    return bool(said - MODALITIES) and len(technical) == len(beside)


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
