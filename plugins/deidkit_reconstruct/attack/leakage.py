"""How well attack views of redacted pixels tell the old strokes from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deidkit.image import Array
from deidkit_reconstruct.attack.strokes import grey, strokes
from deidkit_reconstruct.attack.views import measured
from deidkit_reconstruct.equality.inside import likeness

NULLS = 8


@dataclass(frozen=True, slots=True)
class Leak:
    """``area`` is the largest area under the ROC curve of any view or of its negative; ``advantage`` what of it the null does
    not explain. Both 0 where nothing could be measured.
    """

    area: float = 0.0
    advantage: float = 0.0


def auc(view: Array, truth: Array) -> float:
    """Area under the ROC curve of an 8-bit ``view`` as a score for boolean ``truth``; ties count half. 0.5 where one class is
    missing.
    """
    return float(_areas([view], [truth])[0, 0])


def _areas(views: Sequence[Array], truths: Sequence[Array]) -> Array:
    """Areas ``(views, truths)``, by the rank sum of Mann and Whitney (Ann. Math. Stat. 18, 1947)."""
    ranks = np.stack([_ranks(view).ravel() for view in views])
    chosen = np.stack([truth.ravel() for truth in truths]).astype(np.float64)
    hits = chosen.sum(axis=1)
    both = hits * (chosen.shape[1] - hits)
    sums = ranks @ chosen.T - hits * (hits + 1) / 2
    return np.asarray(np.where(both > 0, sums / np.maximum(both, 1), 0.5))


def _ranks(view: Array) -> Array:
    """Mid-ranks of 8-bit values, from 1 on."""
    counts = np.bincount(view.ravel(), minlength=256)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[view])


def measure(before: Array, after: Array, extra: Sequence[Array] = ()) -> Leak:
    """Attacks one region: ``before`` and ``after`` are its stored samples, of one shape; ``extra`` are more views of it.

    The null is the best of the same views against strokes rolled along the longer side by at least a line height, turned round
    or not. It keeps where strokes stand across the line, which the box alone gives away, and breaks which ones they are. Where
    no strokes can be made out in ``before``, correlation of its fine detail with that of ``after`` stands for the area.
    """
    truth = strokes(before)
    if truth is None:
        chance = max(likeness(other, after) for other in _nulls(before))
        return Leak(advantage=max(0.0, likeness(before, after) - chance) / 2)
    nulls = _nulls(truth)
    views = [*measured(grey(after)), *extra]
    if not views:
        return Leak()
    found = np.abs(_areas(views, [truth, *nulls]) - 0.5).max(axis=0)
    return Leak(0.5 + float(found[0]), max(0.0, float(found[0] - found[1:].max())))


def _nulls(truth: Array) -> list[Array]:
    axis = 1 if truth.shape[1] >= truth.shape[0] else 0
    length, least = truth.shape[axis], max(3, truth.shape[1 - axis] // 2)
    if length < 2 * least + 2:
        return [np.ascontiguousarray(np.flip(truth, way)) for way in (0, 1, (0, 1))]
    steps = np.unique(np.linspace(least, length - least, NULLS).astype(int))
    turned = np.ascontiguousarray(np.flip(truth, axis))
    return [np.roll(found, int(step), axis) for step in steps for found in (truth, turned)]
