"""Which pictures of a multi-frame object are read: a bounded number of frames, and composites that hold all frames."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from deidkit.interfaces import Image
from deidkit.regions import intersection
from deidkit.types import Box, Deadline, Frame, Masks
from deidkit_recheck.looks import picture_frame

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


def composites(image: Image, deadline: Deadline) -> Iterator[Frame]:
    """The brightest and the darkest that each pixel of the default view gets over all frames: text of any frame is in one.

    Memory: two pictures and one frame. Nothing for a single frame, nor when frames differ in size.
    """
    if image.frame_count < 2:
        return
    highest: NDArray[np.uint8] | None = None
    lowest: NDArray[np.uint8] | None = None
    for frame in image.frames():
        deadline.check("recheck composites")
        shown = frame.view()
        if highest is None or lowest is None:
            highest, lowest = shown.copy(), shown.copy()
        elif shown.shape == highest.shape:
            np.maximum(highest, shown, out=highest)
            np.minimum(lowest, shown, out=lowest)
    if highest is not None and lowest is not None:
        yield picture_frame(highest, COMPOSITE)
        yield picture_frame(lowest, COMPOSITE)


def always(boxes_by_frame: Masks, count: int) -> tuple[Box, ...]:
    """The boxes of the first frame that some box of every other frame covers: what is hidden for the whole time."""
    first = boxes_by_frame.get(0, ())
    return tuple(box for box in first if all(_held(box, boxes_by_frame.get(index, ())) for index in range(1, count)))


def _held(box: Box, others: tuple[Box, ...]) -> bool:
    size = (box[2] - box[0]) * (box[3] - box[1])
    return any(intersection(box, other) >= 0.9 * size for other in others)
