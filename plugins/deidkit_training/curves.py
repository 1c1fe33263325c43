"""Learning curves as a picture."""

from __future__ import annotations

import csv
from pathlib import Path

WINDOW = 20


def draw(log: Path, picture: Path) -> bool:
    """Loss and learning rate over steps, from Lightning's metrics.csv to a PNG; False where there is nothing to draw."""
    if not log.exists():
        return False
    with log.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row.get("loss")]
    if not rows:
        return False
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    steps = [int(row["step"]) for row in rows]
    losses = [float(row["loss"]) for row in rows]
    smooth = [sum(losses[max(0, i - WINDOW) : i + 1]) / len(losses[max(0, i - WINDOW) : i + 1]) for i in range(len(losses))]
    figure, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(8, 6))
    top.plot(steps, losses, alpha=0.3)
    top.plot(steps, smooth)
    top.set_ylabel("loss")
    bottom.plot(steps, [float(row["rate"]) for row in rows])
    bottom.set_ylabel("learning rate")
    bottom.set_xlabel("step")
    figure.savefig(picture, dpi=100)
    plt.close(figure)
    return True
