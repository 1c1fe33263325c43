"""Which pictures of a multi-frame object are read: a bounded number of frames, and composites that hold all frames."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from deidkit.image import Box, Frame
from deidkit.imaging.boxes import intersection
from deidkit.types import Masks
from deidkit_recheck.looks import Picture, picture_frame

COMPOSITE = -1
"""Index of a frame that was made of all frames."""


def sampled(count: int, most: int, masks: Masks) -> list[int]:
    """At most ``most`` frame numbers spread over time; frames whose masks differ from those before them come first."""
    if count <= most:
        return list(range(count))
    changes = [index for index in range(1, count) if masks.get(index, ()) != masks.get(index - 1, ())]
    spread = [round(step) for step in np.linspace(0, count - 1, most)]
    chosen = dict.fromkeys([0, *changes[: most // 2], *spread])
    return sorted(list(chosen)[:most])


class Composites:
    """The brightest and the darkest that each pixel gets over all pictures: text of any of them is in one.

    Memory: two pictures. Those of another size than the first are left out.
    """

    def __init__(self) -> None:
        self._extremes: tuple[Picture, Picture] | None = None

    def add(self, picture: Picture) -> None:
        if self._extremes is None:
            self._extremes = picture.copy(), picture.copy()
        highest, lowest = self._extremes
        if picture.shape == highest.shape:
            np.maximum(highest, picture, out=highest)
            np.minimum(lowest, picture, out=lowest)

    def frames(self) -> Iterator[Frame]:
        return (picture_frame(picture, COMPOSITE) for picture in self._extremes or ())


def always(boxes_by_frame: Masks, count: int) -> tuple[Box, ...]:
    """The boxes of the first frame that some box of every other frame covers: what is hidden for the whole time."""
    first = boxes_by_frame.get(0, ())
    return tuple(box for box in first if all(_held(box, boxes_by_frame.get(index, ())) for index in range(1, count)))


def _held(box: Box, others: tuple[Box, ...]) -> bool:
    size = (box[2] - box[0]) * (box[3] - box[1])
    return any(intersection(box, other) >= 0.9 * size for other in others)
