"""Limits of time: one for each frame of an image, and one for all of an item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deidkit.errors import StageTimeout
from deidkit.image import Frame
from deidkit.imaging.proxies import ImageProxy
from deidkit.types import Deadline


@dataclass(frozen=True, slots=True)
class Paced(ImageProxy):
    """``image`` with ``begun`` called with the number of a frame whenever that frame is asked for.

    So each frame has a time limit of its own.
    """

    begun: Callable[[int], None]

    def frame(self, index: int) -> Frame:
        self.begun(index)
        return self.image.frame(index)


def within(deadline: Deadline, beat: Callable[[str, int, float], None]) -> Callable[[str, int, float], None]:
    """``beat`` for work that has a limit as a whole: no part of it is given more seconds than that leaves.

    The one returned raises StageTimeout when nothing is left.
    """

    def limited(stage: str, frame: int, seconds: float) -> None:
        left = deadline.left()
        if left <= 0:
            raise StageTimeout("item-time-limit", f"the item passed its total limit before {stage}")
        beat(stage, frame, min(seconds, left))

    return limited
