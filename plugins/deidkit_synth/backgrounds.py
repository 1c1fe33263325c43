"""Clean backgrounds: given real images, split by group, and procedural phantoms; cropped, scaled and toned at random."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from deidkit.errors import ItemError, UsageError
from deidkit.image import Array
from deidkit.item import reading
from deidkit_synth import phantoms

Random = np.random.Generator
DICOM_SUFFIX = ".dcm"
MONTAGE = 0.04
"""Share of backgrounds that are contact sheets."""

COLOURED_SOURCES = {"SM": 3.0, "ES": 6.0, "OP": 4.0, "US": 5.0, "CR": 2.0, "MR": 0.4, "CT": 0.4}
"""How often a real image is drawn by its modality, where grounds are to be coloured or to have texture."""


def part_of(group: str) -> str:
    """``train``, ``validation`` (one group in ten) or ``test`` (one in ten), from a hash of the group's name alone."""
    bucket = hashlib.sha256(group.encode()).digest()[0] % 10
    return {0: "validation", 1: "test"}.get(bucket, "train")


@dataclass(frozen=True, slots=True)
class Source:
    """One real image. ``group`` is the patient, series or video: never on both sides of a split."""

    path: Path
    group: str
    modality: str


def read_pool(root: Path, part: str) -> list[Source]:
    """Images of a pool (manifest.csv beside images/) that were checked to hold no text, of one part of the split.

    Raises:
        UsageError: there is no manifest.csv with the columns file, group, class and has_text.
    """
    try:
        with (root / "manifest.csv").open(newline="") as stream:
            rows = [row for row in csv.DictReader(stream) if row["has_text"] == "no" and part_of(row["group"]) == part]
    except (OSError, KeyError, UnicodeDecodeError):
        raise UsageError("a pool needs a manifest.csv with the columns file, group, class and has_text") from None
    return [Source(root / "images" / row["file"], row["group"], row["class"]) for row in rows]


def load(path: Path) -> Array:
    """An image as (rows, columns, 3) uint8 RGB; of a DICOM file the first frame as it is displayed by default.

    Raises:
        UsageError: nothing here can read it.
    """
    pixels = _displayed(path) if path.suffix.lower() == DICOM_SUFFIX else cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise UsageError("a background image cannot be read")
    return np.ascontiguousarray(pixels[..., ::-1])


def _displayed(path: Path) -> Array | None:
    """(rows, columns, 3) BGR."""
    from deidkit.headers.quiet import quiet
    from deidkit.limits import Limits
    from deidkit.registry import installed

    registry = installed()
    formats = {name: registry.build("format", name) for name in registry.names("format")}
    try:
        with quiet():
            view = reading.read(path, formats, Limits())[1].frame(0).view()
    except ItemError:
        return None
    return view[..., ::-1] if view.ndim == 3 else np.repeat(view[..., None], 3, 2)


def tone(rng: Random, image: Array) -> Array:
    """Another window: gain, offset, gamma, saturation at either end, inversion, a tint."""
    roll = rng.random()
    ramp = np.arange(256, dtype=np.float32) / 255
    if roll < 0.5:
        low, high = float(rng.uniform(-0.2, 0.25)), float(rng.uniform(0.6, 1.3))
        ramp = np.clip((ramp - low) / (high - low), 0, 1) ** float(rng.uniform(0.6, 1.6))
    if rng.random() < 0.1:
        ramp = 1 - ramp
    table = (ramp * 255).astype(np.uint8)
    image = cv2.LUT(image, table)
    if rng.random() < 0.05:
        image = (image * rng.uniform(0.4, 1.0, 3)).astype(np.uint8)
    return np.ascontiguousarray(image)


@dataclass(slots=True)
class Backgrounds:
    """Draws backgrounds. ``real`` is the share taken from ``sources``; mined crops get a third of that when there are any."""

    sources: Sequence[Source]
    real: float = 0.6
    kinds: dict[str, tuple[phantoms.Maker, float]] = field(default_factory=lambda: phantoms.KINDS)
    favour: dict[str, float] = field(default_factory=lambda: {"US": 5.0, "CR": 5.0, "ES": 4.0, "OP": 3.0, "SM": 0.4, "PT": 1.0})
    phantom_count: int = 96
    mined: list[Array] = field(default_factory=list)
    _images: dict[Path, Array] = field(default_factory=dict)
    _phantoms: list[Array] = field(default_factory=list)
    _weights: Array | None = None

    def of(self, kinds: dict[str, tuple[phantoms.Maker, float]], favour: dict[str, float]) -> Backgrounds:
        """The same sources and mined crops with other phantoms and preferences."""
        return Backgrounds(self.sources, self.real, kinds, favour, self.phantom_count, self.mined, self._images)

    def _real(self, rng: Random) -> Array:
        if self._weights is None:
            self._weights = np.cumsum([self.favour.get(s.modality, 1.0) for s in self.sources])
        source = self.sources[int(np.searchsorted(self._weights, rng.random() * self._weights[-1]))]
        if source.path not in self._images:
            self._images[source.path] = load(source.path)
        return self._images[source.path]

    def _phantom(self, rng: Random) -> Array:
        if len(self._phantoms) < self.phantom_count or rng.random() < 0.01:
            made = phantoms.draw(rng, int(rng.choice([288, 384, 512])), self.kinds)[1]
            if len(self._phantoms) < self.phantom_count:
                self._phantoms.append(made)
            else:
                self._phantoms[int(rng.integers(self.phantom_count))] = made
        return self._phantoms[int(rng.integers(len(self._phantoms)))]

    def draw(self, rng: Random, rows: int, columns: int) -> Array:
        """A toned crop of (rows, columns, 3) uint8, nothing of it shared with the source."""
        pick: Callable[[Random], Array] = self._real if self.sources and rng.random() < self.real else self._phantom
        if self.mined and pick == self._real and rng.random() < 0.4:
            image = self.mined[int(rng.integers(len(self.mined)))]
        else:
            image = pick(rng)
        if rng.random() < MONTAGE:
            return tone(rng, montage(rng, image, rows, columns))
        return tone(rng, crop(rng, image, rows, columns))


def montage(rng: Random, image: Array, rows: int, columns: int) -> Array:
    """A contact sheet: the image small and over and over, here brighter, there darker. Rows of like shapes are no text."""
    high, wide = int(rng.integers(16, 90)), int(rng.integers(16, 90))
    cell = cv2.resize(crop(rng, image, 4 * high, 4 * wide), (wide, high), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.5:
        cell[: max(1, high // 8)], cell[:, : max(1, wide // 8)] = 0, 0
    sheet = np.tile(cell, (-(-rows // high), -(-columns // wide), 1))[:rows, :columns]
    gain = cv2.resize(rng.uniform(0.5, 1.2, (3, 3)).astype(np.float32), (columns, rows))
    return np.asarray(np.clip(sheet * gain[..., None], 0, 255), np.uint8)


def crop(rng: Random, image: Array, rows: int, columns: int) -> Array:
    """A random part at a random scale (0.5 to 2), flipped or turned; beyond the image's edge it is black."""
    scale = float(np.exp(rng.uniform(np.log(0.5), np.log(2.0)))) if rng.random() < 0.6 else 1.0
    high, wide = max(8, round(rows * scale)), max(8, round(columns * scale))
    y = int(rng.integers(min(0, image.shape[0] - high), max(1, image.shape[0] - high + 1)))
    x = int(rng.integers(min(0, image.shape[1] - wide), max(1, image.shape[1] - wide + 1)))
    part = image[max(0, y) : y + high, max(0, x) : x + wide]
    if part.shape[:2] != (high, wide):
        canvas = np.zeros((high, wide, 3), np.uint8)
        canvas[max(0, -y) : max(0, -y) + part.shape[0], max(0, -x) : max(0, -x) + part.shape[1]] = part
        part = canvas
    if (high, wide) != (rows, columns):
        part = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR)
    if rng.random() < 0.5:
        part = part[:, ::-1]
    if rng.random() < 0.2:
        part = part[::-1]
    if rng.random() < 0.2 and rows == columns:
        part = part.transpose(1, 0, 2)
    return np.ascontiguousarray(part)
