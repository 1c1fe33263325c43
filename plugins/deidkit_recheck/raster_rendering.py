"""The pictures of a PNG, JPEG or TIFF file as Pillow makes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from deidkit_recheck.rendered import Colour, Grey, Picture, Rendered, Table, guarded

GREY = ("1", "L", "LA")
BLACK, WHITE = (0, 0, 0, 255), (255, 255, 255, 255)


class RasterRendering:
    """The pages of one file, decoded one at a time.

    Raises:
        Unrendered: Pillow cannot read the file.
    """

    library = "Pillow"

    def __init__(self, path: Path) -> None:
        with guarded(self.library):
            self._image = Image.open(path)
            self.frame_count = int(getattr(self._image, "n_frames", 1))

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
        """One page, upright.

        Raises:
            Unrendered: Pillow cannot decode it.
        """
        with guarded(self.library):
            self._image.seek(index)
            return rendered(ImageOps.exif_transpose(self._image))


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
