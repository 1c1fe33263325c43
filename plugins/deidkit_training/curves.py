"""Learning curves as a picture."""

from __future__ import annotations

import csv
from pathlib import Path

WINDOW = 20


def points(log: Path) -> list[tuple[int, float, float]]:
    """Step, loss and learning rate from the metrics.csv of every start of a run; what a later one did again replaces it."""
    found: dict[int, tuple[float, float]] = {}
    for path in sorted(log.glob("version_*/metrics.csv"), key=lambda path: int(path.parent.name.partition("_")[2])):
        with path.open(newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if row.get("loss")]
        new = {int(row["step"]): (float(row["loss"]), float(row["rate"])) for row in rows}
        if new:
            found = {step: values for step, values in found.items() if step < min(new)} | new
    return [(step, *found[step]) for step in sorted(found)]


def draw(log: Path, picture: Path) -> bool:
    """Loss and learning rate over steps, from the folder of Lightning's logs to a PNG; False where there is nothing to draw."""
    rows = points(log)
    if not rows:
        return False
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    steps, losses, rates = (list(column) for column in zip(*rows, strict=True))
    smooth = [sum(losses[max(0, i - WINDOW) : i + 1]) / len(losses[max(0, i - WINDOW) : i + 1]) for i in range(len(losses))]
    figure, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(8, 6))
    top.plot(steps, losses, alpha=0.3)
    top.plot(steps, smooth)
    top.set_ylabel("loss")
    bottom.plot(steps, rates)
    bottom.set_ylabel("learning rate")
    bottom.set_xlabel("step")
    figure.savefig(picture, dpi=100)
    plt.close(figure)
    return True
