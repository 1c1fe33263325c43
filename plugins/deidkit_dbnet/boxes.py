"""From probability maps to boxes around lines. numpy and OpenCV only.

Cores tell lines apart, the region map says how far each reaches: every connected part of the region map becomes one box when it
holds at most one core, else one box per core, so that lines below each other do not become one block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from deidkit.types import Array, Box

FEATURES = 7
FULL, SHORTEST = 0.6, 4
"""From what share on a box is filled well enough, and how short, in map pixels, a half of one may become."""
PLAIN = (0.0, 0.4, 0.4, 0.2, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Rules:
    """From what on a map's answer is text. Probabilities but ``smallest`` (pixels of the map) and ``weights``, which turn the
    features of a part into the log-odds of its being text; fitted on data and kept in the model card. Parts from ``score`` on
    are text, those from ``hint`` on may be.
    """

    region: float = 0.35
    core: float = 0.45
    stroke: float = 0.5
    score: float = 0.7
    smallest: int = 4
    weights: tuple[float, ...] = PLAIN
    hint: float = 0.7
    coarse_score: float = 0.7
    coarse_weights: tuple[float, ...] = PLAIN
    coarse_hint: float = 0.7

    def for_coarse(self) -> Rules:
        """The rules of the look in half size, which errs in other ways and is calibrated by itself."""
        return replace(self, score=self.coarse_score, weights=self.coarse_weights, hint=self.coarse_hint)

    def with_hints(self) -> Rules:
        """Rules that let parts through from ``hint`` on; whether they reach ``score`` is then the caller's to see."""
        return replace(self, score=min(self.score, self.hint))

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Rules:
        """The rules in a model card."""
        given = dict(facts)
        for name in {"weights", "coarse_weights"} & set(given):
            given[name] = tuple(float(w) for w in given[name])
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Found:
    """A box in map pixels with its calibrated score in [0, 1]."""

    box: Box
    score: float


def _odds(value: float) -> float:
    return float(np.log(max(value, 1e-4) / max(1 - value, 1e-4)))


def features(region: Array, core: Array, stroke: Array, part: Array) -> Array:
    """What tells text from other things, of one connected part given as a mask of its window: 1, log-odds of the means of the
    upper quarter of each map, log-odds of the mean region, shares of core and of ink.
    """
    values = [plane[part] for plane in (region, core, stroke)]
    tops = [_odds(float(np.sort(v)[-max(1, len(v) // 4) :].mean())) for v in values]
    shares = (float((values[1] > 0.5).mean()), float((values[2] > 0.5).mean()))
    return np.array([1.0, *tops, _odds(float(values[0].mean())), *shares])


def parts_of(maps: Array, rules: Rules) -> Iterator[tuple[Box, Array, Array]]:
    """Connected parts of the maps: box, mask of its window, features."""
    region, core, stroke = maps
    inside = (region > rules.region) | (core > rules.core) | ((stroke > rules.stroke) & (region > rules.region / 2))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    for i in range(1, count):
        x, y, w, h, size = (int(v) for v in stats[i])
        if size >= rules.smallest:
            window = (slice(y, y + h), slice(x, x + w))
            part = labels[window] == i
            yield (x, y, x + w, y + h), part, features(region[window], core[window], stroke[window], part)


def find(maps: Array, rules: Rules) -> list[Found]:
    """Boxes in the maps, float32 (3, rows, columns): region, core, stroke."""
    found: list[Found] = []
    for (x0, y0, x1, y1), part, values in parts_of(maps, rules):
        score = float(1 / (1 + np.exp(-np.clip(values @ np.asarray(rules.weights), -30, 30))))
        if score >= rules.score:
            lines = _lines(part, maps[1, y0:y1, x0:x1], rules)
            found += [Found((x0 + b[0], y0 + b[1], x0 + b[2], y0 + b[3]), score) for b in lines]
    return found


def _lines(part: Array, core: Array, rules: Rules) -> list[Box]:
    """One box per line in a connected part: every pixel goes to the nearest core."""
    seeds = ((core > rules.core) & part).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seeds, connectivity=8)
    big = [i for i in range(1, count) if stats[i][4] >= rules.smallest]
    if len(big) < 2:
        return hugged(part)
    keep = np.isin(labels, big)
    _, nearest = cv2.distanceTransformWithLabels((~keep).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    owner[nearest[keep]] = labels[keep]
    owners = np.where(part, owner[nearest], 0)
    return [box for i in big for box in hugged(owners == i)]


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


def enlarged(found: Found, factor: int, margin: int, shape: tuple[int, int]) -> Box | None:
    """The box in image pixels: scaled, grown by ``margin`` and a tenth of its shorter side, clipped to ``shape``."""
    x0, y0, x1, y1 = (v * factor for v in found.box)
    extra = margin + min(x1 - x0, y1 - y0) // 10
    x0, y0 = max(0, x0 - extra), max(0, y0 - extra)
    x1, y1 = min(shape[1], x1 + extra), min(shape[0], y1 + extra)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None
