"""Redactions to learn to undo: some that are known to leak, some that must not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import cv2
import numpy as np
from pydicom import Dataset

from deidkit.image import Array, Box, Frame
from deidkit.keys import Keys
from deidkit.registry import installed
from deidkit.types import Action, Context, Deadline, Labels, Region

Redaction = Callable[[Array, Sequence[Box]], Array]
"""uint8 plane ``(rows, columns)`` and boxes -> the redacted plane."""

BLUR_PX, MOSAIC_PX = 5, 8
LEAKY = ("blur", "mosaic")
SECONDS = 60.0


def black(plane: Array, boxes: Sequence[Box]) -> Array:
    made = plane.copy()
    for x0, y0, x1, y1 in boxes:
        made[y0:y1, x0:x1] = 0
    return made


def blurred(plane: Array, boxes: Sequence[Box]) -> Array:
    """Mean of 5 x 5 pixels."""
    return _within(plane, boxes, np.asarray(cv2.blur(plane, (BLUR_PX, BLUR_PX))))


def mosaic(plane: Array, boxes: Sequence[Box]) -> Array:
    """Squares of 8 pixels in their mean value."""
    rows, columns = plane.shape
    size = (max(1, columns // MOSAIC_PX), max(1, rows // MOSAIC_PX))
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    return _within(plane, boxes, np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_NEAREST)))


def _within(plane: Array, boxes: Sequence[Box], other: Array) -> Array:
    made = plane.copy()
    for x0, y0, x1, y1 in boxes:
        made[y0:y1, x0:x1] = other[y0:y1, x0:x1]
    return made


@cache
def _redactor(model: str, mode: str) -> Any:
    return installed().build("redactor", "inpaint", {"model": model, "mode": mode, "margin_px": 0})


def inpainted(model: str, mode: str, plane: Array, boxes: Sequence[Box]) -> Array:
    """By the redactor ``inpaint`` of the installed plugins."""
    frame = Frame(0, (plane.shape[0], plane.shape[1]), lambda: plane, {"plane": lambda samples: samples}, lambda _: (0,))
    regions = [Region(box, 1.0, "tile", "identity", Action.REDACT) for box in boxes]
    context = Context(Labels(), "training", (), Keys(bytes(32)), Deadline.after(SECONDS), Dataset())
    made = plane.copy()
    for patch in _redactor(model, mode).redact(frame, regions, context).patches:
        x0, y0, x1, y1 = patch.box
        made[y0:y1, x0:x1] = 0 if patch.samples is None else patch.samples
    return made


def redactions(models: Sequence[str]) -> dict[str, Redaction]:
    """By name; ``models`` are those of the inpainting redactor, each as ``model`` or ``model:mode``."""
    found: dict[str, Redaction] = {"black": black, "blur": blurred, "mosaic": mosaic}
    for entry in models:
        model, _, mode = entry.partition(":")
        found[entry] = partial(inpainted, model, mode or "conditioned")
    return found
