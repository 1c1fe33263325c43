"""How the shipped weights are made, for `deidkit train modality`. Imports torch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from deidkit_modality.features import LENGTH
from deidkit_modality.network import CAPTURES, IMAGES, NAME
from deidkit_modality.training import data as train_data
from deidkit_modality.training import report
from deidkit_modality.training.data import CLASSES, FOLDS, MADE_UP, QUALITIES, Samples
from deidkit_modality.training.loop import balance, fit, logits
from deidkit_modality.training.model import Committee, Member, Shipped, export, fit_temperature
from deidkit_modality.training.stack import ASIDE, Held, image_stage
from deidkit_synth.phantoms import KINDS
from deidkit_training.card import digest, write_card

UNSURE = 0.10
COPIES = 6
FALSE_REFUSALS = 0.003
FALSE_CAPTURES = 0.0005
MAKERS = {kind: maker for kind, (maker, _) in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Settings:
    """``copies`` varied ones per image, ``members`` networks that vote, ``steps`` of 256 examples each.

    ``image_steps`` of 32 pictures each train an EfficientNet-B0 as well; 0 trains none.
    """

    copies: int = COPIES
    members: int = 4
    steps: int = 1000
    seed: int = 7
    threads: int = 1
    image_steps: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """What one committee learns: rows of the samples, their targets, and how many there are to tell apart."""

    name: str
    outputs: int
    chosen: NDArray[Any]
    target: NDArray[Any]


def tasks(samples: Samples) -> tuple[Task, Task]:
    """Classes are learned from good pictures, qualities from all; screens and pages have no quality to learn."""
    good = samples.quality == QUALITIES.index("good")
    real = samples.source != MADE_UP
    shown = ~np.isin(samples.label, [CLASSES.index("document"), CLASSES.index("screen")])
    made = np.isin(samples.quality, [QUALITIES.index("pattern"), QUALITIES.index("not_medical")])
    return (
        Task("classes", len(CLASSES), good, samples.label),
        Task("qualities", len(QUALITIES), real & ((good & shown) | (~good & (shown | made))), samples.quality),
    )


def train(data: Path, folder: Path, settings: Settings) -> Path:
    """Draws, trains, measures on folds, exports and writes the card; a run that was cut short goes on where it was.

    Returns:
        The card's path.
    """
    torch.set_num_threads(settings.threads)
    folder.mkdir(parents=True, exist_ok=True)
    rows = train_data.read_manifest(data)
    samples = train_data.load(folder / "samples.npz")
    if samples is None:
        samples = train_data.draw(data, rows, settings.copies, settings.seed, MAKERS)
        train_data.save(samples, folder / "samples.npz")
    groups = _groups(rows, samples)
    committees, facts, aside = [], {}, None
    for task in tasks(samples):
        held, temperature = _held_out(task, samples, groups, settings, folder)
        facts[task.name] = _figures(task, samples, held, folder)
        aside = aside or _aside(task, samples, held)
        members = [
            _member(task, samples, groups, task.chosen, settings, seed, folder / f"{task.name}-{seed}")
            for seed in range(settings.members)
        ]
        committees.append(Committee(members, temperature))
    difference = export(Shipped(*committees), folder, NAME, samples.features[:64])
    facts = _facts(facts, data, rows, settings, difference)
    names = [NAME]
    if settings.image_steps and aside:
        facts["images"] = image_stage(
            data, rows, MAKERS, settings.image_steps, settings.seed, settings.copies / COPIES, aside, folder
        )
        names += [IMAGES] if facts["images"]["chosen"] != "features" else []
    return write_card(folder, NAME, [f"{name}.{suffix}" for name in names for suffix in ("onnx", "safetensors")], facts)


def _aside(task: Task, samples: Samples, held: NDArray[Any]) -> Held:
    rows = task.chosen & samples.original & (samples.fold == ASIDE)
    return Held(held[rows], task.target[rows], samples.source[rows])


def _groups(rows: list[dict[str, str]], samples: Samples) -> NDArray[Any]:
    names = [f"{row['repo']} {row['group']}" for row in rows]
    known = {name: number for number, name in enumerate(sorted(set(names)))}
    made_up = len(known) + samples.label
    return np.where(samples.source == MADE_UP, made_up, [known[names[index]] for index in samples.source])


def _member(
    task: Task, samples: Samples, groups: NDArray[Any], chosen: NDArray[Any], settings: Settings, seed: int, folder: Path
) -> Member:
    return fit(
        samples.features[chosen],
        task.target[chosen],
        groups[chosen],
        task.outputs,
        settings.steps,
        settings.seed + seed,
        folder,
    )


def _held_out(
    task: Task, samples: Samples, groups: NDArray[Any], settings: Settings, folder: Path
) -> tuple[NDArray[Any], float]:
    """Calibrated probabilities for every chosen row by a member that saw nothing of its repository or group."""
    out = np.zeros((len(samples), task.outputs), np.float32)
    for fold in range(FOLDS):
        aside = samples.fold == fold
        member = _member(task, samples, groups, task.chosen & ~aside, settings, 100 + fold, folder / f"{task.name}-fold{fold}")
        out[task.chosen & aside] = logits(member, samples.features[task.chosen & aside])
    rows = task.chosen & (samples.fold != MADE_UP)
    weights = balance(task.target[rows], groups[rows])
    temperature = fit_temperature(out[rows], task.target[rows], weights)
    scaled = out / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True), temperature


def _figures(task: Task, samples: Samples, held: NDArray[Any], folder: Path) -> dict[str, Any]:
    names = CLASSES if task.name == "classes" else QUALITIES
    every = task.chosen & (samples.fold != MADE_UP)
    shown = every & samples.original if task.name == "classes" else every
    labels, probabilities = task.target[shown], held[shown]
    table = report.confusion(labels, probabilities.argmax(axis=1), task.outputs)
    report.draw(names, labels, probabilities, folder, task.name)
    by_class = report.recalls(names, table)
    return {
        "held_out": {
            "balanced_accuracy": round(float(np.mean([entry["recall"] for entry in by_class.values()])), 4),
            "recall": by_class,
            "confusion": table.tolist(),
            "roc_area": {n: report.area_under(probabilities[:, i], labels == i) for i, n in enumerate(names)},
            "reliability": report.reliability(probabilities, labels),
        },
        **_at_cut(task, labels, probabilities),
        **(_capture_cut(task.target[every], held[every]) if task.name == "classes" else {}),
    }


def _capture_cut(labels: NDArray[Any], probabilities: NDArray[Any]) -> dict[str, Any]:
    """From which share on a screen or a page is believed: hardly any held-out image or copy of another class reaches it.

    An unsure image gets the strictest profile like a capture, so that nothing is lost by asking for more.
    """
    captures = [CLASSES.index(name) for name in sorted(CAPTURES)]
    best = np.where(np.isin(probabilities.argmax(axis=1), captures), probabilities.max(axis=1), 0.0)
    true = np.isin(labels, captures)
    cut = round(float(np.clip(np.quantile(best[~true], 1 - FALSE_CAPTURES), 0.5, 0.97)), 4) if (~true).any() else 0.97
    return {
        "capture_cut": cut,
        "captures_believed": round(float((best[true] >= cut).mean()), 4) if true.any() else None,
        "others_taken_for_captures": round(float((best[~true] >= cut).mean()), 5),
    }


def _at_cut(task: Task, labels: NDArray[Any], probabilities: NDArray[Any]) -> dict[str, Any]:
    """The cut, below which a class is unsure or from which on an image is refused, and what it does to held-out images."""
    if task.name == "classes":
        best = probabilities.max(axis=1)
        order = np.argsort(best)
        weights = balance(labels, np.arange(len(labels)))
        cut = round(float(best[order][np.searchsorted(np.cumsum(weights[order]), UNSURE)]), 4)
        table = report.confusion(labels[best >= cut], probabilities[best >= cut].argmax(axis=1), task.outputs)
        return {
            "cut": cut,
            "unsure": round(float((best < cut).mean()), 4),
            "recall_of_sure": report.recalls(CLASSES, table),
        }
    bad = 1 - probabilities[:, QUALITIES.index("good")]
    good = labels == QUALITIES.index("good")
    cut = round(float(np.clip(np.quantile(bad[good], 1 - FALSE_REFUSALS), 0.5, 0.99)), 4)
    found = {
        name: round(float((bad[labels == index] >= cut).mean()), 4)
        for index, name in enumerate(QUALITIES)
        if index and (labels == index).any()
    }
    return {"cut": cut, "good_refused": round(float((bad[good] >= cut).mean()), 4), "bad_found": found}


def _facts(
    figures: dict[str, Any], data: Path, rows: list[dict[str, str]], settings: Settings, difference: float
) -> dict[str, Any]:
    return {
        "classes": list(CLASSES),
        "qualities": list(QUALITIES),
        "features": LENGTH,
        "threshold": figures["classes"].pop("cut"),
        "capture_threshold": figures["classes"].pop("capture_cut"),
        "refusal": figures["qualities"].pop("cut"),
        "training": {
            "command": "deidkit train modality --data DIR --output DIR",
            **{name: getattr(settings, name) for name in Settings.__slots__},
        },
        "data": {
            "manifest_sha256": digest(data / "manifest.csv"),
            "images": dict(sorted(Counter(row["class"] for row in rows).items())),
            "licences": dict(sorted(Counter(row["licence"] for row in rows).items())),
        },
        "validation": {"split": "five folds, whole repositories or groups held out", **figures},
        "onnx_difference": difference,
        "limits": (
            "Trained on few images of few sources. MG, XA, RF, NM, dental and other images were never seen: the network will "
            "name one of its own classes for them. PT rests on three patients. Localisers of CT look like radiographs and "
            "are often called so. Bad images were generated; real bad ones were not available."
        ),
    }
