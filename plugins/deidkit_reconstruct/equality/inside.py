"""Whether the old content of a region is really gone."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging import boxes as geometry

CHROMA_PX = 2
DETAIL_WINDOW = (11, 11)


def interior(box: Box, masks: Sequence[Box], shape: tuple[int, int], inset: int) -> Array:
    """Which pixels of ``box`` lie at least ``inset`` pixels inside the union of ``masks``; boolean, of the size of the box.

    The border of the frame does not count as a border of a mask.
    """
    x0, y0, x1, y1 = box
    left, top = x0 - inset, y0 - inset
    size = (y1 - y0 + 2 * inset, x1 - x0 + 2 * inset)
    local = geometry.rasterise([(a - left, b - top, c - left, d - top) for a, b, c, d in masks], size)
    if not inset:
        return local
    rows, columns = shape
    local[: max(0, -top)] = True
    local[:, : max(0, -left)] = True
    local[max(0, rows - top) :] = True
    local[:, max(0, columns - left) :] = True
    kernel = np.ones((2 * inset + 1,) * 2, np.uint8)
    eroded: Array = cv2.erode(local.astype(np.uint8), kernel)[inset : inset + y1 - y0, inset : inset + x1 - x0] > 0
    return eroded


def spread(samples: Array, where: Array) -> int:
    """Largest difference between two samples of one component among the pixels ``where``; 0 when there are none."""
    chosen = samples[where].reshape(-1, 1 if samples.ndim == 2 else samples.shape[2])
    if not len(chosen):
        return 0
    return int((chosen.max(0).astype(np.int64) - chosen.min(0).astype(np.int64)).max())


def _detail(samples: Array) -> Array:
    part = samples.astype(np.float32)
    blurred = cv2.blur(part, DETAIL_WINDOW, borderType=cv2.BORDER_REFLECT)
    return (part - blurred).reshape(-1, 1 if samples.ndim == 2 else samples.shape[2])


def likeness(before: Array, after: Array) -> float:
    """Largest absolute correlation, over components, between the high-passed content of two crops of one shape; 0 where
    one of them is flat.
    """
    old, new = _detail(before), _detail(after)
    old, new = old - old.mean(0), new - new.mean(0)
    scale = np.sqrt((old**2).sum(0) * (new**2).sum(0))
    safe = np.where(scale > 0, scale, 1.0)
    return float(np.where(scale > 0, np.abs((old * new).sum(0)) / safe, 0.0).max(initial=0.0))
