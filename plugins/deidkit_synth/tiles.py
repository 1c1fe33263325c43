"""Training tiles: background, negatives, text, damage, with truth for every pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_synth import layout, negatives, seams
from deidkit_synth.backgrounds import Backgrounds
from deidkit_synth.fonts import FontBank
from deidkit_synth.paint import Truth

Random = np.random.Generator
ALIKE, DARK = 0.5, 0.15
"""In hard tiles: share of looks that are as bright as their ground, and of grounds that are dark."""


@dataclass(slots=True)
class TileMaker:
    """Makes tiles of ``size`` x ``size`` pixels; ``empty`` is the share without any text.

    A share of ``hard`` lies on ``colourful`` grounds or in the dark, with ``ALIKE`` of its text as bright as they are; of
    ``seams`` on two grounds; of rulers ``ticked`` have ticks.
    """

    backgrounds: Backgrounds
    bank: FontBank
    size: int = 256
    empty: float = 0.3
    negatives: float = 0.55
    damage_share: float = 0.55
    hard: float = 0.0
    colourful: Backgrounds | None = None
    seams: float = 0.0
    ticked: float = 0.0

    def make(self, rng: Random) -> Truth:
        """One tile; the same generator state gives the same tile only when the maker has the same history."""
        truth = self._ground(rng)
        truth.ticked = self.ticked
        if self.seams and rng.random() < self.seams:
            self._join(rng, truth)
        if rng.random() < self.negatives:
            negatives.add(rng, truth.image, 5)
        if rng.random() >= self.empty:
            layout.add(rng, truth, self.bank)
        if rng.random() < self.damage_share:
            truth.image = damage(rng, truth.image, whole_chroma=truth.alike > 0)
        if rng.random() < 0.05:
            truth.image = 255 - truth.image
        return truth

    def _join(self, rng: Random, truth: Truth) -> None:
        shape = (self.size, self.size)
        other = seams.flat(rng, shape) if rng.random() < seams.FLAT else self.backgrounds.draw(rng, *shape)
        truth.image = seams.joined(truth.image, other, seams.side(rng, shape))

    def _ground(self, rng: Random) -> Truth:
        if not self.hard or rng.random() >= self.hard:
            return Truth.of(self.backgrounds.draw(rng, self.size, self.size))
        truth = Truth.of((self.colourful or self.backgrounds).draw(rng, self.size, self.size))
        truth.alike = ALIKE
        if rng.random() < 0.5:
            truth.image = np.ascontiguousarray(truth.image[..., rng.permutation(3)])
        if rng.random() < DARK:
            truth.image = (truth.image * rng.uniform(0.08, 0.4)).astype(np.uint8)
        return truth


def damage(rng: Random, image: Array, whole_chroma: bool = False) -> Array:
    """What happens between the scanner and the file: blur, resampling, noise, JPEG.

    With ``whole_chroma`` JPEG leaves chroma in full resolution: coarser, it takes away text that hue alone shows.
    """
    roll = rng.random()
    if roll < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 0.9)))
    elif roll < 0.4:
        rows, columns = image.shape[:2]
        factor = float(rng.uniform(0.65, 1.4))
        small = cv2.resize(
            image,
            (round(columns * factor), round(rows * factor)),
            interpolation=int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC])),
        )
        image = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR)
    elif roll < 0.55:
        grain = rng.integers(-6, 7, (*image.shape[:2], 1), np.int16) * int(rng.integers(1, 3))
        image = np.clip(image.astype(np.int16) + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        settings = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60 if whole_chroma else 30, 96))]
        if whole_chroma:
            settings += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
        coded = cv2.imencode(".jpg", image, settings)[1]
        decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        if decoded is not None:
            image = decoded
    return np.ascontiguousarray(image)
