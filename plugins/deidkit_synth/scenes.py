"""Whole images: background, negatives, text by control file or at random, over one or more frames, with truth per frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_synth import given, glyphs, layout, negatives, phantoms
from deidkit_synth.backgrounds import Source, crop, load, tone
from deidkit_synth.fonts import FontBank
from deidkit_synth.identity import FakePatient, fake_patient, faker_patient
from deidkit_synth.looks import LUMA, Look
from deidkit_synth.options import SceneOptions
from deidkit_synth.paint import Instance, Truth, plant
from deidkit_synth.tiles import damage

Random = np.random.Generator


LEAST_HEIGHT = 5
"""Pixels; the smallest fonts that anybody draws digits with are five high."""


def _could_be_read(line: Instance) -> bool:
    """Neither too small for one digit to differ from the next nor punctuation alone; markers of lead have no text in truth."""
    return line.size >= LEAST_HEIGHT and (not line.text or any(letter.isalnum() for letter in line.text))


@dataclass(frozen=True, slots=True)
class Scene:
    """One image, its frames with their truth in display space (RGB uint8), and the patient its header speaks of."""

    index: int
    frames: list[Truth]
    patient: FakePatient = field(repr=False)
    background: str = ""
    left_out: tuple[int, ...] = ()
    """By frame, lines of the patient's and of items that found no room or no font."""


@dataclass(slots=True)
class SceneMaker:
    """A scene is a function of ``seed`` and its index alone, so that any number of processes write the same set."""

    options: SceneOptions
    bank: FontBank
    sources: Sequence[Source] = ()
    kinds: dict[str, tuple[phantoms.Maker, float]] = field(default_factory=lambda: phantoms.KINDS)
    seed: int = 0
    grey: bool = False

    def __post_init__(self) -> None:
        self.bank.whole = True

    def make(self, index: int) -> Scene:
        rng = np.random.default_rng([self.seed, index])
        rows, columns = (int(rng.integers(low, high + 1)) for low, high in (self.options.rows, self.options.columns))
        name, base = self._background(rng, rows, columns)
        negatives.add(rng, base, self.options.negatives)
        if self.grey:
            base = np.repeat(np.rint(base @ LUMA).astype(np.uint8)[..., None], 3, 2)
        locale = self.options.locale
        patient = faker_patient(rng, locale) if locale else fake_patient(rng)
        text_seed, damaged = int(rng.integers(1 << 31)), rng.random() < self.options.jpeg
        made = [self._frame(base, i, text_seed, damaged, patient) for i in range(self.options.frames)]
        return Scene(index, [truth for truth, _ in made], patient, name, tuple(left_out for _, left_out in made))

    def _background(self, rng: Random, rows: int, columns: int) -> tuple[str, Array]:
        if self.sources and rng.random() < self.options.real:
            source = self.sources[int(rng.integers(len(self.sources)))]
            name, image = source.modality, tone(rng, crop(rng, load(source.path), rows, columns))
        else:
            name, made = phantoms.draw(rng, 512, self.kinds)
            image = np.ascontiguousarray(cv2.resize(made, (columns, rows), interpolation=cv2.INTER_LINEAR))
        factor = float(rng.uniform(*self.options.contrast))
        if factor != 1.0:
            image = np.clip((image.astype(np.float32) - 128) * factor + 128, 0, 255).astype(np.uint8)
        return name, image

    def _frame(self, base: Array, index: int, seed: int, damaged: bool, patient: FakePatient) -> tuple[Truth, int]:
        rng, left_out = np.random.default_rng([seed, 1]), 0
        image = base.copy()
        if index:
            grain = np.random.default_rng([seed, 2, index]).integers(-9, 10, base.shape[:2])
            image = np.clip(base.astype(np.int16) + grain[..., None], 0, 255).astype(np.uint8)
        truth = Truth.of(image, self.grey)
        truth.seen = np.zeros_like(truth.stroke)
        if self.options.text and self.options.items:
            for item in self.options.items:
                part, there = np.random.default_rng(rng.integers(1 << 31)), rng.random() < item.share
                if there and index >= int(item.appears * self.options.frames):
                    left_out += given.place(part, truth, self.bank, item, patient, index)
        elif self.options.text:
            left_out = given.patient_block(rng, truth, self.bank, patient)
            self._random(rng, truth, index)
        truth.instances = [replace(line, legible=line.legible and _could_be_read(line)) for line in truth.instances]
        if damaged:
            truth.image = damage(np.random.default_rng([seed, 3]), truth.image)
        return truth, left_out

    def _random(self, rng: Random, truth: Truth, index: int) -> None:
        """Groups that stand still; with several frames a word that moves, and a group that appears in the second half alone."""
        count = int(rng.integers(self.options.layouts[0], self.options.layouts[1] + 1))
        if self.options.frames > 1:
            alpha = glyphs.line(np.random.default_rng(0), self.bank, "MOVING", "latin", 16)
            plant(truth, alpha, 10 + 7 * index, truth.region.shape[0] // 2, Look((255.0,) * 3), "technical", "MOVING")
        for i in range(count):
            part = np.random.default_rng(rng.integers(1 << 31))
            draw = layout.LAYOUTS[int(rng.integers(len(layout.LAYOUTS)))][0]
            if self.options.frames == 1 or i < count - 1 or index >= self.options.frames // 2:
                draw(part, truth, self.bank)
