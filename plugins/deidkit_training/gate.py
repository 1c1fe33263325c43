"""Whether new weights may replace the shipped ones: only when they score better on the fixed validation set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from deidkit.image import Array

COVERED = 0.9
FALSE_WEIGHT = 5.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in [0, 1]. ``found``: legible lines with at least 90 % of their ink covered; ``small``: those up to 10 px high;
    ``faint``: those of contrast below 0.2; ``false_area``: area covered beyond lines (grown by 4 px).
    """

    found: float
    small: float
    faint: float
    false_area: float
    lines: int

    @property
    def score(self) -> float:
        """One number to compare by: lines found, less five times the share of area covered by mistake."""
        return self.found - FALSE_WEIGHT * self.false_area

    def facts(self) -> dict[str, float]:
        return {key: round(float(value), 5) for key, value in {**asdict(self), "score": self.score}.items()}


def judge(tiles: Iterable[Any], coverage: Callable[[Any], Array]) -> Figures:
    """Measures a detector on tiles; ``coverage`` gives what it covers, boolean (rows, columns)."""
    import cv2

    hits: list[tuple[bool, int, float]] = []
    false: list[float] = []
    for tile in tiles:
        covered = coverage(tile)
        text = cv2.dilate(tile.region | tile.ignore, np.ones((9, 9), np.uint8)) > 0
        false.append(float((covered & ~text).mean()))
        for line in tile.instances:
            x0, y0, x1, y1 = line.box
            ink = tile.stroke[y0:y1, x0:x1] > 0
            if line.legible and ink.any():
                share = float(covered[y0:y1, x0:x1][ink].mean())
                hits.append((share >= COVERED, line.size, line.contrast))
    return Figures(
        _mean([h for h, _, _ in hits]),
        _mean([h for h, size, _ in hits if size <= 10]),
        _mean([h for h, _, contrast in hits if contrast < 0.2]),
        _mean(false),
        len(hits),
    )


def _mean(values: list[Any]) -> float:
    return float(np.mean(values)) if values else 1.0


def allowed(new: Figures, shipped: Figures | None) -> bool:
    """Whether ``new`` may replace ``shipped``."""
    return shipped is None or new.score > shipped.score
