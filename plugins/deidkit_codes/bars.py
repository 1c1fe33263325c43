"""Is a field of parallel bars a barcode? It is looked at upright: bars of several widths that go on from row to row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_codes.fields import Field

ALIKE = 0.6
"""Correlation of a row with the middle rows from which the bars still go on there."""
STEP = 0.12
"""Share of the range of grey levels by which one bar differs from the next."""
BESIDE = 32
"""Pixels across the bars that are looked at with a field, besides its length once more: the tensor may see it in pieces."""
WIDEST = 6
"""Width of the widest bar, in those of the median one. Beside a code everything is empty for ten of its narrowest bars."""
PAUSE = 3
"""Rows in sequence that differ where a field ends; fewer are a scratch."""


@dataclass(frozen=True, slots=True)
class Bars:
    """What was measured of a field.

    Args:
        field: cut to the bars themselves.
        edges: between dark and bright, across the bars.
        range: grey levels between dark and bright.
        likeness: mean correlation of the rows with each other, 1 where all are equal.
        variety: standard deviation of widths by their mean, of dark or of bright bars, whichever is less; 0 for a ruler.
    """

    field: Field
    edges: int
    range: float
    likeness: float
    variety: float


def measured(picture: Array, field: Field, beyond: float = 8.0) -> Bars | None:
    """The bars of ``field`` in ``picture``, uint8 (rows, columns); None where there are none.

    Args:
        beyond: pixels along the bars by which they may go on outside the field.
    """
    wide = Field(field.x, field.y, 2 * field.length + BESIDE, field.height + 2 * beyond, field.angle)
    rows = upright(picture, wide).astype(np.float32)
    middle = rows.shape[0] / 2
    reach = max(1.0, field.height / 4)
    profile = rows[int(middle - reach) : int(np.ceil(middle + reach))].mean(axis=0)
    edges = _row(_edges(profile), rows.shape[1] / 2)
    if len(edges) < 4:
        return None
    widths = np.diff(edges)
    left, right = max(0, int(edges[0] - widths.max())), min(len(profile), int(edges[-1] + widths.max()) + 1)
    core = profile[left:right]
    likeness = _likeness(rows[:, left:right], core)
    top, bottom = _run(likeness >= ALIKE, int(middle))
    if bottom <= top:
        return None
    low, high = np.percentile(core, (5, 95))
    centre = np.array([wide.x, wide.y])
    centre = centre + wide.across * ((left + right) / 2 - rows.shape[1] / 2) + wide.along * ((top + bottom) / 2 - middle)
    cut = Field(float(centre[0]), float(centre[1]), float(right - left), float(bottom - top), field.angle)
    variety = min(float(every.std() / every.mean()) for every in (widths[::2], widths[1::2]))
    return Bars(cut, len(edges), float(high - low), float(likeness[top:bottom].mean()), variety)


def upright(picture: Array, field: Field, zoom: float = 1.0) -> Array:
    """The field turned so that its bars stand upright, ``zoom`` times as large. Outside the picture its edge goes on."""
    columns, rows = (max(1, round(side * zoom)) for side in (field.length, field.height))
    across, along = field.across / zoom, field.along / zoom
    corner = np.array([field.x, field.y]) - across * (columns - 1) / 2 - along * (rows - 1) / 2
    back = np.column_stack((across, along, corner))
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, back, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _turns(profile: Array) -> Array:
    """Places where a profile turns from rising to falling or back by more than a step."""
    low, high = np.percentile(profile, (5, 95))
    step = max(STEP * float(high - low), 2.0)
    found: list[int] = []
    rising = 0
    extreme, place = float(profile[0]), 0
    for index, value in enumerate(profile.tolist()):
        if rising == 0 and abs(value - extreme) > step:
            rising = 1 if value > extreme else -1
            found.append(place)
            extreme, place = value, index
        elif rising and (value - extreme) * rising > 0:
            extreme, place = value, index
        elif rising and (extreme - value) * rising > step:
            found.append(place)
            rising = -rising
            extreme, place = value, index
    return np.array(found, np.int64)


def _edges(profile: Array) -> Array:
    """Places where a profile passes half way from one turn to the next."""
    turns = _turns(profile)
    found = []
    for start, end in pairwise(turns.tolist()):
        part = profile[start : end + 1]
        half = (part[0] + part[-1]) / 2
        found.append(start + int(np.argmax(part >= half if part[-1] > part[0] else part <= half)))
    return np.array(found, np.int64)


def _row(edges: Array, middle: float) -> Array:
    """Those of the edges around ``middle`` between which nothing is as wide as the empty space beside a code."""
    if len(edges) < 4:
        return edges
    widths = np.diff(edges)
    near = widths[np.abs(edges[:-1] - middle) <= np.ptp(edges) / 4]
    breaks = np.flatnonzero(widths > WIDEST * np.median(near if len(near) else widths)) + 1
    return max(np.split(edges, breaks), key=lambda run: (run[0] <= middle <= run[-1], len(run)))


def _likeness(rows: Array, profile: Array) -> Array:
    """Correlation of each row with ``profile``."""
    rows, profile = rows - rows.mean(axis=1, keepdims=True), profile - profile.mean()
    size = np.sqrt((rows * rows).sum(axis=1) * (profile @ profile))
    return np.asarray(rows @ profile / np.maximum(size, 1e-6))


def _run(alike: Array, middle: int) -> tuple[int, int]:
    """First and last row, half open, of what goes on from ``middle``."""
    return middle - _length(alike[:middle][::-1]), middle + _length(alike[middle:])


def _length(alike: Array) -> int:
    """How many rows go on before a pause."""
    length, missed = 0, 0
    for number, same in enumerate(alike, 1):
        length, missed = (number, 0) if same else (length, missed + 1)
        if missed >= PAUSE:
            break
    return length
