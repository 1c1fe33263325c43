"""An opened raster file, its pages as frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
from pydicom import Dataset

from deidkit.image import Array, Frame
from deidkit.jpeg.bare import bare_jpeg
from deidkit.jpeg.huffman import Unsuitable
from deidkit.limits import Limits
from deidkit_raster.pages import Page, decode_bytes, orientation_of
from deidkit_raster.probe import Probe, read_probe
from deidkit_raster.surplus import jpeg_surplus, png_surplus, tiff_surplus
from deidkit_raster.tiff import TiffPages
from deidkit_raster.views import Renderer, black_of, views_of


class Once:
    """Decodes a page on first use and keeps it, for a frame and its views alike."""

    def __init__(self, load: Callable[[int], Page], index: int) -> None:
        self._load = load
        self._index = index
        self._page: Page | None = None

    def __call__(self) -> Page:
        if self._page is None:
            self._page = self._load(self._index)
        return self._page

    def samples(self) -> Array:
        return self().samples


class Views(Mapping[str, Renderer]):
    """The views of one page. Which ones there are depends on its samples."""

    def __init__(self, page: Once) -> None:
        self._page = page
        self._found: dict[str, Renderer] | None = None

    def _all(self) -> dict[str, Renderer]:
        if self._found is None:
            self._found = views_of(self._page())
        return self._found

    def __getitem__(self, name: str) -> Renderer:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class RasterImage:
    """See ``deidkit.image.Image``; ``header`` is empty. Frames are upright: EXIF orientation has been applied."""

    is_picture = True

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.header = Dataset()
        self.contradictions: tuple[str, ...] = ()
        limits.check_file(path.stat().st_size)
        self.probe: Probe
        self.probe, self.data = read_probe(path, limits)
        self.tiff = TiffPages(path, limits) if self.probe.kind == "tiff" else None
        self.orientation = orientation_of(self.data) if self.data else 1

    @property
    def carriers(self) -> tuple[str, ...]:
        return self.probe.carriers

    @property
    def frame_count(self) -> int:
        return len(self.tiff.directories) if self.tiff else 1

    def page(self, index: int) -> Page:
        """One decoded page.

        Raises:
            UnreadableFile, UnsupportedFile.
        """
        if not 0 <= index < self.frame_count:
            raise IndexError("frame index out of range")
        return self.tiff.load(index) if self.tiff else decode_bytes(self.data, self.probe.kind, self.probe.deep)

    @cached_property
    def bare(self) -> bytes | None:
        """A JPEG with nothing in it but its samples, bit for bit; None when it has to be written anew.

        That is so for other files, and for a JPEG that is turned, readable only with its markers, or cannot be followed.
        """
        if self.probe.kind != "jpeg" or self.orientation != 1:
            return None
        try:
            data = bare_jpeg(self.data, signatures=False)
        except Unsuitable:
            return None
        same = np.array_equal(self.page(0).samples, decode_bytes(data, "jpeg", deep=False).samples)
        return data if same else None

    def surplus(self, index: int) -> str:
        """See ``deidkit.interfaces.EncodedImage``. A TIFF file is looked at as a whole, with its first page."""
        if self.tiff:
            return "" if index else tiff_surplus(self.path)
        return jpeg_surplus(self.data) if self.probe.kind == "jpeg" else png_surplus(self.data, self.page(0).samples)

    def shape(self, index: int) -> tuple[int, int]:
        """(rows, columns) of one page, upright."""
        if self.tiff:
            return self.tiff.directories[index].shape
        return self.probe.shape[::-1] if self.orientation >= 5 else self.probe.shape

    def frame(self, index: int) -> Frame:
        page = Once(self.page, index)
        return Frame(index, self.shape(index), page.samples, Views(page), lambda _: black_of(page()))

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))
