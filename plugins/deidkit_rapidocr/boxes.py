"""From a text probability map to rotated rectangles: the post-processing of DB (Liao et al., Real-time Scene Text Detection
with Differentiable Binarization, AAAI 2020), in OpenCV alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Quad = NDArray[np.float32]

INK = 0.3
MINIMUM_SCORE = 0.4
UNCLIP = 1.6
SMALLEST_SIDE = 2.0
MOST = 1500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may hold a line of text.

    ``quad`` is float32 (4, 2), x and y in pixels, clockwise from the corner where reading starts: the first edge runs along the
    line. ``score`` is the mean text probability inside.
    """

    quad: Quad
    score: float


def candidates(probability: NDArray[np.float32]) -> list[Candidate]:
    """Rectangles around the connected parts of a map (rows, columns) of probabilities, in the map's pixels."""
    mask = cv2.dilate((probability > INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found: list[Candidate] = []
    for contour in sorted(contours, key=len, reverse=True)[:MOST]:
        rectangle = cv2.minAreaRect(contour)
        if min(rectangle[1]) < SMALLEST_SIDE:
            continue
        score = _mean_inside(probability, cv2.boxPoints(rectangle).astype(np.float32))
        if score >= MINIMUM_SCORE:
            found.append(Candidate(_ordered(_unclip(rectangle)), score))
    return found


def _unclip(rectangle: cv2.typing.RotatedRect) -> cv2.typing.RotatedRect:
    centre, (width, height), angle = rectangle
    distance = UNCLIP * width * height / (2 * (width + height))
    return centre, (width + 2 * distance, height + 2 * distance), angle


def _mean_inside(probability: NDArray[np.float32], quad: NDArray[np.float32]) -> float:
    x, y, width, height = cv2.boundingRect(quad)
    x0, y0 = max(0, x), max(0, y)
    part = probability[y0 : max(0, y + height), x0 : max(0, x + width)]
    if not part.size:
        return 0.0
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(quad - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(part, inside)[0])


def _ordered(rectangle: cv2.typing.RotatedRect) -> Quad:
    """Corners so that lines lean as little as possible; a rectangle 1.5 times as high as wide is read from the bottom up."""
    points = cv2.boxPoints(rectangle).astype(np.float32)
    by_sum, by_difference = points.sum(axis=1), points[:, 1] - points[:, 0]
    corners = points[[by_sum.argmin(), by_difference.argmin(), by_sum.argmax(), by_difference.argmax()]]
    if len({tuple(corner) for corner in corners.tolist()}) < 4:
        corners = points
    along, across = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    return np.roll(corners, 1, axis=0) if across >= 1.5 * along else corners
