"""From probability maps to boxes around lines. numpy and OpenCV only.

Cores tell lines apart, the region map says how far each reaches: every connected part of the region map becomes one box when it
holds at most one core, else one box per core, so that lines below each other do not become one block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging.boxes import rasterise
from deidkit_dbnet.postprocess.ends import ends
from deidkit_dbnet.postprocess.parts import Part, chances, parts_of, stacked
from deidkit_dbnet.postprocess.rules import Cut, Rules

RIM = 3
"""Widest rim, in map pixels, that boxes may leave out; a fourth of a part's height where that is less."""
FULL, SHORTEST = 0.6, 4
"""From what share on a box is filled well enough, and how short, in map pixels, a half of one may become."""
TOLD = 0.5
"""From what share on an end lies on lines that are certain and followed themselves, and is not told again."""


@dataclass(frozen=True, slots=True)
class Found:
    """A box in map pixels with its calibrated score in [0, 1]; ``end`` where it is the faint end of a line of that score."""

    box: Box
    score: float
    end: bool = False


def probabilities(logits: Array, rows: int, columns: int) -> Array:
    """The maps, (3, rows / 2, columns / 2) rounded up, of a view of ``rows`` and ``columns`` from the answer to it."""
    maps = np.negative(logits[:, : (rows + 1) // 2, : (columns + 1) // 2], dtype=np.float32)
    np.exp(maps, out=maps)
    maps += 1
    return np.reciprocal(maps, out=maps)


def find(maps: Array, rules: Rules, cut: Cut, least: float, near: bool = True) -> list[Found]:
    """Boxes of what scores at least ``least`` in the maps, float32 (3, rows, columns): region, core, stroke.

    Lines that are certain by ``cut`` are followed to their faint ends where the look is ``near``.
    """
    found: list[Found] = []
    beyond: list[Found] = []
    parts = parts_of(maps, rules)
    for part, score in zip(parts, chances(*stacked(parts), cut), strict=True):
        if score >= least:
            lines = lines_of(part, maps, rules)
            found += [Found(box, float(score)) for line in lines for box in line]
            if near and score >= cut.score:
                beyond += [Found(box, float(score), end=True) for box in ends_of(lines, maps)]
    told = rasterise((one.box for one in found if one.score >= cut.score), (maps.shape[1], maps.shape[2]))
    return found + [one for one in beyond if told[one.box[1] : one.box[3], one.box[0] : one.box[2]].mean() < TOLD]


def lines_of(part: Part, maps: Array, rules: Rules) -> list[list[Box]]:
    """The lines in a part, each as the boxes that cover it, in map pixels."""
    x0, y0, x1, y1 = part.box
    window = maps[:, y0:y1, x0:x1]
    lines = _lines(reach(part.mask, window, rules), window[1], rules)
    return [[(x0 + a, y0 + b, x0 + c, y0 + d) for a, b, c, d in line] for line in lines]


def ends_of(lines: Sequence[Sequence[Box]], maps: Array) -> list[Box]:
    """The faint ends of lines that one box covers; a slanting line runs out of its boxes' rows."""
    return [end for line in lines if len(line) == 1 for end in ends(maps, line[0])]


def reach(part: Array, window: Array, rules: Rules) -> Array:
    """The pixels of a part that its boxes have to hold: all but those of a thin rim that are neither sure nor ink."""
    region, core, stroke = window
    rim = min(RIM, min(part.shape) // 4)
    if not rim:
        return part
    bordered = np.pad(part, 1).astype(np.uint8)
    inside = cv2.erode(bordered, np.ones((2 * rim + 1,) * 2, np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    sure = (region > rules.extent) | (core > rules.core) | (stroke > rules.stroke)
    return np.asarray(part & (sure | (inside[1:-1, 1:-1] > 0)))


def _lines(part: Array, core: Array, rules: Rules) -> list[list[Box]]:
    """The boxes of each line in a connected part: every pixel goes to the nearest core."""
    seeds = ((core > rules.core) & part).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seeds, connectivity=8)
    big = [i for i in range(1, count) if stats[i][4] >= rules.smallest]
    if len(big) < 2:
        return [hugged(part)]
    keep = np.isin(labels, big)
    _, nearest = cv2.distanceTransformWithLabels((~keep).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    owner[nearest[keep]] = labels[keep]
    owners = np.where(part, owner[nearest], 0)
    return [hugged(owners == i) for i in big]


def hugged(part: Array) -> list[Box]:
    """Boxes that together cover a mask and little else: one that fills its box badly (a slanting line, lines that run into
    something) is halved across its longer side until the halves fill theirs.
    """
    ys, xs = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    if not ys.size:
        return []
    y0, x0, y1, x1 = int(ys[0]), int(xs[0]), int(ys[-1]) + 1, int(xs[-1]) + 1
    inner = part[y0:y1, x0:x1]
    rows, columns = inner.shape
    if inner.mean() >= FULL or max(rows, columns) < 2 * SHORTEST:
        return [(x0, y0, x1, y1)]
    if columns >= rows:
        halves = [(0, inner[:, : columns // 2]), (columns // 2, inner[:, columns // 2 :])]
        return [(x0 + x + a, y0 + b, x0 + x + c, y0 + d) for x, half in halves for a, b, c, d in hugged(half)]
    halves = [(0, inner[: rows // 2]), (rows // 2, inner[rows // 2 :])]
    return [(x0 + a, y0 + y + b, x0 + c, y0 + y + d) for y, half in halves for a, b, c, d in hugged(half)]
