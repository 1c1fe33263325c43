"""An image that stands in front of another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deidkit.image import Frame, Image

if TYPE_CHECKING:
    from pydicom import Dataset


@dataclass(frozen=True, slots=True)
class ImageProxy:
    """Answers as ``image`` does; see ``deidkit.image.Image``. Subclasses say what differs."""

    image: Image

    @property
    def path(self) -> Path:
        return self.image.path

    @property
    def header(self) -> Dataset:
        return self.image.header

    @property
    def frame_count(self) -> int:
        return self.image.frame_count

    @property
    def carriers(self) -> tuple[str, ...]:
        return self.image.carriers

    @property
    def contradictions(self) -> tuple[str, ...]:
        return self.image.contradictions

    @property
    def is_picture(self) -> bool:
        return self.image.is_picture

    def frame(self, index: int) -> Frame:
        return self.image.frame(index)

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))


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
