"""Reads attack views with a detector that reads."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from deidkit.image import Array, Frame
from deidkit.interfaces import Detector
from deidkit.types import Context
from deidkit_reconstruct.attack.views import READ

TALL = 32
BORDER = 16


def alike(one: str, other: str) -> float:
    """1 minus the edit distance (Levenshtein 1966) as a share of the longer text; letters' case and spaces do not count."""
    a, b = ("".join(text.casefold().split()) for text in (one, other))
    if not a or not b:
        return 0.0
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, candidate in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (letter != candidate))
    return 1.0 - row[-1] / max(len(a), len(b))


def read(values: Array, detector: Detector, context: Context) -> list[str]:
    """What the detector reads in the attack views of float32 ``values``."""
    frames = [_frame(make(values), index) for index, make in enumerate(READ.values())]
    answers = [detector.detect([frame], context)[0] for frame in frames]
    return [" ".join(region.text for region in found if region.text) for found in answers]


def best(read_texts: Sequence[str], truth: str) -> float:
    """Largest similarity of any of the texts read to the true one."""
    return max((alike(text, truth) for text in read_texts), default=0.0)


def _frame(view: Array, index: int) -> Frame:
    scale = max(1, round(TALL / min(view.shape)))
    shown = cv2.resize(view, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR) if scale > 1 else view
    level = int(np.median(shown))
    framed = cv2.copyMakeBorder(shown, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_CONSTANT, value=(level,))
    return Frame(index, framed.shape[:2], lambda: framed, {"attack": lambda samples: samples}, lambda _: (0,))
