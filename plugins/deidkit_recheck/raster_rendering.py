"""The pictures of a PNG, JPEG or TIFF file as Pillow makes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from deidkit_recheck.rendered import Colour, Grey, Picture, Rendered, Table, guarded

SUB_IFDS = 330
GREY = ("1", "L", "LA")
BLACK, WHITE = (0, 0, 0, 255), (255, 255, 255, 255)


class RasterRendering:
    """The pages of one file, each with the images below it, decoded one at a time.

    Raises:
        Unrendered: Pillow cannot read the file.
    """

    library = "Pillow"

    def __init__(self, path: Path) -> None:
        with guarded(self.library):
            self._path = path
            self._image = Image.open(path)
            pages = range(int(getattr(self._image, "n_frames", 1)))
            self._places = [(page, below) for page in pages for below in range(-1, self._below(page))]
            self.frame_count = len(self._places)

    def _below(self, page: int) -> int:
        """How many images a TIFF page has below it (SubIFDs), smaller copies most of the time."""
        self._image.seek(page)
        found = self._image.tag_v2.get(SUB_IFDS, ()) if isinstance(self._image, TiffImageFile) else ()
        return len(found) if isinstance(found, tuple) else 1

    def overlays(self) -> Iterator[Picture]:
        return iter(())

    def close(self) -> None:
        self._image.close()

    def frames(self) -> Iterator[Rendered]:
        """All pages in order.

        Raises:
            Unrendered: Pillow cannot decode a page.
        """
        return (self.frame(index) for index in range(self.frame_count))

    def frame(self, index: int) -> Rendered:
        """One page, or an image below one, upright.

        Raises:
            Unrendered: Pillow cannot decode it.
        """
        page, below = self._places[index]
        with guarded(self.library):
            if below < 0:
                self._image.seek(page)
                return rendered(ImageOps.exif_transpose(self._image))
            with Image.open(self._path) as again:  # looking below a page moves the stream of the page
                again.seek(page)
                return rendered(ImageOps.exif_transpose(again.get_child_images()[below]))


def rendered(image: Image.Image) -> Rendered:
    """Grey and colour as they are, deep grey as any tone of its values, transparent pixels opaque, on black and on white."""
    if image.mode.startswith("I") or image.mode == "F":
        table = Table.of(np.asarray(image))
        return Grey(table, table.stored, {})
    shown = {"default": image.convert("L" if image.mode in GREY else "RGB")}
    if image.has_transparency_data:
        whole = image.convert("RGBA")
        for name, ground in (("black", BLACK), ("white", WHITE)):
            shown[name] = Image.alpha_composite(Image.new("RGBA", image.size, ground), whole).convert("RGB")
    return Colour({name: np.asarray(made) for name, made in shown.items()})
