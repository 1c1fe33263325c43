"""Some frames of an image in one of their views only, as if these were an image of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deidkit.proxy import ImageProxy
from deidkit.types import Frame


@dataclass(frozen=True, slots=True)
class OneView(ImageProxy):
    """The frames ``members`` of ``image``, renumbered from zero, with ``view`` as their samples and their only view."""

    view: str
    members: Sequence[int]

    @property
    def frame_count(self) -> int:
        return len(self.members)

    @property
    def carriers(self) -> tuple[str, ...]:
        return ()

    def frame(self, index: int) -> Frame:
        frame = self.image.frame(self.members[index])
        return Frame(index, frame.shape, lambda: frame.view(self.view), {self.view: np.asarray}, lambda _: (0,))
