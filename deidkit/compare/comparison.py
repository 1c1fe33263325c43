"""Detectors compared on an institution's own images: with truth by recall, without it by where they disagree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from deidkit.compare import html, strokes
from deidkit.compare.labels import BESIDE
from deidkit.compare.measure import Measured, Prediction, measure
from deidkit.compare.score import FOUND, Mask, score
from deidkit.compare.sheets import Sheet
from deidkit.compare.truth import read
from deidkit.errors import UsageError
from deidkit.imaging.boxes import covered, rasterise
from deidkit.interfaces import Format
from deidkit.registry import installed

WORST = 24
AGREE = 0.5


def compare(
    folder: Path, detectors: Sequence[str], output: Path, truth: Path | None = None, union: bool = True
) -> dict[str, Any]:
    """Runs the detectors over ``folder`` and writes ``compare.json`` and ``compare.html`` into ``output``.

    Args:
        detectors: names; ``one+other`` is what both find together.
        truth: see ``deidkit.compare.truth.read``; without it detectors are compared with each other.
        union: adds a row for all detectors together, unless ``detectors`` says which go together.

    Returns:
        What ``compare.json`` holds.

    Raises:
        UsageError: no images, no detectors, a truth that does not fit, or ``output`` cannot be made. EnvironmentFault: a
        detector lacks something.
    """
    if not detectors:
        raise UsageError("name at least one detector: --detector NAME")
    sheets = read(truth, folder) if truth else _sheets(folder)
    images = [(folder / sheet.name, sheet.frame) for sheet in sheets]
    _make_folder(output)
    measured = _measured(detectors, images, union)
    result = _with_truth(folder, sheets, measured) if truth else _without_truth(sheets, measured)
    pictures = result.pop("pictures")
    (output / "compare.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    page = html.page(result["detectors"], len(sheets), pictures, result["disagreements"])
    (output / "compare.html").write_text(page, encoding="utf-8", errors="backslashreplace")
    return result


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UsageError("the folder of --output cannot be made") from None


def _measured(detectors: Sequence[str], images: Sequence[tuple[Path, int]], union: bool) -> list[Measured]:
    """One row a name; every single detector runs once, however many rows it is part of."""
    groups = list(dict.fromkeys(tuple(dict.fromkeys(name.split("+"))) for name in detectors))
    single = {name: measure(name, images) for name in dict.fromkeys(name for group in groups for name in group)}
    if union and len(single) > 1 and all(len(group) == 1 for group in groups):
        groups.append(tuple(single))
    return [single[group[0]] if len(group) == 1 else _together([single[name] for name in group]) for group in groups]


def _sheets(folder: Path) -> list[Sheet]:
    """First, middle and last frame of every file that may be an image, masks of `deidkit synth` left out."""
    masks = {path.with_name("strokes") for path in folder.rglob("set.json")}
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix.lower() not in BESIDE)
    formats = _formats()
    found = [
        Sheet(path.relative_to(folder).as_posix(), (), frame)
        for path in files
        if path.parent not in masks
        for frame in strokes.told(path, formats)
    ]
    if not found:
        raise UsageError("the folder holds no images")
    return found


def _formats() -> dict[str, Format]:
    registry = installed()
    return {name: registry.build("format", name) for name in registry.names("format")}


def _together(measured: Sequence[Measured]) -> Measured:
    rows = zip(*(one.predictions for one in measured), strict=True)
    return Measured("+".join(one.detector for one in measured), tuple(map(_joined, rows)), max(one.peak for one in measured))


def _joined(row: Sequence[Prediction]) -> Prediction:
    done = [prediction for prediction in row if prediction.reason is None]
    if not done:
        return row[0]
    return Prediction(
        tuple(box for prediction in done for box in prediction.boxes),
        tuple(s for prediction in done for s in prediction.scores),
        done[0].shape,
        sum(prediction.seconds for prediction in done),
    )


def _with_truth(folder: Path, sheets: Sequence[Sheet], measured: Sequence[Measured]) -> dict[str, Any]:
    formats = _formats()
    masks: dict[int, Sequence[Mask]] = {}
    pictures: dict[str, list[str]] = {one.detector: [] for one in measured}
    for number, sheet in enumerate(sheets):
        whole = strokes.view(folder / sheet.name, sheet.frame, formats) if sheet.instances else None
        if whole is not None:
            masks[number] = strokes.ink(whole, sheet)
            for one in measured:
                _add_missed(pictures[one.detector], whole, sheet, one.predictions[number])
    scores = [score(one, sheets, masks).record() for one in measured]
    return {"images": len(sheets), "detectors": scores, "disagreements": [], "pictures": pictures}


def _add_missed(urls: list[str], whole: Any, sheet: Sheet, prediction: Prediction) -> None:
    for instance in sheet.instances:
        missed = instance.counted and covered(instance.box, prediction.boxes) < FOUND
        if missed and len(urls) < WORST and (url := strokes.picture(whole, instance.box, prediction.boxes)):
            urls.append(url)


def _without_truth(sheets: Sequence[Sheet], measured: Sequence[Measured]) -> dict[str, Any]:
    """Figures that need no truth, and the images on which the detectors differ, most first."""
    single = [one for one in measured if "+" not in one.detector]
    apart = []
    for number, sheet in enumerate(sheets):
        predictions = [one.predictions[number] for one in single]
        agreement = _agreement(predictions)
        if agreement < AGREE:
            apart.append((agreement, f"{sheet.name}, frame {sheet.frame + 1}" if sheet.frame else sheet.name))
    scores = [score(one, sheets, {}).record() for one in measured]
    for record in scores:
        record["area_covered"] = record.pop("clean_area_covered")
        record |= {"clean_area_covered": None, "clean_images_over_0.2_percent": 0, "clean_images": 0, "curve": []}
        record["precision"] = {}
    return {
        "images": len(sheets),
        "detectors": scores,
        "disagreements": [name for _, name in sorted(apart)],
        "pictures": {},
    }


def _agreement(predictions: Sequence[Prediction]) -> float:
    """Intersection over union of the areas that the detectors cover; 0 when one of them failed and another found text."""
    shape = max((prediction.shape for prediction in predictions), default=(0, 0))
    masks = [rasterise(prediction.boxes, shape) for prediction in predictions]
    either = np.logical_or.reduce(masks).sum() if masks else 0
    return float(np.logical_and.reduce(masks).sum() / either) if either else 1.0
