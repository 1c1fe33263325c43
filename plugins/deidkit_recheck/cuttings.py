"""What could be writing in frames that are no picture, cut out of them to be read.

A mask shows one shape, a label map one for each label, and all labels together another one; so do the masks of one plane,
since each letter of a word can be a segment of its own. A map of measurements shows its display views. Most shapes of masks
cannot hold a word, because no line through them crosses as many strokes as a word has letters, and most frames of a volume are
empty: what is left of hundreds of frames fits on a few sheets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from deidkit.image import Array, Frame, Image
from deidkit.types import Deadline
from deidkit_recheck.sheets import SIDE, Picture

INK = np.uint8(255)

BINARY, LABELMAP = "BINARY", "LABELMAP"
FEW_VALUES = 8
"""Integers of a frame that has no more different ones are taken for labels, whatever the header says."""
LEAST_LETTER_PX = 3
"""What a letter takes at least, with the space to the next one."""
SOLID_PX, SOLID_SHARE = 64, 0.6
"""A shape that is no letter: so high and wide at least, and so much of the box around it."""
WIDEST_STROKE_PX = 31
RAISED = 99.9
"""Percentile of what stands out of the ground that is shown as white: more than a few hot pixels."""
LEAST_CONTRAST = 4
"""Grey levels that the strokes of a view differ from their ground at least."""
OVERLAP = 200
PLACES = 1 << 16
"""Integers of a frame that lie no farther apart are counted each in a place of its own."""
BAND = 1 << 20
"""Samples that are computed with at a time."""
Ranks = NDArray[np.int32]


def readable(image: Image, letters: int, deadline: Deadline) -> Iterator[Picture]:
    """Everything in ``image`` that may hold a word of so many letters, white on black, each different picture once.

    Raises:
        StageTimeout: the deadline passed.
    """
    kind = str(image.header.get("SegmentationType", "")).strip().upper()
    seen: set[bytes] = set()
    for picture in _pictures(image, kind, letters):
        deadline.check("inspection")
        name = hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).digest()
        if name not in seen:
            seen.add(name)
            yield picture


def _pictures(image: Image, kind: str, letters: int) -> Iterator[Picture]:
    for frame in image.frames():
        yield from frame_pictures(frame, kind in (BINARY, LABELMAP), letters)
    for plane in planes(image.header, image.frame_count) if kind == BINARY else ():
        yield from mask_pictures(_together(image, plane), letters)


def frame_pictures(frame: Frame, labelled: bool, letters: int) -> Iterator[Picture]:
    """What there is to read in one frame; ``labelled`` says that its values are labels, any of which may be written with."""
    if frame.samples.ndim == 2 and frame.samples.dtype.kind in "iu":
        numbers, counts = _numbered(frame.samples)
        if labelled or len(counts) <= FEW_VALUES:
            yield from _label_pictures(numbers, counts, letters)
            return
    for name in frame.views:
        yield from reliefs(frame.view(name))


def reliefs(view: Picture) -> Iterator[Picture]:
    """The bright strokes of a view and its dark ones, on an even ground whatever lies below them."""
    for grey in (view,) if view.ndim == 2 else np.moveaxis(view, 2, 0):
        for side in (grey, 255 - grey):
            kernel = np.ones((WIDEST_STROKE_PX, WIDEST_STROKE_PX), np.uint8)
            raised = cv2.morphologyEx(np.ascontiguousarray(side), cv2.MORPH_TOPHAT, kernel, borderType=cv2.BORDER_REPLICATE)
            peak = float(np.percentile(raised, RAISED))
            if peak >= LEAST_CONTRAST:
                yield from _fitting(np.asarray(cv2.convertScaleAbs(raised, alpha=255.0 / peak), np.uint8))


def _numbered(samples: Array) -> tuple[Ranks, NDArray[np.int64]]:
    """Each sample as the rank of its value among those of the frame, and how often each of these occurs."""
    low, high = int(samples.min()), int(samples.max())
    if high - low >= PLACES:
        _, found, occurring = np.unique(samples, return_inverse=True, return_counts=True)
        return found.reshape(samples.shape).astype(np.int32), occurring.astype(np.int64)
    counts = np.zeros(high - low + 1, np.int64)
    for rows in _bands(samples):
        counts += np.bincount((samples[rows].astype(np.int64) - low).ravel(), minlength=len(counts))
    ranks = (np.cumsum(counts > 0) - 1).astype(np.int32)
    numbers = np.empty(samples.shape, np.int32)
    for rows in _bands(samples):
        numbers[rows] = ranks[samples[rows].astype(np.int64) - low]
    return numbers, counts[counts > 0]


def _bands(samples: Array) -> Iterator[slice]:
    """All rows, some at a time: what is computed of each sample takes several times the memory of the frame."""
    step = max(1, BAND // samples.shape[1])
    return (slice(first, first + step) for first in range(0, samples.shape[0], step))


def _label_pictures(numbers: Ranks, counts: NDArray[np.int64], letters: int) -> Iterator[Picture]:
    """All but the commonest label at once, then each by itself where there are several."""
    ground = int(np.argmax(counts))
    yield from mask_pictures((numbers != ground).astype(np.uint8), letters)
    if len(counts) <= 2:
        return
    for number, (x0, y0, x1, y1) in enumerate(_extents(numbers, len(counts))):
        if number != ground:
            yield from mask_pictures((numbers[y0:y1, x0:x1] == number).astype(np.uint8), letters)


def _extents(numbers: Ranks, count: int) -> Iterator[tuple[int, int, int, int]]:
    """The smallest box around each number below ``count``."""
    first, last = np.full((2, count), numbers.size), np.zeros((2, count), np.int64)
    for band in _bands(numbers):
        flat = numbers[band].ravel()
        rows, columns = np.indices(numbers[band].shape).reshape(2, -1)
        for axis, places in enumerate((columns, rows + band.start)):
            np.minimum.at(first[axis], flat, places)
            np.maximum.at(last[axis], flat, places + 1)
    return zip(*(values.tolist() for values in (*first, *last)), strict=True)


def mask_pictures(mask: Picture, letters: int) -> Iterator[Picture]:
    """A mask of 0 and 1 taken apart: its outermost shapes, their holes, the shapes in these holes, and so on.

    Readers pass over text with a line around it, and a name can be cut out of an organ.
    """
    if not may_hold(mask, letters):
        return
    for shape in map(_without_solids, _nested(mask)):
        rows, columns = np.flatnonzero(shape.any(axis=1)), np.flatnonzero(shape.any(axis=0))
        if not len(rows):
            continue
        cutting = shape[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        if may_hold(cutting, letters):
            yield from _fitting(np.ascontiguousarray(cutting * INK))


def _nested(mask: Picture) -> Iterator[Picture]:
    """Masks of the parts at each depth of nesting: ink at even depths, ground enclosed by ink at odd ones."""
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    parents = hierarchy[0, :, 3]
    depths, above = np.zeros(len(parents), np.int64), parents
    while (above >= 0).any():
        depths += above >= 0
        above = np.where(above >= 0, parents[above], -1)
    level = np.full(mask.shape, -1, np.int16)
    for depth in range(int(depths.max()) + 1):
        outlines = [contour for contour, its in zip(contours, depths, strict=True) if its == depth]
        filled = cv2.drawContours(np.zeros_like(mask), outlines, -1, 1, cv2.FILLED)
        level[(filled == 1) & (mask == (depth + 1) % 2)] = depth
    yield from ((level == depth).astype(np.uint8) for depth in range(int(depths.max()) + 1) if (level == depth).any())


def _without_solids(mask: Picture) -> Picture:
    """Without shapes that are large and filled, as organs are and letters are not; they would hide what stands beside them."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    width, height, area = (stats[:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    kept = (np.minimum(width, height) < SOLID_PX) | (area < SOLID_SHARE * width * height)
    kept[0] = False
    return np.asarray(kept[parts], np.uint8)


def may_hold(mask: Picture, letters: int) -> bool:
    """Whether a line across or down crosses at least so many strokes, as one does through a word of that many letters."""
    if min(mask.shape) < LEAST_LETTER_PX or max(mask.shape) < letters * LEAST_LETTER_PX:
        return False
    ink = np.pad(mask, 1).astype(np.int8)
    return any(int((np.diff(ink, axis=axis) == 1).sum(axis=axis).max()) >= letters for axis in (0, 1))


def _fitting(picture: Picture) -> Iterator[Picture]:
    """``picture`` in pieces that fit on a sheet: in tiles, and at half the size until all of it fits."""
    while max(picture.shape) > SIDE:
        yield from (picture[y : y + SIDE, x : x + SIDE] for y in _starts(picture.shape[0]) for x in _starts(picture.shape[1]))
        half = (max(1, picture.shape[1] // 2), max(1, picture.shape[0] // 2))
        picture = np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_AREA), np.uint8)
    yield picture


def _starts(length: int) -> range:
    return range(0, max(1, length - OVERLAP), SIDE - OVERLAP)


def planes(header: Dataset, count: int) -> list[list[int]]:
    """The frames of each plane that has several, by their Plane Position (PS3.3 C.7.6.16.2.3, C.8.12.6.1); all frames where
    the header does not place them.
    """
    found: dict[Any, list[int]] = {}
    for index in range(count):
        found.setdefault(_position(header, index), []).append(index)
    return [frames for frames in found.values() if len(frames) > 1]


def _position(header: Dataset, index: int) -> tuple[str, ...]:
    try:
        group = header.PerFrameFunctionalGroupsSequence[index]
        if "PlanePositionSequence" in group:
            return tuple(map(str, group.PlanePositionSequence[0].ImagePositionPatient))
        place = group.PlanePositionSlideSequence[0]
        names = (
            "ColumnPositionInTotalImagePixelMatrix",
            "RowPositionInTotalImagePixelMatrix",
            "ZOffsetInSlideCoordinateSystem",
        )
        return tuple(str(place.get(name)) for name in names)
    except Exception:  # whatever is wrong with it, the frames are then taken together
        return ()


def _together(image: Image, plane: Sequence[int]) -> Picture:
    """What any of these frames marks."""
    marked = image.frame(plane[0]).samples != 0
    for index in plane[1:]:
        marked |= image.frame(index).samples != 0
    return np.asarray(marked, np.uint8)
