"""Carries regions found in one picture to the frames that show the same, where it is or where it has moved to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from deidkit.image import Array, Box, Frame, Image
from deidkit.imaging.boxes import grow
from deidkit.imaging.strokes import grey, strokes, thickened

PRESENT = 0.5
RELATIVE = 0.75
STATIC = 0.8
MATCH = 0.5
STEP = 24
PATIENCE = 2
LEAST = 0.1
KEPT = 16
"""Decoded grey frames kept at a time."""

Places = dict[int, tuple[Box, ...]]


@dataclass(frozen=True, slots=True)
class Trace:
    """One region to be carried: its cutting (uint8 grey), the pixels on and beside its strokes, and where it may be.

    ``origin`` is the real frame it was found in, None for a composite of ``frames``.
    """

    box: Box
    cutting: Array = field(repr=False)
    ink: Array = field(repr=False)
    frames: range
    origin: int | None


def trace(source: Frame, box: Box, frames: range, *, real: bool) -> Trace:
    """What of ``source`` has to be looked for elsewhere."""
    picture = grey(source.view())
    around = grow(box, 4, source.shape) or box
    inner = (box[0] - around[0], box[1] - around[1], box[2] - around[0], box[3] - around[1])
    ink = cut(thickened(thickened(strokes(cut(picture, around)))), inner) > 0
    whole = np.ones_like(ink)
    return Trace(box, cut(picture, box), ink if ink.any() else whole, frames, source.index if real else None)


class Carrier:
    """Looks for traces in the frames of one image, all of one size."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._grey: OrderedDict[int, Array] = OrderedDict()

    def places(self, traces: Sequence[Trace]) -> list[Places]:
        """For each trace the frames that show it, and where.

        One of a real frame stays in it, and goes wherever it is seen. One of a composite goes to the frames that show it and to
        all of its frames when none of them can be told to; what the frame most like it shows there is followed as well.
        """
        scores = self._scores(traces)
        found: list[Places] = []
        followed: list[tuple[int, Trace]] = []
        for n, one in enumerate(traces):
            best = max(scores[n], key=scores[n].__getitem__, default=None)
            if one.origin is None and best is not None and scores[n][best] >= LEAST:
                followed.append((n, trace(self._image.frame(best), one.box, range(self._image.frame_count), real=True)))
            found.append(self._places(one, scores[n]))
        for (n, one), again in zip(followed, self._scores([one for _, one in followed]), strict=True):
            for index, boxes in self._places(one, again).items():
                found[n][index] = tuple(dict.fromkeys((*found[n].get(index, ()), *boxes)))
        return found

    def _scores(self, traces: Sequence[Trace]) -> list[dict[int, float]]:
        """How alike each frame is to each trace at the trace's place."""
        scores: list[dict[int, float]] = [{} for _ in traces]
        for index in range(self._image.frame_count) if traces else ():
            wanted = [n for n, one in enumerate(traces) if index in one.frames]
            picture = self._picture(index) if wanted else None
            for n in wanted:
                assert picture is not None  # noqa: S101
                scores[n][index] = correlation(cut(picture, traces[n].box), traces[n].cutting, traces[n].ink)
        return scores

    def _places(self, one: Trace, scores: dict[int, float]) -> Places:
        best = max(scores.values(), default=0.0)
        threshold = PRESENT if one.origin is not None else min(PRESENT, RELATIVE * best)
        here = [index for index, score in scores.items() if score >= max(threshold, LEAST)]
        if (not here and one.origin is None) or len(here) >= STATIC * len(one.frames):
            return dict.fromkeys(one.frames, (one.box,))
        places = dict.fromkeys(here, one.box)
        if one.origin is not None:
            places.setdefault(one.origin, one.box)
            for course in (range(one.origin + 1, self._image.frame_count), range(one.origin - 1, -1, -1)):
                places |= self._follow(one, course, places)
        return {index: (box,) for index, box in places.items()}

    def _follow(self, one: Trace, frames: Iterable[int], known: dict[int, Box]) -> dict[int, Box]:
        """Goes from frame to frame as long as the cutting is found within a few pixels of where it was."""
        import cv2

        found: dict[int, Box] = {}
        box, lost = one.box, 0
        for index in frames:
            if lost > PATIENCE:
                break
            if index in known:
                box, lost = known[index], 0
                continue
            picture = self._picture(index)
            around = grow(box, STEP * (lost + 1), (picture.shape[0], picture.shape[1]))
            if around is None or any(a < b for a, b in zip(cut(picture, around).shape, one.cutting.shape, strict=True)):
                break
            field_of_view = np.ascontiguousarray(cut(picture, around))
            scores = cv2.matchTemplate(field_of_view, np.ascontiguousarray(one.cutting), cv2.TM_CCOEFF_NORMED)
            _, score, _, (dx, dy) = cv2.minMaxLoc(scores)
            if score < MATCH:
                lost += 1
                continue
            x, y = around[0] + dx, around[1] + dy
            box, lost = (x, y, x + one.cutting.shape[1], y + one.cutting.shape[0]), 0
            found[index] = box
        return found

    def _picture(self, index: int) -> Array:
        if index not in self._grey:
            self._grey[index] = grey(self._image.frame(index).view())
            if len(self._grey) > KEPT:
                self._grey.popitem(last=False)
        self._grey.move_to_end(index)
        return self._grey[index]


def correlation(picture: Array, cutting: Array, ink: Array) -> float:
    """Correlation coefficient of two pictures over the pixels of ``ink``; 1 for two flat ones that are alike, else 0."""
    a, b = picture[ink].astype(np.float32), cutting[ink].astype(np.float32)
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else float(not np.any(a) and not np.any(b))


def cut(picture: Array, box: Box) -> Array:
    """The part of ``picture`` inside ``box``."""
    return picture[box[1] : box[3], box[0] : box[2]]
