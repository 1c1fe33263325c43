"""An image that tells when work on one of its frames begins, so that each of them has a time limit of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deidkit.proxy import ImageProxy
from deidkit.types import Frame


@dataclass(frozen=True, slots=True)
class Paced(ImageProxy):
    """``image`` with ``begun`` called with the number of a frame whenever that frame is asked for."""

    begun: Callable[[int], None]

    def frame(self, index: int) -> Frame:
        self.begun(index)
        return self.image.frame(index)
