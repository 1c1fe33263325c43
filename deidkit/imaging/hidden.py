"""What the display of a frame hides: values that lie too close together to be told apart on a screen, and single bits.

A further view costs a look of every detector and of the proof, so there is one only where something is in it that the views
before hide. All of that is judged in blocks of 8 x 8 pixels, by what they hold and by how many grey levels of it a view shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging.strokes import KERNEL, rows_of_glyphs

Renderer = Callable[[Array], Array]

BLOCK = 8
HIDDEN, VISIBLE = 8, 24
"""Grey levels of range in a block that hide text, and that show it for certain."""
FEW_BLOCKS = 8
"""So many blocks at least that a band has to show and no view before does."""

WIDE = 512
"""Ranges wider than this are looked at in bands."""
BAND, STEPS, MOST_BANDS = 0.05, 36, 2
"""Share of the range that a band covers, so that text at 1.5 % of the range comes out at 30 % grey; how many steps there are
between the first band to choose from and the last one, and how many are chosen at most.
"""

FAINT = 16
"""Grey levels of range in a block below which letters are looked for at full depth."""
FEWEST_BLOCKS = 3
MIDDLE, CHANGES, INK = 0.12, 0.75, 0.7
"""Letters on their ground have two tones: the largest shares of a block's pixels between both, of neighbours that differ (those
across and those down added), and of ink.
"""
STANDS_OUT = 0.4
"""Share of the highest stroke around from which on a pixel is ink."""
SEPARATION, ROW_INK, ROW_CHANGES, SPECKS, COVER, GLYPHS, ASPECT = 5.0, 0.5, 0.5, 0.2, 0.6, 4, 1.5
"""A row of letters: distance of ink and ground in their standard deviations, the largest share of ink, of neighbours that
differ and of ink in specks, the least share of the row in blocks that the display hides, the fewest glyphs, and the least
width in heights.
"""
BESIDE = 17
"""Blocks, in all, across and down around a row of letters that their view shows: further letters, and not all of a texture."""
SURER = 2
"""How much further ink and ground have to be apart in the difference of two colours, where chroma of a JPEG leaves traces."""
SPECK, RIM, REACH = 5, 4, 5
"""Pixels that are no letter; pixels of ground around a row; blocks around one that its values are stretched by."""

BUSY = 4
"""Steps of the next higher bit that a block has to span before a lower bit that is constant in it is no chance."""
DISTINCT, SAMPLED = 8, 64
"""So many values in a block are more than drawings have, and in so many blocks they are counted."""
LARGEST_SHIFT = 32
AT_ONCE = 8192
"""Blocks that are judged at once, so that little memory is needed."""


class Blocks(NamedTuple):
    """Lowest and highest value of every block of a plane; part blocks at the right and bottom count as well."""

    low: Array
    high: Array

    def contrast(self, shade: Callable[[Array], Array]) -> Array:
        """Range of ``shade``, which is monotone, in every block."""
        shown: Array = np.abs(shade(self.high).astype(np.float32) - shade(self.low).astype(np.float32))
        return shown


def blocks(plane: Array) -> Blocks:
    whole = _whole(plane)
    return Blocks(_reduced(whole, np.minimum), _reduced(whole, np.maximum))


def _whole(plane: Array) -> Array:
    """``plane`` extended to whole blocks."""
    short = [(0, -length % BLOCK) for length in plane.shape]
    return np.pad(plane, short, mode="edge") if any(more for _, more in short) else plane


def _reduced(whole: Array, operation: Any) -> Array:
    lines = operation.reduce(whole.reshape(-1, BLOCK, whole.shape[1]), axis=1)
    reduced: Array = operation.reduce(lines.reshape(len(lines), -1, BLOCK), axis=2)
    return reduced


def _by_block(whole: Array) -> Array:
    """A view of whole blocks: (row of blocks, line, column of blocks, pixel)."""
    rows, columns = whole.shape
    return whole.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK)


def shows_more(contrast: Array, shown: Array) -> bool:
    """Whether a view with this ``contrast`` in every block shows what is hidden as long as there are only those ``shown``."""
    return _news(contrast, shown) >= FEW_BLOCKS


def _news(contrast: Array, shown: Array) -> int:
    return int(np.count_nonzero((contrast >= VISIBLE) & (shown < HIDDEN)))


class Band(NamedTuple):
    """A part of the occupied range; ``place`` in it, counted from its low end."""

    place: int
    low: float
    high: float

    def view(self, values: Array) -> Array:
        """uint8: values from ``low`` to ``high`` stretched from black to white."""
        steps = np.float32(255 / (self.high - self.low))
        shown: Array = np.clip((values.astype(np.float32) - np.float32(self.low)) * steps, 0, 255).astype(np.uint8)
        return shown


def bands(grids: Sequence[Blocks], shown: Array, low: float, high: float) -> list[Band]:
    """The bands of the range from ``low`` to ``high`` that show most of what is hidden so far, best first.

    Args:
        grids: blocks of one plane, or of each colour.
        shown: grey levels that the views so far show in every block, in any colour.
    """
    width = BAND * (high - low)
    if not width > 0:
        return []
    starts = [low + index * (high - low - width) / STEPS for index in range(STEPS + 1)]
    contrasts = [np.max([grid.contrast(_band(start, width)) for grid in grids], axis=0) for start in starts]
    chosen: list[Band] = []
    for _ in range(MOST_BANDS):
        best = int(np.argmax([_news(contrast, shown) for contrast in contrasts]))
        if not shows_more(contrasts[best], shown):
            break
        chosen.append(Band(best, starts[best], starts[best] + width))
        shown = np.maximum(shown, contrasts[best])
    return chosen


def _band(start: float, width: float) -> Callable[[Array], Array]:
    return lambda values: 255 * np.clip((values - start) / width, 0, 1)


def colour_bands(colours: Array, levels: float) -> dict[str, Renderer]:
    """Views of bands, from ``colours`` (rows, columns, 3) of which one step is shown by ``levels`` grey levels."""
    grids = [blocks(colours[..., index]) for index in range(colours.shape[2])]
    low, high = (int(ends) for ends in (colours.min(), colours.max()))
    if high - low <= WIDE:
        return {}
    shown = np.max([levels * grid.contrast(np.asarray) for grid in grids], axis=0)
    return {f"band{band.place}": band.view for band in bands(grids, shown, low, high)}


class Plane(NamedTuple):
    """One plane of a frame. ``pick`` takes it from the samples; ``levels`` are the grey levels that one step of it is shown by,
    ``shown`` those that views show in every block; ``above`` is a plane that may tell the same letters.
    """

    pick: Callable[[Array], Array]
    levels: float
    shown: Array
    above: Array | None = None


def colour_planes(colours: Array, levels: float, of: Callable[[Array], Array] = np.asarray) -> list[Plane]:
    """The planes of RGB ``colours`` that may hide letters: the first colour, and how the others differ from it.

    Args:
        levels: grey levels that one step of a colour is shown by.
        of: gives ``colours`` from the samples of the frame.
    """

    def colour(index: int) -> Callable[[Array], Array]:
        return lambda samples: of(samples)[..., index]

    def difference(index: int) -> Callable[[Array], Array]:
        return lambda samples: of(samples)[..., index].astype(np.int32) - of(samples)[..., 0]

    first = colours[..., 0]
    planes = [plain_plane(first, levels, colour(0))]
    for index in range(1, colours.shape[2]):
        apart = colours[..., index].astype(np.int32) - first
        if apart.any():
            planes.append(plain_plane(apart, levels, difference(index), above=first, bits=False))
            planes.append(Plane(colour(index), levels, np.full(planes[0].shown.shape, 255)))
    return planes


def plain_plane(
    values: Array, levels: float, pick: Callable[[Array], Array], *, above: Array | None = None, bits: bool = True
) -> Plane:
    """A plane that is shown as it is, by ``levels`` a step. ``bits`` False where its single bits mean nothing."""
    return Plane(pick, levels if bits else HIDDEN, levels * blocks(values).contrast(np.asarray), above)


def palette_views(indices: Array, table: Array) -> dict[str, Renderer]:
    """View name -> renderer of palette indices: the picture; ``duplicates``, which of several indices of one colour a pixel
    has, where the frame uses such; and letters in colours that look alike.

    Args:
        table: RGB of every index from 0 on, uint8 or uint16; other indices have the colour of the nearest one.
    """
    shift = 8 * (table.dtype.itemsize - 1)

    def coloured(indices: Array) -> Array:
        found: Array = table[np.clip(indices, 0, len(table) - 1)]
        return found

    def plain(indices: Array) -> Array:
        return (coloured(indices) >> shift).astype(np.uint8)

    views: dict[str, Renderer] = {"default": plain}
    planes = colour_planes(coloured(indices), 2.0**-shift, coloured)
    used = np.unique(indices)
    ranks = _ranks(plain(used))
    top = int(ranks.max())
    if top:
        levels = np.where(ranks > 0, 128 + 127 * ranks // top, 0).astype(np.uint8)
        views["duplicates"] = lambda s: levels[np.searchsorted(used, s)]
        planes.append(plain_plane(views["duplicates"](indices), 1, views["duplicates"], bits=False))
    return views | further_views(indices, planes)


def _ranks(colours: Array) -> Array:
    """How many of the ``colours`` (n, 3) before each one are the same."""
    _, which, counts = np.unique(colours, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(which.reshape(-1), kind="stable")
    first = np.repeat(np.cumsum(counts) - counts, counts)
    ranks = np.empty(len(colours), np.int64)
    ranks[order] = np.arange(len(colours)) - first
    return ranks


def further_views(samples: Array, planes: Sequence[Plane]) -> dict[str, Renderer]:
    """Views of letters that no view shows: ``letters``, stretched around them at full depth, and ``bitN`` for letters in one
    low bit over a picture in the bits above it. None where there are no such letters.
    """
    found: list[tuple[Plane, Letters]] = []
    views: dict[str, Renderer] = {}
    bits: dict[int, list[tuple[Plane, Letters]]] = {}
    for plane in planes:
        values = plane.pick(samples)
        grid = blocks(values)
        letters = find_letters(values, grid, plane.shown, plane.above)
        if letters is not None:
            found.append((plane, letters))
        for bit, low_letters in letters_in_bits(values, grid, plane.levels):
            bits.setdefault(bit, []).append((plane, low_letters))
    if found:
        views["letters"] = lambda s: _laid_over([(letters, plane.pick(s)) for plane, letters in found])
    for bit, places in sorted(bits.items()):
        views[f"bit{bit}"] = _of_bit(bit, places)
    return views


def _of_bit(bit: int, places: Sequence[tuple[Plane, Letters]]) -> Renderer:
    return lambda s: _laid_over([(letters, plane_of_bit(plane.pick(s), bit)) for plane, letters in places])


def _laid_over(planes: Sequence[tuple[Letters, Array]]) -> Array:
    """One picture of the letters of all planes."""
    if len(planes) == 1:
        return planes[0][0].stretched(planes[0][1])
    brightest: Array = np.max([letters.on_dark(values) for letters, values in planes], axis=0)
    return brightest


def plane_of_bit(values: Array, bit: int) -> Array:
    """uint8 0 or 255: one bit of ``values``, in two's complement."""
    return ((values >> bit) & 1).astype(np.uint8) * np.uint8(255)


@dataclass(frozen=True, slots=True)
class Letters:
    """Blocks in and around letters, and the range of values around each of them."""

    near: Array = field(repr=False)
    around: Blocks = field(repr=False)

    def stretched(self, plane: Array) -> Array:
        """uint8: ``plane`` stretched to the range around each place, black away from letters."""
        whole = _by_block(_whole(plane))
        picture = np.zeros(whole.shape, np.uint8)
        gain = np.float32(255) / np.maximum(self.around.high - self.around.low, 1)
        for row in np.flatnonzero(self.near.any(axis=1)).tolist():
            low, steps, near = (part[row][:, None] for part in (self.around.low, gain, self.near))
            picture[row] = np.clip((whole[row] - low) * steps, 0, 255) * near
        rows, columns = plane.shape
        return picture.reshape(len(whole) * BLOCK, -1)[:rows, :columns]

    def on_dark(self, plane: Array) -> Array:
        """The same with the ground dark, so that pictures of several planes can be laid over each other."""
        picture = self.stretched(plane)
        rows, columns = plane.shape
        inside = self.near.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)[:rows, :columns]
        return np.where(inside, 255 - picture, picture) if np.median(picture[inside]) > 127 else picture


def find_letters(plane: Array, grid: Blocks, shown: Array, above: Array | None = None) -> Letters | None:
    """Rows of letters in blocks of which ``shown`` says that they show less than ``FAINT`` grey levels.

    Strokes are what an opening or a closing takes away (top-hat, Serra 1982), so that slopes of the ground do not matter.
    Letters have two tones; noise, which has many, is left out block by block before anything dear is done.

    Args:
        plane: integers ``(rows, columns)`` of any depth; ``grid`` are its blocks.
        above: what else is known of each pixel; letters that can be told by it are no news.
    """
    may = shown < FAINT
    if np.count_nonzero(may & (grid.high > grid.low)) < FEWEST_BLOCKS:
        return None
    whole = _offset(_whole(plane), grid)
    toned, rows = np.zeros(may.shape, np.bool_), np.zeros(may.shape, np.bool_)
    for strokes in _strokes(whole):
        top = _reduced(strokes, np.maximum)
        two = _two_toned(strokes, top, may)
        if np.count_nonzero(two) >= FEWEST_BLOCKS:
            rows |= _rows(strokes, two, top, may, above)
            toned |= two
    if not rows.any():
        return None
    near = _grown(toned, 3) & _grown(rows, BESIDE) & may
    return Letters(near, _around(grid, near))


def _offset(whole: Array, grid: Blocks) -> Array:
    """The same differences between values in a type that OpenCV knows."""
    if whole.dtype in (np.uint8, np.uint16):
        return whole
    low, high = int(grid.low.min()), int(grid.high.max())
    if high - low < 1 << 16:
        return (whole.astype(np.int32) - low).astype(np.uint16)
    return (whole.astype(np.float64) - low).astype(np.float32)


def _strokes(whole: Array) -> Iterator[Array]:
    """How far each pixel stands out of its ground: bright lines, then dark ones."""
    import cv2

    square = cv2.getStructuringElement(cv2.MORPH_RECT, (KERNEL, KERNEL))
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        yield np.asarray(cv2.morphologyEx(whole, operation, square))


def _two_toned(strokes: Array, top: Array, may: Array) -> Array:
    """Blocks whose pixels are ink or ground with little between, in pieces rather than specks."""
    toned = np.zeros(may.shape, np.bool_)
    grid = _by_block(strokes)
    down, across = np.nonzero(may & (top > 0))
    for start in range(0, len(down), AT_ONCE):
        some = down[start : start + AT_ONCE], across[start : start + AT_ONCE]
        share = grid[some[0], :, some[1], :] / top[some].astype(np.float32)[:, None, None]
        ink = share > 0.5
        between = ((share > 1 / 3) & (share < 2 / 3)).mean(axis=(1, 2))
        toned[some] = (between <= MIDDLE) & (_changes(ink) <= CHANGES) & (ink.mean(axis=(1, 2)) <= INK)
    return toned


def _changes(ink: Array) -> Array:
    """Share of neighbours that differ, across and down together, in each picture of flags (n, rows, columns)."""
    down, across = ink[:, 1:] != ink[:, :-1], ink[:, :, 1:] != ink[:, :, :-1]
    changes: Array = down.mean(axis=(1, 2)) + across.mean(axis=(1, 2))
    return changes


def _rows(strokes: Array, toned: Array, top: Array, may: Array, above: Array | None) -> Array:
    """The blocks of rows of letters in and around the blocks ``toned``."""
    near = _grown(toned, 3) & may
    down, across = np.nonzero(near)
    part = slice(down.min(), down.max() + 1), slice(across.min(), across.max() + 1)
    place = tuple(slice(axis.start * BLOCK, axis.stop * BLOCK) for axis in part)
    strokes = strokes[place]
    inside = np.zeros(strokes.shape, np.bool_)
    _by_block(inside)[:] = near[part][:, None, :, None]
    ink_from = np.maximum(STANDS_OUT * _widest(np.where(toned, top, 0))[part], 1)
    mask = np.zeros(strokes.shape, np.uint8)
    mask[inside & (_by_block(strokes) >= ink_from[:, None, :, None]).reshape(strokes.shape)] = 255
    rest = None if above is None else _whole(above)[place]
    found = np.zeros(may.shape, np.bool_)
    for box in rows_of_glyphs(mask):
        if _is_row(strokes, inside, mask, box, rest):
            x0, y0, x1, y1 = (value // BLOCK for value in (box[0], box[1], box[2] - 1, box[3] - 1))
            found[part][y0 : y1 + 1, x0 : x1 + 1] = True
    return found


def _is_row(strokes: Array, inside: Array, mask: Array, box: Box, above: Array | None) -> bool:
    """Whether what stands in ``box`` is a row of letters on a ground and not a texture, nor already told by ``above``."""
    import cv2

    x0, y0, x1, y1 = box
    if x1 - x0 < ASPECT * (y1 - y0):
        return False
    around = slice(max(0, y0 - RIM), y1 + RIM), slice(max(0, x0 - RIM), x1 + RIM)
    ink = mask[around] > 0
    ground = inside[around] & (cv2.dilate(mask[around], np.ones((3, 3), np.uint8)) == 0)
    if inside[around].mean() < COVER or not ground.any() or ink.mean() > ROW_INK:
        return False
    if _apart(strokes[around], ink, ground) < SEPARATION * (1 if above is None else SURER):
        return False
    heights, areas = _pieces(mask[around])
    if _is_specks(areas) or _changes(ink[None])[0] > ROW_CHANGES or np.count_nonzero(heights >= (y1 - y0) / 2) < GLYPHS:
        return False
    return above is None or abs(_apart(above[around], ink, ground)) < 1


def _pieces(mask: Array) -> tuple[Array, Array]:
    """Height and area of every connected piece of ``mask`` (uint8)."""
    import cv2

    _, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(mask), connectivity=8)
    return stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]


def _is_specks(areas: Array) -> bool:
    return bool(areas[areas < SPECK].sum() > SPECKS * areas.sum())


def _apart(values: Array, ink: Array, ground: Array) -> float:
    """Distance of the means of ink and ground in standard deviations within both."""
    one, other = values[ink].astype(np.float64), values[ground].astype(np.float64)
    within = np.sqrt((one.var() * len(one) + other.var() * len(other)) / (len(one) + len(other)))
    return float((one.mean() - other.mean()) / max(within, 1e-3))


def _grown(flags: Array, side: int) -> Array:
    import cv2

    return np.asarray(cv2.dilate(flags.astype(np.uint8), np.ones((side, side), np.uint8))) > 0


def _widest(values: Array) -> Array:
    """The highest value within reach of every block."""
    import cv2

    return np.asarray(cv2.dilate(values.astype(np.float32), np.ones((REACH, REACH), np.uint8)))


def _around(grid: Blocks, near: Array) -> Blocks:
    """Lowest and highest value within reach of every block, of the blocks ``near`` alone."""
    low, high = grid.low.astype(np.float32), grid.high.astype(np.float32)
    most = np.float32(np.finfo(np.float32).max)
    return Blocks(
        np.where(near, -_widest(np.where(near, -low, -most)), low), np.where(near, _widest(np.where(near, high, -most)), high)
    )


def letters_in_bits(values: Array, grid: Blocks, levels: float) -> Iterator[tuple[int, Letters]]:
    """Rows of letters in single low bits of ``values`` that a display hides, over a picture in the bits above.

    The lowest bits of a picture are noise where it is busy. Where one of them is constant there, it is no part of the picture.
    """
    if levels >= HIDDEN:
        return
    whole = _whole(values)
    some, every = _reduced(whole, np.bitwise_or), _reduced(whole, np.bitwise_and)
    for bit in range(whole.dtype.itemsize * 8 - 2):
        if levels * (1 << bit) >= HIDDEN:
            return
        busy = (grid.high >> bit + 1) - (grid.low >> bit + 1).astype(np.int64) >= BUSY
        zeros, ones = busy & ((some >> bit) & 1 == 0), busy & ((every >> bit) & 1 == 1)
        most = max(np.count_nonzero(zeros), np.count_nonzero(ones))
        if most < FEW_BLOCKS or most == np.count_nonzero(busy) or not _noisy(whole >> bit + 1, zeros | ones):
            continue
        if _follows(whole, bit):
            continue
        plane = plane_of_bit(values, bit)
        letters = find_letters(plane, blocks(plane), np.where(busy, 0, 255), values >> bit + 1)
        if letters is not None:
            yield bit, letters


def _noisy(whole: Array, chosen: Array) -> bool:
    """Whether most of the blocks ``chosen`` hold more values than drawings do; a sample of them is looked at."""
    down, across = np.nonzero(chosen)
    sample = slice(None, None, max(1, len(down) // SAMPLED))
    held = np.sort(_by_block(whole)[down[sample], :, across[sample], :].reshape(-1, BLOCK * BLOCK), axis=1)
    distinct = np.count_nonzero(np.diff(held, axis=1), axis=1) + 1
    return bool(np.median(distinct) >= DISTINCT)


def _follows(values: Array, bit: int) -> bool:
    """Whether the other bits say what a bit is, as they do where values of few bits were multiplied."""
    distinct = np.unique(values)
    return len(distinct) == len(np.unique(distinct & ~distinct.dtype.type(1 << bit)))


def holds_picture(plane: Array) -> bool:
    """Whether ``plane`` (uint8, 0 or 255) holds more than noise or a pattern that goes on by the same step from line to line:
    areas of both values, outlines, or letters beside noise.
    """
    grid = blocks(plane)
    if _goes_on(plane) or _goes_on(plane.T):
        return False
    if min(np.count_nonzero(grid.high == 0), np.count_nonzero(grid.low == 255)) >= FEW_BLOCKS:
        return True
    return _outlined(plane, grid) or find_letters(plane, grid, np.zeros(grid.low.shape)) is not None


def _outlined(plane: Array, grid: Blocks) -> bool:
    """Whether where both values meet they do so along lines, in pieces of the rarer one."""
    mixed = _by_block(_whole(plane) > 0).swapaxes(1, 2)[grid.low != grid.high]
    rarer = plane if np.count_nonzero(plane) * 2 <= plane.size else 255 - plane
    return bool(len(mixed)) and float(np.median(_changes(mixed))) <= CHANGES and not _is_specks(_pieces(rarer)[1])


def _goes_on(plane: Array) -> bool:
    """Whether each line repeats the one before it, shifted by the same number of pixels: stripes, and counters of pixels."""
    before, after = plane[:-1], plane[1:]
    reach = min(LARGEST_SHIFT, plane.shape[1] - 1)
    return any(
        np.array_equal(_shifted(before[:BLOCK], shift), _shifted(after[:BLOCK], -shift))
        and np.array_equal(_shifted(before, shift), _shifted(after, -shift))
        for shift in range(-reach, reach + 1)
    )


def _shifted(lines: Array, shift: int) -> Array:
    """What is left of ``lines`` when ``shift`` pixels are cut off, in front or (below zero) at the end."""
    return lines[:, shift:] if shift >= 0 else lines[:, :shift]
