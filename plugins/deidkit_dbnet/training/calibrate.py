"""Fits what tells text from other things to a network's answers, and the score that keeps clean images clean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.image import Array, Box
from deidkit.imaging.boxes import area, around
from deidkit.nn.looks import LOOKS, look_of, plausible
from deidkit_dbnet.postprocess.boxes import ends_of, lines_of
from deidkit_dbnet.postprocess.ends import NEAR
from deidkit_dbnet.postprocess.parts import Numbers, chances, parts_of, stacked, with_company
from deidkit_dbnet.postprocess.rules import Cut, Rules

ROUNDS = 60
RIDGE = 1.0
LOOSE = 0.2
LEAST, NEVER = 0.05, 1.01
PART = 0.5
"""What part of the area allowed to false boxes this network uses up; all of it found no more in real images, with retinanet,
and the longer it is trained on the pool, the less the pool says of other clean images.
"""
TEXT_SHARE = 0.3
"""A part is text when at least this much of it lies on lines."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All parts of one answer about one image: boxes and features, which of them are text, and what share of the image those
    cover that are not, and their ends; ``told`` is false for those of no plausible size, which are company for others but never
    told.
    """

    image: int
    boxes: Numbers
    features: Numbers
    text: NDArray[np.bool_]
    false_area: Numbers
    false_ends: Numbers
    told: NDArray[np.bool_]


def observe(image: int, maps: Array, lines: Array, rules: Rules, factor: float = 2.0) -> Seen:
    """Parts of one image whose lines, (rows, columns) of 0 and 1, are known; unreadable text counts as line.

    Args:
        factor: image pixels a map pixel.
    """
    shape = (lines.shape[0], lines.shape[1])
    small = cv2.resize(lines, (maps.shape[2], maps.shape[1]), interpolation=cv2.INTER_AREA)
    parts, near = parts_of(maps, rules), factor / 2 <= NEAR
    text, own, beyond = np.zeros(len(parts), np.bool_), np.zeros(len(parts)), np.zeros(len(parts))

    def share(boxes: Iterable[Box]) -> float:
        whole = [around(box, factor, 2, shape) for box in boxes]
        return sum(area(box) for box in whole if box is not None and plausible(box, factor / 2, shape)) / lines.size

    for n, part in enumerate(parts):
        x0, y0, x1, y1 = part.box
        inner = lines_of(part, maps, rules)
        own[n] = share(box for line in inner for box in line)
        beyond[n] = share(ends_of(inner, maps)) if near else 0.0
        text[n] = float((small[y0:y1, x0:x1][part.mask] > 0).mean()) >= TEXT_SHARE
    return Seen(image, *stacked(parts), text, np.where(text, 0.0, own), np.where(text, 0.0, beyond), own > 0)


Look = Callable[[Array], Iterable[tuple[Array, float]]]
"""From a view to the network's answers about it, each (3, rows, columns), with view pixels a pixel of what it saw."""


Settle = Callable[[Sequence[Sequence[tuple[float, float]]], float, float, float, float], tuple[float, float]]
"""``deidkit_training.clean.score_and_hint``."""


def calibrated(look: Look, tiles: Iterable[tuple[Array, Array]], clean: Iterable[Array], rules: Rules, settle: Settle) -> Rules:
    """Rules whose score tells text from other things on ``tiles`` and ``clean`` images, and keeps the latter clean.

    Args:
        tiles: views with their lines, (rows, columns) of 0 and 1.
        clean: views without any text.
        settle: chooses scores from what false parts score and cover on each clean view.
    """
    seen: dict[str, list[Seen]] = {name: [] for name in LOOKS}
    clear: dict[str, set[int]] = {name: set() for name in LOOKS}
    for number, (view, lines) in enumerate(chain(tiles, ((view, None) for view in clean))):
        known = np.zeros(view.shape[:2], np.uint8) if lines is None else lines
        for maps, factor in look(view):
            seen[look_of(factor)].append(observe(number, maps, known, rules, 2 * factor))
            if lines is None:
                clear[look_of(factor)].add(number)
    enlarged, fine, coarse = (_cut(seen[name], clear[name], settle) for name in LOOKS)
    return replace(rules, enlarged=enlarged, fine=fine, coarse=coarse)


def _cut(seen: Sequence[Seen], clear: Iterable[int], settle: Settle) -> Cut:
    """The cut of one look; ``clear`` are the numbers of the images without text that it was taken at. Only what is certain is
    followed to its ends, so hints are settled on their boxes alone.
    """
    if not any(one.told.any() for one in seen):
        return Cut(score=NEVER, hint=NEVER)
    cut = fit(seen)
    certain: dict[int, list[tuple[float, float]]] = {image: [] for image in clear}
    alone: dict[int, list[tuple[float, float]]] = {image: [] for image in clear}
    for one in seen:
        if one.image in certain:
            scores = chances(one.boxes, one.features, cut)[one.told].tolist()
            certain[one.image] += zip(scores, (one.false_area + one.false_ends)[one.told].tolist(), strict=True)
            alone[one.image] += zip(scores, one.false_area[one.told].tolist(), strict=True)
    score, _ = settle(list(certain.values()), LEAST, LEAST, Cut().score, PART)
    _, hint = settle(list(alone.values()), LEAST, LEAST, Cut().score, PART)
    return replace(cut, score=score, hint=min(score, hint))


def fit(seen: Sequence[Seen]) -> Cut:
    """Weights of parts by themselves, then those that know of their company too.

    False parts of images that hold text count little: most are loose boxes around lines.
    """
    with_text = {one.image for one in seen if (one.text & one.told).any()}
    text = np.concatenate([one.text[one.told] for one in seen]).astype(float)
    loose = np.concatenate([np.full(one.told.sum(), one.image in with_text) for one in seen])
    cost = np.where(loose & (text == 0), LOOSE, 1.0)
    alone = regressed(np.concatenate([one.features[one.told] for one in seen]), text, cost)
    beside = [with_company(one.boxes, one.features, alone)[one.told] for one in seen]
    return Cut(alone, regressed(np.concatenate(beside), text, cost))


def regressed(values: Numbers, text: Numbers, cost: Numbers) -> tuple[float, ...]:
    """Weights of a ridged logistic regression, by Newton steps (Platt 1999, for one feature).

    Args:
        values: (parts, features).
        text: (parts,) of 0 and 1.
        cost: (parts,): how much each counts.
    """
    weights = np.zeros(values.shape[1])
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(values @ weights, -30, 30)))
        slope = values.T @ (cost * (likely - text)) + RIDGE * weights
        bend = (values * (cost * likely * (1 - likely))[:, None]).T @ values + RIDGE * np.eye(len(weights))
        weights = weights - np.linalg.solve(bend, slope)
    return tuple(round(float(w), 5) for w in weights)
