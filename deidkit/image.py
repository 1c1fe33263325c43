"""Opened files: boxes, frames and images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, final, runtime_checkable

from numpy.typing import NDArray

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["Array", "Box", "Frame", "Image"]


Box = tuple[int, int, int, int]


Array = NDArray[Any]


@final
class Frame:
    """One frame: stored samples and 8-bit display views. Both are computed on first use and are read-only.

    Views named full, windowN and bandN are further windows on the values of the default view; see ``deidkit.types.is_window``.

    Args:
        index: zero-based frame number.
        shape: (rows, columns).
        load: returns the stored samples, ``(rows, columns)`` or ``(rows, columns, samples per pixel)``, any integer dtype.
        renderers: view name -> function from words to uint8 ``(rows, columns)`` grey or ``(rows, columns, 3)`` RGB, of the same
            rows and columns. The first one is the default view.
        black: function from stored samples to the value of each sample of a pixel that every viewer shows as black.
        words: returns the samples with all bits of their stored words; None if the words have no unused bits.
    """

    __slots__ = ("_black", "_load", "_load_words", "_renderers", "_samples", "_views", "_words", "index", "shape")

    def __init__(
        self,
        index: int,
        shape: tuple[int, int],
        load: Callable[[], Array],
        renderers: Mapping[str, Callable[[Array], Array]],
        black: Callable[[Array], tuple[int, ...]],
        words: Callable[[], Array] | None = None,
    ) -> None:
        self.index = index
        self.shape = shape
        self._load = load
        self._renderers = renderers
        self._black = black
        self._load_words = words
        self._samples: Array | None = None
        self._words: Array | None = None
        self._views: dict[str, Array] = {}

    @property
    def samples(self) -> Array:
        if self._samples is None:
            self._samples = _read_only(self._load())
        return self._samples

    @property
    def words(self) -> Array:
        """The stored words: the samples with the unused bits beside them, in the same shape and dtype.

        The same array as ``samples`` if there are no unused bits.
        """
        if self._load_words is None:
            return self.samples
        if self._words is None:
            self._words = _read_only(self._load_words())
        return self._words

    @property
    def views(self) -> tuple[str, ...]:
        return tuple(self._renderers)

    def view(self, name: str | None = None) -> Array:
        """Return the display view ``name``, or the default view.

        Raises:
            KeyError: the frame has no such view.
        """
        chosen = next(iter(self._renderers)) if name is None else name
        if chosen not in self._views:
            self._views[chosen] = _read_only(self._renderers[chosen](self.words))
        return self._views[chosen]

    @property
    def black(self) -> tuple[int, ...]:
        return self._black(self.samples)

    def __repr__(self) -> str:
        return f"Frame(index={self.index}, shape={self.shape})"


def _read_only(array: Array) -> Array:
    view = array.view()
    view.flags.writeable = False
    return view


@runtime_checkable
class Image(Protocol):
    """An opened file. Frames are decoded one at a time, on demand."""

    @property
    def path(self) -> Path: ...

    @property
    def header(self) -> Dataset:
        """All attributes except the pixel data; empty for raster files. Read-only."""

    @property
    def frame_count(self) -> int:
        """Number of frames; 0 for objects without pixels."""

    @property
    def carriers(self) -> tuple[str, ...]:
        """Other places in the file that may contain text: overlay, icon, graphics, document, comment, trailing, preamble."""

    @property
    def contradictions(self) -> tuple[str, ...]:
        """Contradictions between header and pixel data, in words without identifiers."""

    @property
    def is_picture(self) -> bool:
        """Whether the samples are a picture. Labels and measurements are never altered (``deidkit.imaging.samples``)."""

    def frame(self, index: int) -> Frame: ...

    def frames(self) -> Iterator[Frame]: ...
