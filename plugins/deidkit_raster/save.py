"""Writes raster images without any metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from math import ceil, floor
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image as Pillow

from deidkit.errors import InvariantBroken
from deidkit.image import Array, Box
from deidkit.imaging.boxes import clip
from deidkit.types import Edit, Masks, Patch
from deidkit_raster.image import RasterImage
from deidkit_raster.pages import Page, swapped, without_unused_entries
from deidkit_raster.slides import REDUCED, Directory
from deidkit_raster.tiff import TiffPages
from deidkit_raster.views import black_of

PHOTOMETRIC = {"L": "minisblack", "I;16": "minisblack", "LA": "minisblack", "RGB": "rgb", "RGBA": "rgb", "P": "palette"}


def write_png(page: Page, path: Path, level: int) -> None:
    """One PNG with IHDR, PLTE, tRNS, IDAT and IEND only."""
    with path.open("xb") as stream:
        stream.write(_png_deep(page, level) if page.samples.dtype == np.uint16 else _png(page, level))


def _png(page: Page, level: int) -> bytes:
    image = Pillow.fromarray(np.ascontiguousarray(page.samples))
    buffer = BytesIO()
    if page.palette is not None:
        image = Pillow.frombytes("P", image.size, page.samples.tobytes())
        image.putpalette(page.palette.tobytes(), "RGB")
    if page.transparency:
        image.save(buffer, "PNG", compress_level=level, transparency=page.transparency)
    else:
        image.save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


def _png_deep(page: Page, level: int) -> bytes:
    import cv2

    done, data = cv2.imencode(".png", swapped(page.samples), [cv2.IMWRITE_PNG_COMPRESSION, level])
    if not done:
        raise InvariantBroken("encoder-failed", "a page cannot be written as PNG")
    return bytes(data)


def write_tiff(
    pages: Iterable[Page], directories: Sequence[Directory], copies: Collection[int], path: Path, level: int
) -> None:
    """A TIFF with the given directories, deflated, written page by page.

    ``copies`` are the places of those that show another one smaller.
    """
    below = Counter(directory.page for directory in directories if directory.below is not None)
    with path.open("xb") as stream, tifffile.TiffWriter(stream) as writer:
        for index, (page, directory) in enumerate(zip(pages, directories, strict=True)):
            colormap = None if page.palette is None else page.palette.T.astype(np.uint16) * 257
            writer.write(
                page.samples,
                photometric=PHOTOMETRIC[page.mode],
                planarconfig="contig" if page.samples.ndim == 3 else None,
                extrasamples=["unassalpha"] if page.alpha else None,
                colormap=colormap,
                tile=directory.tile,
                subfiletype=REDUCED if index in copies else 0,
                subifds=below[directory.page] if directory.below is None else None,
                compression="zlib",
                compressionargs={"level": level},
                metadata=None,
                software=False,
            )


def save(image: RasterImage, edits: Sequence[Edit], path: Path, level: int) -> Masks:
    """Writes the image with ``edits`` applied and says which boxes changed.

    Raises:
        InvariantBroken: an edit does not fit the image.
    """
    patches = _by_page(edits, image)
    if image.tiff:
        patches = _in_all_sizes(patches, image.tiff)
        pages = (_edited(image.page, index, patches) for index in range(image.frame_count))
        copies = {index for images in image.tiff.images for index in images[1:]}
        write_tiff(pages, image.tiff.directories, copies, path, level)
    else:
        data = None if patches else image.bare
        if data is None:
            write_png(_edited(image.page, 0, patches), path, level)
        else:
            with path.open("xb") as stream:
                stream.write(data)
    return {index: tuple(patch.box for patch in found) for index, found in sorted(patches.items())}


def _by_page(edits: Sequence[Edit], image: RasterImage) -> dict[int, list[Patch]]:
    """Patches by page, clipped to it."""
    patches: dict[int, list[Patch]] = {}
    for edit in edits:
        if not 0 <= edit.frame < image.frame_count:
            raise InvariantBroken("edit-outside", "an edit names a frame that does not exist")
        for patch in edit.patches:
            inner = clip(patch.box, image.shape(edit.frame))
            if inner is not None:
                patches.setdefault(edit.frame, []).append(_cropped(patch, inner))
    return patches


def _in_all_sizes(patches: dict[int, list[Patch]], tiff: TiffPages) -> dict[int, list[Patch]]:
    """The patches, and a black one in each other size of the same image for every one of them, grown by a pixel."""
    found = {index: list(here) for index, here in patches.items()}
    for images in tiff.images:
        for index in images:
            for other in images:
                boxes = [_scaled(patch.box, tiff.shapes[index], tiff.shapes[other]) for patch in patches.get(index, ())]
                if boxes and other != index:
                    found.setdefault(other, []).extend(Patch(box) for box in boxes)
    return found


def _scaled(box: Box, of: tuple[int, int], to: tuple[int, int]) -> Box:
    """The same place in an image of another size, with a pixel around it."""
    across, down = to[1] / of[1], to[0] / of[0]
    x0, y0, x1, y1 = floor(box[0] * across) - 1, floor(box[1] * down) - 1, ceil(box[2] * across) + 1, ceil(box[3] * down) + 1
    return max(x0, 0), max(y0, 0), min(x1, to[1]), min(y1, to[0])


def _cropped(patch: Patch, inner: tuple[int, int, int, int]) -> Patch:
    if patch.samples is None:
        return Patch(inner)
    x0, y0, x1, y1 = patch.box
    if patch.samples.shape[:2] != (y1 - y0, x1 - x0):
        raise InvariantBroken("patch-mismatch", "a patch has another shape than its box")
    return Patch(inner, patch.samples[inner[1] - y0 : inner[3] - y0, inner[0] - x0 : inner[2] - x0])


def _edited(load: Callable[[int], Page], index: int, patches: dict[int, list[Patch]]) -> Page:
    page = load(index)
    if index not in patches:
        return page
    black = np.array(black_of(page), page.samples.dtype)
    changed: Array = page.samples.copy()
    for patch in patches[index]:
        x0, y0, x1, y1 = patch.box
        target = changed[y0:y1, x0:x1]
        if patch.samples is not None and (patch.samples.shape != target.shape or patch.samples.dtype != target.dtype):
            raise InvariantBroken("patch-mismatch", "a patch has another type than the frame")
        target[...] = (black if changed.ndim == 3 else black[0]) if patch.samples is None else patch.samples
    return without_unused_entries(replace(page, samples=changed))
