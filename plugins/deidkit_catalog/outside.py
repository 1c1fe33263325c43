"""The parts of an ultrasound frame that lie outside its calibrated regions (PS3.3 C.8.5.5)."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset

from deidkit.image import Box
from deidkit.imaging.boxes import area, clip

LEAST_SHARE = 0.1
"""Regions that cover less of the frame than this are taken for a mistake, and say nothing about the rest."""


def calibrated(header: Dataset, shape: tuple[int, int]) -> list[Box]:
    """The regions inside the frame. Region Location Max X1 and Y1 belong to the region (C.8.5.5.1.3)."""
    found: list[Box] = []
    for item in header.get("SequenceOfUltrasoundRegions") or ():
        corners = [item.get(f"RegionLocation{end}{axis}") for end in ("Min", "Max") for axis in ("X0", "Y0", "X1", "Y1")]
        x0, y0, x1, y1 = corners[0], corners[1], corners[6], corners[7]
        if not all(isinstance(value, int) for value in (x0, y0, x1, y1)):
            continue
        box = clip((int(x0), int(y0), int(x1) + 1, int(y1) + 1), shape)
        if box is not None:
            found.append(box)
    return found


def outside(regions: Sequence[Box], shape: tuple[int, int]) -> list[Box]:
    """Boxes that together cover everything outside ``regions``; none when the regions cannot be believed."""
    frame = (0, 0, shape[1], shape[0])
    if sum(area(region) for region in regions) < LEAST_SHARE * area(frame):
        return []
    rest = [frame]
    for region in regions:
        rest = [piece for box in rest for piece in _without(box, region)]
    return sorted(rest, key=lambda box: (box[1], box[0]))


def _without(box: Box, hole: Box) -> list[Box]:
    """``box`` less ``hole``: at most four boxes, above, below, left and right of it."""
    x0, y0, x1, y1 = box
    a, b, c, d = max(x0, hole[0]), max(y0, hole[1]), min(x1, hole[2]), min(y1, hole[3])
    if a >= c or b >= d:
        return [box]
    pieces = [(x0, y0, x1, b), (x0, d, x1, y1), (x0, b, a, d), (c, b, x1, d)]
    return [piece for piece in pieces if area(piece)]
