"""The catalogue detector looks at the header and the size of the frame, never at pixels, and keeps nothing between files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deidkit.errors import UnreadableFile
from deidkit.image import Box, Frame
from deidkit.imaging.boxes import clip
from deidkit.types import Context, Region
from deidkit_catalog.match import applies
from deidkit_catalog.model import Signature, builtin_catalogue, read_catalogue
from deidkit_catalog.options import CatalogOptions
from deidkit_catalog.outside import calibrated, outside


class CatalogDetector:
    """See ``deidkit.interfaces.Detector``. Its regions have empty text: they are to be covered whatever is written there."""

    def __init__(self, options: CatalogOptions) -> None:
        catalogues = [builtin_catalogue()] if options.builtin else []
        catalogues += [read_catalogue(Path(path)) for path in options.catalogues]
        self._ultrasound = options.ultrasound == "outside"
        self._signatures: tuple[Signature, ...] = tuple(s for c in catalogues for s in c.signatures)

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Regions of each frame, in the same order; the same for all frames of one size.

        Raises:
            UnreadableFile: a value that says which device made the image, or where, cannot be decoded.
        """
        try:
            return [[_region(box) for box in self._boxes(frame.shape, context)] for frame in frames]
        except Exception:
            raise UnreadableFile("header-undecodable", "a value that the catalogue asks for cannot be decoded") from None

    def _boxes(self, shape: tuple[int, int], context: Context) -> list[Box]:
        boxes: list[Box] = []
        if (context.header.get("Rows", shape[0]), context.header.get("Columns", shape[1])) != shape:
            return boxes
        if self._ultrasound:
            boxes += outside(calibrated(context.header, shape), shape)
        for signature in self._signatures:
            if applies(signature, context.header, shape):
                boxes += [inner for x0, y0, x1, y1 in signature.boxes if (inner := clip((x0, y0, x1, y1), shape))]
        return list(dict.fromkeys(boxes))


def _region(box: Box) -> Region:
    return Region(box, 1.0, "catalog", text="", text_score=0.0)
