"""Training pairs: a clean plane, the same with text, the strokes, and the mask that a redactor would fill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from deidkit.image import Array
from deidkit.imaging.boxes import grow, rasterise
from deidkit.registry import installed
from deidkit_inpaint.fillers import harmonic
from deidkit_inpaint.planes import Range

Random = np.random.Generator
MARGIN = (1, 5)
MOST_MASKED = 0.6
LEAST_STROKE = 30
FLAT = 6.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Planes ``(rows, columns)``: ``clean`` and ``text`` float32 in units of the known pixels' range, ``strokes`` and ``mask``
    boolean.
    """

    clean: Array
    text: Array
    strokes: Array
    mask: Array

    def planes(self, visible: bool) -> Array:
        """The network's input, float32 (3, rows, columns): what it may see, the harmonic filling, the mask."""
        first = harmonic(np.where(self.mask, 0, self.text).astype(np.float32), self.mask)
        seen = np.where(self.mask & (not visible), first, self.text)
        return np.stack([seen, first, self.mask]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one tile has text: ``alpha`` uint8 is the ink's opacity, ``boxes`` are those of its lines."""

    alpha: Array
    boxes: tuple[tuple[int, int, int, int], ...]


class Stock:
    """Backgrounds and layouts drawn once from the generator ``tiles`` and combined at random ever after.

    Args:
        count: tiles of either sort to draw.
        seed: of the tiles.
        conditions: options of the generator, such as pool, part and size.
    """

    def __init__(self, count: int, seed: int, conditions: Mapping[str, Any]) -> None:
        generator = installed().build("generator", "tiles")
        clean = generator.generate(count, seed, {**conditions, "empty": 1.0})
        self.backgrounds = [plane(tile.image) for tile in clean]
        written = generator.generate(count, seed + 1, {**conditions, "empty": 0.0})
        self.layouts = [found for found in map(layout, written) if found.boxes]

    def draw(self, rng: Random, size: int) -> Pair:
        """A pair of ``size`` x ``size`` pixels that has a mask, strokes in it, and something known around it."""
        while True:
            background = self.backgrounds[int(rng.integers(len(self.backgrounds)))]
            chosen = self.layouts[int(rng.integers(len(self.layouts)))]
            made = compose(rng, background, chosen, size)
            if made is not None:
                return made

    def stream(self, seed: int, size: int) -> Iterator[Pair]:
        rng = np.random.default_rng([seed, 13])
        while True:
            yield self.draw(rng, size)


def plane(image: Array) -> Array:
    """uint8 ``(rows, columns)`` of a tile: one colour component, the brightest."""
    return np.ascontiguousarray(image[..., int(np.argmax(image.mean((0, 1))))])


def layout(tile: Any) -> Layout:
    soft = cv2.GaussianBlur(tile.stroke * 255, (0, 0), 0.5)
    return Layout(soft, tuple(line.box for line in tile.instances))


def compose(rng: Random, background: Array, chosen: Layout, size: int) -> Pair | None:
    """A crop of ``background`` with the ink of ``chosen``; None where text covers nothing or nearly everything."""
    rows, columns = background.shape
    y, x = int(rng.integers(rows - size + 1)), int(rng.integers(columns - size + 1))
    place = np.s_[y : y + size, x : x + size]
    alpha = chosen.alpha[place].astype(np.float32) / 255
    margin = int(rng.integers(*MARGIN))
    grown = [box for box in (grow(box, margin, background.shape) for box in chosen.boxes) if box is not None]
    mask = rasterise(grown, (rows, columns))[place]
    strokes = (alpha > 0.4) & mask
    if int(strokes.sum()) < LEAST_STROKE or float(mask.mean()) > MOST_MASKED:
        return None
    clean = _turned(rng, background)[place].astype(np.float32)
    known = clean[~mask]
    if float(known.std()) < FLAT and rng.random() < 0.8:
        return None
    written = clean + (_ink(rng, known) - clean) * alpha
    span = Range.of(known)
    return Pair(span.scale(clean), span.scale(np.where(mask, written, clean)), strokes, mask)


def _ink(rng: Random, known: Array) -> float:
    """Mostly bright, at times dark or hardly another value than the background."""
    roll = rng.random()
    if roll < 0.6:
        return float(rng.uniform(170, 256))
    if roll < 0.75:
        return float(rng.uniform(0, 60))
    return float(np.clip(known.mean() + rng.choice([-1, 1]) * rng.uniform(15, 70), 0, 255))


def _turned(rng: Random, background: Array) -> Array:
    way = int(rng.integers(8))
    turned = background.T if way & 4 and background.shape[0] == background.shape[1] else background
    return np.asarray(turned[:: -1 if way & 1 else 1, :: -1 if way & 2 else 1])
