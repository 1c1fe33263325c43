"""What trained weights reach on images they did not see: numbers for the card, pictures for people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def confusion(labels: NDArray[Any], guesses: NDArray[Any], size: int) -> NDArray[np.int64]:
    """Counts by true class (rows) and guess (columns)."""
    return np.bincount(labels * size + guesses, minlength=size * size).reshape(size, size)


def recalls(names: Sequence[str], table: NDArray[np.int64]) -> dict[str, Any]:
    """Recall of each class with its interval and how many there were."""
    out: dict[str, Any] = {}
    for index, name in enumerate(names):
        of, hits = int(table[index].sum()), int(table[index, index])
        if of:
            out[name] = {"recall": round(hits / of, 4), "interval": interval(hits, of), "images": of}
    return out


def reliability(probabilities: NDArray[Any], labels: NDArray[Any], bins: int = 10) -> dict[str, Any]:
    """Mean confidence against accuracy by bin of confidence, and the expected calibration error (Guo 2017)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    rows = []
    error = 0.0
    for index in range(bins):
        mine = place == index
        if mine.any():
            rows.append([round(float(confidence[mine].mean()), 3), round(float(right[mine].mean()), 3), int(mine.sum())])
            error += abs(rows[-1][0] - rows[-1][1]) * mine.mean()
    return {"confidence_accuracy_count": rows, "expected_calibration_error": round(float(error), 4)}


def area_under(scores: NDArray[Any], positive: NDArray[Any]) -> float | None:
    """Area under the ROC curve by ranks (Mann and Whitney), None when one side is empty."""
    few, many = int(positive.sum()), int((~positive).sum())
    if not few or not many:
        return None
    order = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1
    return round(float((order[positive].sum() - few * (few + 1) / 2) / (few * many)), 4)


def draw(names: Sequence[str], labels: NDArray[Any], probabilities: NDArray[Any], folder: Path, prefix: str) -> None:
    """``PREFIX-confusion.png`` and ``PREFIX-roc.png``."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    table = confusion(labels, probabilities.argmax(axis=1), len(names))
    figure, axes = plt.subplots(figsize=(7, 6))
    axes.imshow(table / np.maximum(1, table.sum(axis=1, keepdims=True)), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("guess")
    axes.set_ylabel("truth")
    for (row, column), count in np.ndenumerate(table):
        if count:
            axes.text(column, row, str(count), ha="center", va="center", fontsize=7)
    figure.tight_layout()
    figure.savefig(folder / f"{prefix}-confusion.png", dpi=110)
    plt.close(figure)
    figure, axes = plt.subplots(figsize=(6, 6))
    for index, name in enumerate(names):
        positive = labels == index
        if positive.any() and not positive.all():
            order = np.argsort(-probabilities[:, index])
            hits = np.cumsum(positive[order]) / positive.sum()
            false = np.cumsum(~positive[order]) / (~positive).sum()
            axes.plot(false, hits, label=f"{name} {area_under(probabilities[:, index], positive)}")
    axes.set_xlabel("false alarms")
    axes.set_ylabel("found")
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(folder / f"{prefix}-roc.png", dpi=110)
    plt.close(figure)
