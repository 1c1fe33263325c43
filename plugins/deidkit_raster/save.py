"""Writes raster images without any metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image as Pillow

from deidkit.errors import InvariantBroken
from deidkit.regions import clip
from deidkit.types import Array, Edit, Masks, Patch
from deidkit_raster.image import RasterImage
from deidkit_raster.pages import Page, swapped
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


def write_tiff(pages: Iterator[Page], path: Path, level: int) -> None:
    """A TIFF with one directory a page, deflated, written page by page."""
    with path.open("xb") as stream, tifffile.TiffWriter(stream) as writer:
        for page in pages:
            colormap = None if page.palette is None else page.palette.T.astype(np.uint16) * 257
            writer.write(
                page.samples,
                photometric=PHOTOMETRIC[page.mode],
                planarconfig="contig" if page.samples.ndim == 3 else None,
                extrasamples=["unassalpha"] if page.alpha else None,
                colormap=colormap,
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
        write_tiff((_edited(image.page, index, patches) for index in range(image.frame_count)), path, level)
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
    return replace(page, samples=changed)
