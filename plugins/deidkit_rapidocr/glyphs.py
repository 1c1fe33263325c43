"""Single characters that the detection network passes over: flat, sharp-edged marks on calm ground, such as a lone L.

Classical and cheap: top-hat transform, connected components, then tests of size, contrast and calm; what is left goes to the
recognition network like any other candidate.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.image import Box
from deidkit.imaging.boxes import rasterise
from deidkit_rapidocr.boxes import Candidate

Grey = NDArray[np.uint8]

WIDEST_STROKE = 15
RISE = 45
"""Grey levels that a stroke stands above or below its ground, at least."""
SHORTEST, TALLEST = 6, 90
CALM = 0.3
"""Spread of the ground around a mark, relative to its contrast, at most."""
LARGEST_SIDE = 2000
MOST_MARKS = 300


def lone_glyphs(view: Grey, known: Sequence[Box]) -> list[Box]:
    """Boxes of marks outside the boxes already ``known``; marks side by side make one line.

    ``view`` is uint8 (rows, columns) or (rows, columns, 3); all boxes are in its pixels.
    """
    grey = view if view.ndim == 2 else np.asarray(view.max(axis=2), np.uint8)
    free = ~rasterise(known, (grey.shape[0], grey.shape[1]))
    factor = min(1.0, LARGEST_SIDE / max(grey.shape))
    if factor < 1.0:
        grey = np.asarray(cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        free = cv2.resize(free.astype(np.uint8), (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    marks = [*_marks(grey, free, cv2.MORPH_TOPHAT), *_marks(grey, free, cv2.MORPH_BLACKHAT)]
    return [_enlarged(box, 1 / factor) for box in _lines(marks)]


def _marks(grey: Grey, free: NDArray[np.bool_], operation: int) -> list[Box]:
    """Boxes of the marks on lighter or darker ground, those that rise most when there are too many."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (WIDEST_STROKE, WIDEST_STROKE))
    rise = cv2.morphologyEx(grey, operation, kernel, borderType=cv2.BORDER_REPLICATE)
    strokes = ((rise >= RISE) & free).astype(np.uint8)
    _, found, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    labels = np.asarray(found, np.int32)
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    likely = np.flatnonzero((longer >= SHORTEST) & (longer <= TALLEST) & (shorter >= 2) & (area >= 6))
    mean_rise = np.bincount(labels.ravel(), weights=rise.ravel(), minlength=len(stats)) / np.maximum(area, 1)
    order = likely[np.argsort(-mean_rise[likely], kind="stable")][:MOST_MARKS]
    boxes = [(label, _box_of(stats[label])) for label in order.tolist() if label]
    return [box for label, box in boxes if _stands_out(grey, labels, label, box)]


def _box_of(stats: NDArray[np.int32]) -> Box:
    x, y, width, height = (int(value) for value in stats[:4])
    return x, y, x + width, y + height


def _stands_out(grey: Grey, labels: NDArray[np.int32], label: int, box: Box) -> bool:
    """Whether a mark is flat, its ground is calm, and the step between them is high."""
    x0, y0, x1, y1 = max(0, box[0] - 4), max(0, box[1] - 4), box[2] + 4, box[3] + 4
    part = grey[y0:y1, x0:x1]
    mark = (labels[y0:y1, x0:x1] == label).astype(np.uint8)
    square = np.ones((3, 3), np.uint8)
    near = cv2.dilate(mark, square, iterations=2)
    ring = cv2.dilate(near, square, iterations=2) > near
    if not ring.any():
        return False
    core = cv2.erode(mark, square)
    inside = np.percentile(part[core > 0] if core.sum() >= 4 else part[mark > 0], (20, 50, 80))
    ground = np.percentile(part[ring], (10, 50, 90))
    contrast = abs(inside[1] - ground[1])
    return bool(contrast >= RISE and max(ground[2] - ground[0], inside[2] - inside[0]) <= CALM * contrast)


def _lines(boxes: list[Box]) -> list[Box]:
    """Boxes side by side and of like height joined to lines, from left to right."""
    lines: list[Box] = []
    for box in sorted(boxes):
        for n, line in enumerate(lines):
            height = max(line[3] - line[1], box[3] - box[1])
            shared = min(line[3], box[3]) - max(line[1], box[1])
            if shared >= 0.7 * height and box[0] - line[2] <= 0.7 * height:
                lines[n] = (line[0], min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3]))
                break
        else:
            lines.append(box)
    return lines


def _enlarged(box: Box, factor: float) -> Box:
    return int(box[0] * factor), int(box[1] * factor), int(np.ceil(box[2] * factor)), int(np.ceil(box[3] * factor))


def around(box: Box, padding: float) -> Candidate:
    """The candidate around a mark, with a share of its height added on every side."""
    pad = max(2.0, padding * (box[3] - box[1]))
    x0, y0, x1, y1 = box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad
    return Candidate(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32), 0.0)
