"""The generator component: endless training tiles with truth, for whoever trains a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pydicom import Dataset

from deidkit.errors import EnvironmentFault
from deidkit.image import Array, Frame
from deidkit_synth.backgrounds import COLOURED_SOURCES, Backgrounds, load, read_pool
from deidkit_synth.fonts import FontBank, find_faces, font_folders, install_line
from deidkit_synth.options import TileOptions
from deidkit_synth.paint import Instance, Truth
from deidkit_synth.phantoms import COLOURFUL, HELD_OUT_KINDS, KINDS
from deidkit_synth.tiles import TileMaker


@dataclass(slots=True)
class TileImage:
    """A tile as an image of one frame; its truth maps are (rows, columns) uint8, 0 or 1."""

    truth: Truth
    path: Path = field(default=Path("tile"))
    header: Dataset = field(default_factory=Dataset)
    frame_count: int = 1
    carriers: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    is_picture: bool = True

    @property
    def image(self) -> Array:
        return self.truth.image

    @property
    def region(self) -> Array:
        return self.truth.region

    @property
    def core(self) -> Array:
        return self.truth.core

    @property
    def stroke(self) -> Array:
        return self.truth.stroke

    @property
    def ignore(self) -> Array:
        return self.truth.ignore

    @property
    def instances(self) -> Sequence[Instance]:
        return self.truth.instances

    def frame(self, index: int) -> Frame:
        shape = (self.truth.image.shape[0], self.truth.image.shape[1])
        return Frame(index, shape, lambda: self.truth.image, {"default": lambda samples: samples}, lambda _: (0, 0, 0))

    def frames(self) -> Iterator[Frame]:
        yield self.frame(0)


class TileGenerator:
    """``generate(n, seed, conditions)`` gives ``n`` tiles; the same arguments give the same tiles on one machine."""

    def __init__(self, options: TileOptions) -> None:
        self.options = options

    def generate(self, n: int, seed: int, conditions: Mapping[str, Any]) -> Iterator[TileImage]:
        options = self.options.model_copy(update=dict(conditions))
        rng = np.random.default_rng([seed, 7])
        make = tile_maker(options)
        for _ in range(n):
            yield TileImage(make.make(rng))


def tile_maker(options: TileOptions) -> TileMaker:
    """A maker of tiles with the fonts that there are.

    Raises:
        EnvironmentFault: no usable fonts. UsageError: the pool has no manifest.
    """
    cv2.setNumThreads(1)
    held = options.part == "test"
    faces = find_faces(font_folders(options.fonts), held)
    if not faces:
        raise EnvironmentFault(install_line(held))
    sources = read_pool(Path(options.pool), options.part) if options.pool else []
    mined = [load(path) for path in sorted(Path(options.mined).glob("*.png"))] if options.mined else []
    backgrounds = Backgrounds(sources, kinds=HELD_OUT_KINDS if held else KINDS, mined=mined)
    colourful = backgrounds.of(COLOURFUL, COLOURED_SOURCES) if options.hard else None
    bank = FontBank(faces)
    shares = {"hard": options.hard, "seams": options.seams, "ticked": options.ticked}
    return TileMaker(backgrounds, bank, options.size, options.empty, colourful=colourful, **shares)
