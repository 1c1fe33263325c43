"""Fits what tells text from other things to a network's answers, and the score that keeps clean images clean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import cv2
import numpy as np

from deidkit.regions import area, around, plausible
from deidkit.tensors import LOOKS, look_of
from deidkit.types import Array
from deidkit_dbnet.boxes import FEATURES, PLAIN, Cut, Rules, chance, hugged, parts_of, reach

ROUNDS = 60
RIDGE = 1.0
LOOSE = 0.2
LEAST, NEVER = 0.05, 1.01
TEXT_SHARE = 0.3
"""A part is text when at least this much of it lies on lines."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One part of one image: its features, whether it is text, and what share of the image it covers if it is not."""

    image: int
    features: Array
    text: bool
    false_area: float


def observe(image: int, maps: Array, lines: Array, rules: Rules, factor: float = 2.0) -> list[Seen]:
    """Parts of one image whose lines, (rows, columns) of 0 and 1, are known; unreadable text counts as line.

    Args:
        factor: image pixels a map pixel.
    """
    shape = (lines.shape[0], lines.shape[1])
    small = cv2.resize(lines, (maps.shape[2], maps.shape[1]), interpolation=cv2.INTER_AREA)
    seen: list[Seen] = []
    for (x0, y0, x1, y1), part, values in parts_of(maps, rules):
        inner = hugged(reach(part, maps[:, y0:y1, x0:x1], rules))
        whole = [around((x0 + a, y0 + b, x0 + c, y0 + d), factor, 2, shape) for a, b, c, d in inner]
        boxes = [box for box in whole if box is not None and plausible(box, factor / 2, shape)]
        if boxes:
            text = float((small[y0:y1, x0:x1][part] > 0).mean()) >= TEXT_SHARE
            seen.append(Seen(image, values, text, 0.0 if text else sum(map(area, boxes)) / lines.size))
    return seen


Look = Callable[[Array], Iterable[tuple[Array, float]]]
"""From a view to the network's answers about it, each (3, rows, columns), with view pixels a pixel of what it saw."""


Settle = Callable[[Sequence[Sequence[tuple[float, float]]], float, float, float], tuple[float, float]]
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
            seen[look_of(factor)] += observe(number, maps, known, rules, 2 * factor)
            if lines is None:
                clear[look_of(factor)].add(number)
    enlarged, fine, coarse = (_cut(seen[name], clear[name], settle) for name in LOOKS)
    return replace(rules, enlarged=enlarged, fine=fine, coarse=coarse)


def _cut(seen: Sequence[Seen], clear: Iterable[int], settle: Settle) -> Cut:
    """The cut of one look; ``clear`` are the numbers of the images without text that it was taken at."""
    if not seen:
        return Cut(PLAIN, NEVER, NEVER)
    weights = fit(seen)
    clean: dict[int, list[tuple[float, float]]] = {image: [] for image in clear}
    for part in seen:
        if part.image in clean:
            clean[part.image].append((chance(part.features, weights), part.false_area))
    return Cut(weights, *settle(list(clean.values()), LEAST, LEAST, Cut().score))


def fit(seen: Sequence[Seen]) -> tuple[float, ...]:
    """Weights of a ridged logistic regression, by Newton steps (Platt 1999 for one feature; here seven).

    False parts of images that hold text count little: most are loose boxes around lines.
    """
    with_text = {s.image for s in seen if s.text}
    values, text = np.stack([s.features for s in seen]), np.array([s.text for s in seen], float)
    cost = np.array([LOOSE if not s.text and s.image in with_text else 1.0 for s in seen])
    weights = np.zeros(FEATURES)
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-np.clip(values @ weights, -30, 30)))
        slope = values.T @ (cost * (likely - text)) + RIDGE * weights
        bend = (values * (cost * likely * (1 - likely))[:, None]).T @ values + RIDGE * np.eye(FEATURES)
        weights = weights - np.linalg.solve(bend, slope)
    return tuple(round(float(w), 5) for w in weights)
