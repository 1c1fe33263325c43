"""The frames of the format beside those of the library that renders the same file once more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from deidkit.image import Frame, Image
from deidkit_recheck.looks import pictures_frame
from deidkit_recheck.rendered import Picture, Rendered, Unrendered, distance
from deidkit_recheck.rendering import Rendering, rendering_of

ALIKE = 10
"""Levels within which two pictures are one to a reader."""
Pair = tuple[Frame, Rendered | None]


class Pairs:
    """Each frame of ``image`` with what a library shows of it, None where it cannot. Keeps the pair that was asked for last.

    ``frame_count`` is the library's own, None when it cannot read the file; ``unrendered`` why it cannot show all frames.
    """

    def __init__(self, image: Image, path: Path) -> None:
        self._image = image
        self._rendering: Rendering | None = None
        self._kept: Pair | None = None
        self.unrendered: Unrendered | None = None
        try:
            self._rendering = rendering_of(path)
        except Unrendered as reason:
            self.unrendered = reason
        self.frame_count = self._rendering.frame_count if self._rendering else None

    def __enter__(self) -> Pairs:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._rendering:
            self._rendering.close()

    def all(self) -> Iterator[Pair]:
        """The pairs of all frames of the image in order. ``frame_count`` grows where the library finds more."""
        rendered = self._rendering.frames() if self._rendering else iter(())
        for frame in self._image.frames():
            self._kept = (frame, self._next(rendered))
            yield self._kept
        if self.frame_count is not None and self._next(rendered):
            self.frame_count = max(self.frame_count, self._image.frame_count + 1)

    def _next(self, rendered: Iterator[Rendered]) -> Rendered | None:
        try:
            return next(rendered, None)
        except Unrendered as reason:
            self.unrendered = self.unrendered or reason
            return None

    def at(self, index: int) -> Pair:
        if self._kept is None or self._kept[0].index != index:
            self._kept = (self._image.frame(index), self._frame(index))
        return self._kept

    def _frame(self, index: int) -> Rendered | None:
        try:
            return self._rendering.frame(index) if self._rendering else None
        except Unrendered:
            return None

    def overlays(self) -> Iterator[Picture]:
        """Overlay planes that were left in the file."""
        yield from self._rendering.overlays() if self._rendering else ()


def shown(pair: Pair) -> Frame:
    """A frame to read: the library's pictures, what it hides, then every view of the format that shows something else."""
    frame, rendered = pair
    if rendered is None:
        return frame
    pictures = {**rendered.pictures(), **rendered.hidden}
    for name in frame.views:
        view = frame.view(name)
        if not any(alike(view, picture) for picture in pictures.values()):
            pictures[f"{name} of the format"] = view
    return pictures_frame(pictures, frame.index)


def alike(one: Picture, other: Picture) -> bool:
    return one.shape[:2] == other.shape[:2] and not (distance(one, other) > ALIKE).any()
