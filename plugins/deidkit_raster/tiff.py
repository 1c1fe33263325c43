"""TIFF files page by page (TIFF 6.0, BigTIFF): sizes from the directories, samples through whichever reader can."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image as Pillow

from deidkit.errors import ItemError, UnreadableFile, UnsupportedFile
from deidkit.image import Array
from deidkit.limits import Limits
from deidkit_raster.ifd import Chain
from deidkit_raster.pages import ORIENTATION, Page, decode_page, swapped, turned
from deidkit_raster.slides import REDUCED, Directory, images_of

MINISWHITE, MINISBLACK, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
READABLE = (MINISWHITE, MINISBLACK, RGB, PALETTE, YCBCR)
DESCRIPTION, PAGE_NAME, NEW_SUBFILE_TYPE, SUBFILE_TYPE, SOURCE_LENS = 270, 285, 254, 255, 65421
TILE_STEP = 16
OLD_REDUCED = 2
"""Value of SubfileType, which NewSubfileType has replaced, for a smaller copy."""


class TiffPages:
    """The images of one file, checked but not decoded: the pages of its main chain, each with the directories below it.

    ``images`` are the places of those that show the same in several sizes.

    Raises:
        UnreadableFile, UnsupportedFile, OverBudget.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self.directories: list[Directory] = []
        try:
            with path.open("rb") as stream, tifffile.TiffFile(path) as file:
                chain = Chain(stream, file.filehandle.size, limits.frames)
                pages = chain.count()
                for number, page in enumerate(file.pages):
                    self._add(page, number, None, file.filehandle.size, limits)
                    self._add_below(page, number, chain, limits)
                self._check_hidden(file, pages)
            limits.check_frames(len(self.directories))
            self.images = images_of(self.directories)
        except ItemError:
            raise
        except Exception:
            raise UnreadableFile("file-malformed", "the TIFF file cannot be opened") from None

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(rows, columns) of each image, upright."""
        return [directory.shape for directory in self.directories]

    def _add_below(self, page: Any, number: int, chain: Chain, limits: Limits) -> None:
        chain.check_below(page.subifds or ())
        if page.subifds and len(page.pages) != len(page.subifds):
            raise UnreadableFile("file-malformed", "the pages of the TIFF file cannot be counted")
        for place, below in enumerate(page.pages if page.subifds else ()):
            if below.subifds:
                raise UnsupportedFile("pyramid-unsupported", "a directory below another one has further ones below it")
            self._add(below, number, place, page.parent.filehandle.size, limits)

    def _add(self, page: Any, number: int, below: int | None, size: int, limits: Limits) -> None:
        turned_over = _orientation(page) >= 5
        shape, tile = self._check(page, size, limits), _tile(page)
        self.directories.append(
            Directory(
                page=number,
                below=below,
                shape=shape[::-1] if turned_over else shape,
                tile=tile[::-1] if tile and turned_over else tile,
                kind=_kind(page),
                text="\n".join(str(_value(page, tag, "")) for tag in (DESCRIPTION, PAGE_NAME)),
                lens=float(_value(page, SOURCE_LENS, 0.0)),
            )
        )

    def _check(self, page: Any, size: int, limits: Limits) -> tuple[int, int]:
        """(rows, columns) of a page as stored."""
        samples, bits = page.samplesperpixel, page.bitspersample
        limits.check_frame(page.imagelength, page.imagewidth, samples, max(int(bits), 8))
        if page.imagedepth != 1 or int(page.photometric) not in READABLE or samples not in (1, 2, 3, 4):
            raise UnsupportedFile("pixel-type-unsupported", "only flat grey, colour and palette pages are handled")
        if int(bits) not in (1, 2, 4, 8, 16) or int(page.sampleformat) != 1:
            raise UnsupportedFile("pixel-type-unsupported", "only unsigned samples of up to 16 bits are handled")
        ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
        if not ends or max(ends) > size:
            raise UnreadableFile("file-truncated", "the TIFF file is cut short")
        return page.imagelength, page.imagewidth

    def _check_hidden(self, file: tifffile.TiffFile, pages: int) -> None:
        """ImageJ writes one directory for a whole stack; the frames behind it would be lost without a word."""
        if len(file.pages) != pages:
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
                page = self._page(file, self.directories[index])
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

    def _page(self, file: tifffile.TiffFile, directory: Directory) -> Any:
        page: Any = file.pages[directory.page]
        return page if directory.below is None else page.pages[directory.below]

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

        directory = self.directories[index]
        if directory.below is not None:
            raise UnsupportedFile("compression-unsupported", "a smaller copy is compressed in a way that is not handled here")
        done, images = cv2.imreadmulti(str(self._path), start=directory.page, count=1, flags=cv2.IMREAD_UNCHANGED)
        if not done or len(images) != 1:
            raise UnreadableFile("pixels-undecodable", "a page of the TIFF file cannot be decoded")
        return swapped(np.asarray(images[0]))

    def _narrow(self, index: int) -> Page:
        try:
            directory = self.directories[index]
            if directory.below is not None:
                return decode_page(Pillow.open(BytesIO(self._beginning_with(directory)), formats=("TIFF",)))
            with Pillow.open(self._path, formats=("TIFF",)) as image:
                image.seek(directory.page)
                return decode_page(image)
        except ItemError:
            raise
        except Exception:
            raise UnreadableFile("pixels-undecodable", "a page of the TIFF file cannot be decoded") from None

    def _beginning_with(self, directory: Directory) -> bytes:
        """The file with this directory as its first one, since Pillow finds no others than those of the main chain."""
        data = bytearray(self._path.read_bytes())
        with self._path.open("rb") as stream, tifffile.TiffFile(self._path) as file:
            chain = Chain(stream, len(data), 1)
            offset, width = chain.start
            data[offset : offset + width] = chain.encoded(self._page(file, directory).offset)
        return bytes(data)


def _value(page: Any, tag: int, default: Any) -> Any:
    found = page.tags.get(tag)
    return default if found is None else found.value


def _tile(page: Any) -> tuple[int, int] | None:
    """(rows, columns) of the tiles of a page as stored; None for strips, and for tiles of a size that no writer makes."""
    if not page.is_tiled or page.tilelength % TILE_STEP or page.tilewidth % TILE_STEP:
        return None
    return page.tilelength, page.tilewidth


def _orientation(page: Any) -> int:
    value = _value(page, ORIENTATION, 1)
    return int(value) if value in range(1, 9) else 1


def _kind(page: Any) -> int:
    """NewSubfileType, also of pages that still have the field which it has replaced."""
    return int(_value(page, NEW_SUBFILE_TYPE, 0)) | REDUCED * bool(_value(page, SUBFILE_TYPE, 0) == OLD_REDUCED)
