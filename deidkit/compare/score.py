"""Predictions against truth: what was found, what leaked, what was covered by mistake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deidkit.compare.measure import Measured, Prediction
from deidkit.compare.sheets import Instance, Sheet
from deidkit.compare.statistics import in_words, interval
from deidkit.imaging.boxes import grow, rasterise

FOUND = 0.85
"""Share of an instance's box, or of its strokes, that must be covered; boxes drawn by hand are slightly loose."""

SIZES = ((10, "height <= 10 px"), (16, "height 11-16 px"), (32, "height 17-32 px"), (10**9, "height > 32 px"))
STRAY = 0.002
NEAR = 4
"""Pixels around text that a box may take in without being a mistake: a margin makes half of the box of a small line."""
CURVE = np.linspace(0.0, 0.95, 20)

Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Score:
    """All figures of one detector. ``groups`` maps a group's name to (found, all) by image."""

    detector: str
    groups: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    stray: list[float] = field(default_factory=list)
    precise: list[tuple[int, int]] = field(default_factory=list)
    leaks: dict[str, int] = field(default_factory=dict, repr=False)
    failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    curve: list[tuple[float, float, float]] = field(default_factory=list)
    seconds: float = 0.0
    peak: int = 0

    def record(self) -> dict[str, Any]:
        """The figures for JSON; image names appear under ``leaks`` alone."""
        return {
            "detector": self.detector,
            "recall": {name: _share(hits) for name, hits in sorted(self.groups.items())},
            "precision": _share(self.precise),
            "clean_area_covered": float(np.mean(self.stray)) if self.stray else None,
            "clean_images": len(self.stray),
            "clean_images_over_0.2_percent": sum(share > STRAY for share in self.stray),
            "leaks": {name: count for name, count in self.leaks.items() if count},
            "failures": dict(self.failures),
            "curve": [dict(zip(("threshold", "recall", "precision"), point, strict=True)) for point in self.curve],
            "seconds_per_image": self.seconds,
            "peak_bytes": self.peak,
        }


def _share(hits: Sequence[tuple[int, int]]) -> dict[str, Any]:
    found, total = sum(h for h, _ in hits), sum(n for _, n in hits)
    low, high = interval(hits)
    share = found / total if total else None
    return {"found": found, "of": total, "share": share, "low": low, "high": high, "words": in_words(found, total)}


def score(measured: Measured, sheets: Sequence[Sheet], strokes: Mapping[int, Sequence[Mask]]) -> Score:
    """Scores one detector. ``strokes`` holds, by place in ``sheets``, the stroke mask of each instance inside its box."""
    made = Score(measured.detector, peak=measured.peak)
    done = [prediction for prediction in measured.predictions if prediction.reason is None]
    made.seconds = float(np.mean([prediction.seconds for prediction in done])) if done else 0.0
    for number, (sheet, prediction) in enumerate(zip(sheets, measured.predictions, strict=True)):
        if prediction.reason is not None:
            made.failures[prediction.reason.partition(":")[0]] += 1
        _one(made, sheet, prediction, strokes.get(number, ()))
    made.curve = [(float(t), *_at(measured.predictions, sheets, float(t))) for t in CURVE]
    return made


def _one(made: Score, sheet: Sheet, prediction: Prediction, strokes: Sequence[Mask]) -> None:
    shape = prediction.shape if prediction.reason is None else _shape_for(sheet)
    covered = rasterise(prediction.boxes, shape)
    made.precise.append(_precise(sheet, prediction.boxes, shape))
    if not sheet.instances:
        if prediction.reason is None:
            made.stray.append(float(covered.mean()))
        return
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for number, instance in enumerate(sheet.instances):
        if not instance.counted:
            continue
        by_box = found(instance, covered)
        for group in groups(sheet, instance):
            counts[group][0] += by_box
            counts[group][1] += 1
        if number < len(strokes) and strokes[number].any():
            counts["by strokes"][0] += _strokes_covered(instance, covered, strokes[number])
            counts["by strokes"][1] += 1
    for group, (hits, total) in counts.items():
        made.groups[group].append((hits, total))
    made.leaks[sheet.name] = made.leaks.get(sheet.name, 0) + counts["all"][1] - counts["all"][0]


def groups(sheet: Sheet, instance: Instance) -> Iterator[str]:
    """The names of the groups that an instance counts in."""
    yield "all"
    yield f"kind {instance.kind}"
    yield f"modality {sheet.modality}"
    yield next(name for most, name in SIZES if instance.box[3] - instance.box[1] <= most)
    if instance.faint:
        yield "low contrast"


def found(instance: Instance, covered: Mask) -> bool:
    """Whether enough of the instance's box is covered."""
    x0, y0, x1, y1 = instance.box
    part = covered[max(0, y0) : y1, max(0, x0) : x1]
    return bool(part.size) and float(part.mean()) >= FOUND


def _strokes_covered(instance: Instance, covered: Mask, strokes: Mask) -> bool:
    x0, y0, x1, y1 = instance.box
    part = covered[max(0, y0) : y1, max(0, x0) : x1]
    return part.shape == strokes.shape and float(part[strokes].mean()) >= FOUND


def _precise(sheet: Sheet, boxes: Sequence[tuple[int, int, int, int]], shape: tuple[int, int]) -> tuple[int, int]:
    """(boxes that lie at least half on text of any sort or within ``NEAR`` pixels of it, all boxes)."""
    grown = (grow(instance.box, NEAR, shape) for instance in sheet.instances)
    text = rasterise([box for box in grown if box is not None], shape)
    return sum(bool(text[y0:y1, x0:x1].mean() >= 0.5) for x0, y0, x1, y1 in boxes), len(boxes)


def _at(predictions: Sequence[Prediction], sheets: Sequence[Sheet], threshold: float) -> tuple[float, float]:
    """Recall and precision over all images when only boxes scored at least ``threshold`` count."""
    hits = total = right = boxes = 0
    for sheet, prediction in zip(sheets, predictions, strict=True):
        shape = prediction.shape if prediction.reason is None else _shape_for(sheet)
        kept = [box for box, s in zip(prediction.boxes, prediction.scores, strict=True) if s >= threshold]
        covered = rasterise(kept, shape)
        counted = [instance for instance in sheet.instances if instance.counted]
        hits += sum(found(instance, covered) for instance in counted)
        total += len(counted)
        good, every = _precise(sheet, kept, shape)
        right, boxes = right + good, boxes + every
    return hits / total if total else 1.0, right / boxes if boxes else 1.0


def _shape_for(sheet: Sheet) -> tuple[int, int]:
    """A frame just large enough for the truth of an image that could not be read."""
    boxes = [instance.box for instance in sheet.instances] or [(0, 0, 1, 1)]
    return max(box[3] for box in boxes), max(box[2] for box in boxes)
