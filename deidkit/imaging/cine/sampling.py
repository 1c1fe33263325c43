"""Median and composites of a cine, and the strokes that they do not show."""

from __future__ import annotations

import numpy as np

from deidkit.image import Array, Box, Image
from deidkit.imaging.cine.mosaic import MARGIN
from deidkit.imaging.cine.tracking import cut
from deidkit.imaging.strokes import CONTRAST, grey, rows_of_glyphs, strokes

SAMPLES = 15


OWNED = 0.6


CROWDED = 0.1
"""Share of a frame under new strokes from which on all of it is looked at, because rows of glyphs drown in them."""


DEAR = 0.5
"""The same for the share that cuttings of its rows would take: one look at the frame is cheaper then."""


def median_over_time(image: Image) -> Array:
    """Median of the default view over frames spread evenly through the image."""
    count = image.frame_count
    chosen = sorted({round(i * (count - 1) / (SAMPLES - 1)) for i in range(SAMPLES)})
    stack = np.stack([image.frame(index).view() for index in chosen])
    stack.partition(len(chosen) // 2, axis=0)
    middle: Array = stack[len(chosen) // 2].copy()
    return middle


def oddest_over_time(
    image: Image, span: range, median: Array, further: dict[str, list[int]]
) -> tuple[Array, dict[int, list[Box]]]:
    """At each pixel the value of ``span`` that differs most from the median; and the rows of glyphs that it does not show.

    A row of glyphs is in doubt when fewer than ``OWNED`` of its pixels made it into the composite, and so is all of a frame
    that is too full of strokes to tell rows apart. Frames with further views are entered in ``further``.
    """
    reference = grey(median)
    composite = median.copy()
    best = np.full(reference.shape, CONTRAST - 1, np.uint8)
    owner = np.full(reference.shape, -1, np.int32)
    rows: dict[int, list[tuple[Box, Array]]] = {}
    crowded: dict[int, list[Box]] = {}
    for index in span:
        frame = image.frame(index)
        view = frame.view()
        picture = grey(view)
        deviation = np.maximum(picture, reference) - np.minimum(picture, reference)
        fresh = strokes(picture)
        np.copyto(fresh, 0, where=deviation < CONTRAST)
        found = _rows(fresh)
        for name in frame.views[1:]:
            further.setdefault(name, []).append(index)
        if found is None:
            crowded[index] = [(0, 0, picture.shape[1], picture.shape[0])]
        else:
            rows[index] = [(box, np.packbits(cut(fresh, box) > 0)) for box in found]
        wins = deviation > best
        np.copyto(best, deviation, where=wins)
        np.copyto(owner, index, where=wins)
        np.copyto(composite, view, where=wins if view.ndim == 2 else wins[..., None])
    unowned = {index: doubtful for index, found in rows.items() if (doubtful := _unowned(found, owner, index))}
    return composite, dict(sorted((crowded | unowned).items()))


def _rows(fresh: Array) -> list[Box] | None:
    """Rows of glyphs of one frame; None when all of it has to be looked at, which bounds cost and memory by the frames."""
    if np.count_nonzero(fresh) > CROWDED * fresh.size:
        return None
    found = rows_of_glyphs(fresh)
    area = sum((x1 - x0 + 2 * MARGIN) * (y1 - y0 + 2 * MARGIN) for x0, y0, x1, y1 in found)
    return None if area > DEAR * fresh.size else found


def _unowned(found: list[tuple[Box, Array]], owner: Array, index: int) -> list[Box]:
    doubtful = []
    for box, packed in found:
        held = cut(owner, box)
        mask = np.unpackbits(packed, count=held.size).reshape(held.shape).astype(bool)
        if mask.any() and (held[mask] == index).mean() < OWNED:
            doubtful.append(box)
    return doubtful
