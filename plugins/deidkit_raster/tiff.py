"""TIFF files page by page (TIFF 6.0, BigTIFF): sizes from the directories, samples through whichever reader can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image as Pillow

from deidkit.errors import ItemError, UnreadableFile, UnsupportedFile
from deidkit.limits import Limits
from deidkit.types import Array
from deidkit_raster.ifd import count_pages
from deidkit_raster.pages import ORIENTATION, Page, decode_page, swapped, turned

MINISWHITE, MINISBLACK, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
READABLE = (MINISWHITE, MINISBLACK, RGB, PALETTE, YCBCR)


class TiffPages:
    """The pages of one file, checked but not decoded.

    Raises:
        UnreadableFile, UnsupportedFile, OverBudget.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self.shapes: list[tuple[int, int]] = []
        try:
            pages = count_pages(path, limits.frames)
            limits.check_frames(pages)
            with tifffile.TiffFile(path) as file:
                self.shapes += [self._check(page, file.filehandle.size, limits) for page in file.pages]
                self._check_hidden(file, pages)
        except ItemError:
            raise
        except Exception:
            raise UnreadableFile("file-malformed", "the TIFF file cannot be opened") from None

    def _check(self, page: Any, size: int, limits: Limits) -> tuple[int, int]:
        """(rows, columns) of a page, upright."""
        samples, bits = page.samplesperpixel, page.bitspersample
        limits.check_frame(page.imagelength, page.imagewidth, samples, max(int(bits), 8))
        if page.imagedepth != 1 or int(page.photometric) not in READABLE or samples not in (1, 2, 3, 4):
            raise UnsupportedFile("pixel-type-unsupported", "only flat grey, colour and palette pages are handled")
        if int(bits) not in (1, 2, 4, 8, 16) or int(page.sampleformat) != 1:
            raise UnsupportedFile("pixel-type-unsupported", "only unsigned samples of up to 16 bits are handled")
        ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
        if not ends or max(ends) > size:
            raise UnreadableFile("file-truncated", "the TIFF file is cut short")
        shape = page.imagelength, page.imagewidth
        return shape[::-1] if _orientation(page) >= 5 else shape

    def _check_hidden(self, file: tifffile.TiffFile, pages: int) -> None:
        """ImageJ writes one directory for a whole stack; the frames behind it would be lost without a word."""
        if len(self.shapes) != pages:
            raise UnreadableFile("file-malformed", "the pages of the TIFF file cannot be counted")
        stack = (file.imagej_metadata or {}).get("images", 1)
        if isinstance(stack, int) and stack > len(file.pages):
            raise UnsupportedFile("stack-unsupported", "an ImageJ stack has frames without a directory of their own")

    def load(self, index: int) -> Page:
        """One decoded page, upright, zero always black.

        Raises:
            UnreadableFile, UnsupportedFile.
        """
        try:
            with tifffile.TiffFile(self._path) as file:
                page: Any = file.pages[index]
                photometric, orientation = int(page.photometric), _orientation(page)
                deep = page.bitspersample == 16
                samples = self._deep(page, index) if deep else None
        except ItemError:
            raise
        except Exception:
            raise UnreadableFile("pixels-undecodable", "a page of the TIFF file cannot be decoded") from None
        if samples is None:
            return self._narrow(index)
        if photometric == MINISWHITE:
            samples = np.iinfo(samples.dtype).max - samples
        mode = {1: "I;16", 2: "LA", 3: "RGB", 4: "RGBA"}[1 if samples.ndim == 2 else samples.shape[2]]
        return Page(turned(samples, orientation), mode)

    def _deep(self, page: Any, index: int) -> Array:
        """16-bit samples, by tifffile or, for compressions that it leaves to other packages, by OpenCV."""
        if int(page.photometric) not in (MINISWHITE, MINISBLACK, RGB):
            raise UnsupportedFile("pixel-type-unsupported", "a palette or YCbCr page of 16 bits is not handled")
        try:
            samples = page.asarray()
        except Exception:
            samples = self._deep_fallback(index)
        if samples.ndim == 3 and int(page.planarconfig) == 2 and samples.shape[0] == page.samplesperpixel:
            samples = np.moveaxis(samples, 0, -1)
        if samples.ndim == 3 and samples.shape[2] == 1:
            samples = samples[..., 0]
        expected = (page.imagelength, page.imagewidth)
        if samples.shape[:2] != expected or samples.dtype != np.uint16:
            raise UnreadableFile("pixels-undecodable", "a page of the TIFF file cannot be decoded")
        return np.ascontiguousarray(samples)

    def _deep_fallback(self, index: int) -> Array:
        import cv2

        done, images = cv2.imreadmulti(str(self._path), start=index, count=1, flags=cv2.IMREAD_UNCHANGED)
        if not done or len(images) != 1:
            raise UnreadableFile("pixels-undecodable", "a page of the TIFF file cannot be decoded")
        return swapped(np.asarray(images[0]))

    def _narrow(self, index: int) -> Page:
        try:
            with Pillow.open(self._path, formats=("TIFF",)) as image:
                image.seek(index)
                return decode_page(image)
        except ItemError:
            raise
        except Exception:
            raise UnreadableFile("pixels-undecodable", "a page of the TIFF file cannot be decoded") from None


def _orientation(page: Any) -> int:
    tag = page.tags.get(ORIENTATION)
    value = tag.value if tag is not None else 1
    return int(value) if value in range(1, 9) else 1
