"""Whether an EfficientNet-B0, alone or together with the features, knows held-out images better than the features do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deidkit.errors import UsageError
from deidkit_modality.training import images, report
from deidkit_modality.training import pictures as train_pictures
from deidkit_modality.training.data import CLASSES, MADE_UP, Maker
from deidkit_modality.training.image_export import export
from deidkit_modality.training.loop import balance
from deidkit_modality.training.model import fit_temperature
from deidkit_modality.training.pictures import Pictures

ASIDE = 0
"""The fold that the image network never sees. One of five: a network for each would take five times as long."""
WEIGHTS = np.linspace(0, 1, 21)
VARIANTS = ("features", "efficientnet", "both")


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out probabilities of the features (n, classes) for images of the fold aside, and what they are (n,)."""

    probabilities: NDArray[Any]
    label: NDArray[Any]
    source: NDArray[Any]


def image_stage(
    data: Path,
    rows: list[dict[str, str]],
    makers: Mapping[str, Maker],
    steps: int,
    seed: int,
    share: float,
    held: Held,
    folder: Path,
) -> dict[str, Any]:
    """Trains, compares, and writes the image network when a variant with it is the best one.

    Returns:
        Figures of all variants for the card, ``chosen``, and ``image_weight`` and ``image_temperature`` for the runtime.

    Raises:
        UsageError: too few groups for any image to be put aside.
    """
    if not len(held.label):
        raise UsageError("too few groups to hold images aside, on which an image network could be measured")
    pictures = train_pictures.load(folder / "pictures.npz")
    if pictures is None:
        pictures = train_pictures.draw(data, rows, makers, seed, share)
        train_pictures.save(pictures, folder / "pictures.npz")
    chosen = np.flatnonzero(pictures.fold != ASIDE)
    weights = balance(pictures.label[chosen], _groups(rows, pictures)[chosen])
    network = images.fit(pictures, chosen, weights, len(CLASSES), steps, seed, folder / "efficientnet")
    scores = images.logits(network, _originals(pictures, held.source))
    facts = compare(scores, held, lambda labels, guess: report.draw(CLASSES, labels, guess, folder, "efficientnet"))
    if facts["chosen"] != "features":
        facts["onnx_difference"] = export(network, folder, pictures.pixels[:16])
    return {"steps": steps, "batch": images.BATCH, "pictures": len(pictures), **facts}


def _groups(rows: list[dict[str, str]], pictures: Pictures) -> NDArray[Any]:
    names = [f"{row['repo']} {row['group']}" for row in rows]
    known = {name: number for number, name in enumerate(sorted(set(names)))}
    ids = np.array([known[name] for name in names])
    return np.where(pictures.source == MADE_UP, len(known) + pictures.label, ids[pictures.source])


def _originals(pictures: Pictures, sources: NDArray[Any]) -> NDArray[np.uint8]:
    place = {int(pictures.source[n]): n for n in np.flatnonzero(pictures.original)}
    return pictures.pixels[[place[int(source)] for source in sources]]


def compare(scores: NDArray[Any], held: Held, draw: Callable[[NDArray[Any], NDArray[Any]], None]) -> dict[str, Any]:
    """Figures of each variant on the held-out images; the one of the best balanced accuracy is chosen, the simpler of equals.

    ``scores`` are logits (n, classes) of the image network. Weight and temperature are fitted on these same images.
    """
    even = balance(held.label, np.arange(len(held.label)))
    temperature = fit_temperature(scores, held.label, even)
    seen = softmax(scores / temperature)
    draw(held.label, seen)
    losses = [
        -(even * np.log(pooled(held.probabilities, seen, w)[np.arange(len(seen)), held.label] + 1e-9)).sum() for w in WEIGHTS
    ]
    weight = float(WEIGHTS[int(np.argmin(losses))])
    parts = {"features": 0.0, "efficientnet": 1.0, "both": weight}
    figures = {name: _figures(held.label, pooled(held.probabilities, seen, parts[name])) for name in VARIANTS}
    best = max(figures[name]["balanced_accuracy"] for name in VARIANTS)
    chosen = next(name for name in VARIANTS if figures[name]["balanced_accuracy"] >= best)
    return {
        "held_out_images": len(held.label),
        "variants": figures,
        "chosen": chosen,
        "image_weight": parts[chosen],
        "image_temperature": round(temperature, 4),
    }


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def pooled(first: NDArray[Any], second: NDArray[Any], weight: float) -> NDArray[Any]:
    """The logarithmic opinion pool of two (n, classes) probabilities (Genest 1986); ``weight`` is that of the second."""
    return softmax((1 - weight) * np.log(first + 1e-6) + weight * np.log(second + 1e-6))


def _figures(labels: NDArray[Any], probabilities: NDArray[Any]) -> dict[str, Any]:
    table = report.confusion(labels, probabilities.argmax(axis=1), len(CLASSES))
    by_class = report.recalls(CLASSES, table)
    return {
        "balanced_accuracy": round(float(np.mean([entry["recall"] for entry in by_class.values()])), 4),
        "recall": by_class,
        "confusion": table.tolist(),
        "roc_area": {n: report.area_under(probabilities[:, i], labels == i) for i, n in enumerate(CLASSES)},
        "reliability": report.reliability(probabilities, labels),
    }
