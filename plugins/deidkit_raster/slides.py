"""Slide-like TIFF files: which pages are smaller copies of which, and which show the label of the slide.

Scanners of slides (Aperio, Hamamatsu, Leica, Philips, Ventana) write one image in several sizes, as pages of their own or as
directories below a page (SubIFDs), and beside it photographs of the slide's paper label and of the whole slide (macro).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deidkit.errors import UnsupportedFile

REDUCED, MACRO = 1, 8
"""Bits of NewSubfileType: a smaller copy (TIFF 6.0), and Aperio's own for the macro image."""

_LABEL = re.compile(
    r"(?:^|[\r\n])\s*(?:label|macro|overview|probe[ _-]image)\b|\bName=\"[^\"]*\b(?:label|macro|overview)\b", re.IGNORECASE
)
"""A line that begins like this (Aperio, Philips, Ventana), or an image of that name in OME-XML."""

_VENDORS = re.compile(r"^Aperio |<scn\b|<iScan\b|^Hamamatsu|ObjectType=\"DPUfsImport\"|PerkinElmer-QPI")
LEAST_RATIO = 1.25
"""How many times smaller than its image a copy is at least."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One image of a file.

    Args:
        page: its number in the main chain, or that of the page it lies below.
        below: its number among the SubIFDs of that page; None for a page of the main chain.
        shape: (rows, columns), upright.
        tile: (rows, columns) of its tiles, upright; None for strips.
        kind: NewSubfileType.
        text: what the file says about it, in memory only.
        lens: what Hamamatsu says about it: negative for photographs of the slide.
    """

    page: int
    below: int | None
    shape: tuple[int, int]
    tile: tuple[int, int] | None
    kind: int
    text: str
    lens: float


def images_of(directories: Sequence[Directory]) -> list[list[int]]:
    """The directories of each image, the largest one first; one alone in files that are not slide-like.

    Raises:
        UnsupportedFile: a directory shows the slide's label, or it cannot be told what it shows.
    """
    if not _is_slide_like(directories):
        return [[index] for index in range(len(directories))]
    if any(_shows_label(directory) for directory in directories):
        raise UnsupportedFile("slide-label", "a page shows the label of a slide, or an overview of the slide with its label")
    images: list[list[int]] = []
    for index, directory in enumerate(directories):
        first = directories[images[-1][0]] if images else None
        if first is not None and (directory.below is not None or directory.kind & REDUCED or directory.shape != first.shape):
            if not _is_copy(directory.shape, first.shape) or (directory.below is not None and directory.page != first.page):
                raise UnsupportedFile("slide-pages-unclear", "a page is no smaller copy of the one before, and not of its size")
            images[-1].append(index)
        else:
            images.append([index])
    shapes = [[directories[index].shape for index in image] for image in images]
    if any(len(set(found)) < len(found) for found in shapes) or len({len(found) for found in shapes}) > 1:
        raise UnsupportedFile("slide-pages-unclear", "it cannot be told which page is a smaller copy of which")
    return images


def _is_slide_like(directories: Sequence[Directory]) -> bool:
    tiled = {directory.shape for directory in directories if directory.tile}
    copies = any(directory.below is not None or directory.kind & (REDUCED | MACRO) for directory in directories)
    return copies or len(tiled) > 1 or any(d.lens < 0 or _VENDORS.search(d.text) for d in directories)


def _shows_label(directory: Directory) -> bool:
    return directory.lens < 0 or bool(directory.kind & MACRO or _LABEL.search(directory.text))


def _is_copy(shape: tuple[int, int], of: tuple[int, int]) -> bool:
    """Whether an image of this shape has the proportions of a larger one; each side may be rounded by one."""
    if shape[0] * LEAST_RATIO > of[0] + 1 or shape[1] * LEAST_RATIO > of[1] + 1:
        return False
    return abs(of[0] * shape[1] - of[1] * shape[0]) <= 2 * sum(of)
