"""Whole images: background, negatives, text by control file or at random, over one or more frames, with truth per frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from deidkit.types import Array
from deidkit_synth import glyphs, layout, negatives, phantoms, words
from deidkit_synth.backgrounds import Source, crop, load, tone
from deidkit_synth.fonts import FontBank
from deidkit_synth.identity import FakePatient, fake_patient, faker_patient
from deidkit_synth.options import Item, SceneOptions
from deidkit_synth.paint import Look, Truth, draw_look, plant
from deidkit_synth.tiles import damage

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Scene:
    """One image, its frames with their truth in display space (RGB uint8), and the patient its header speaks of."""

    index: int
    frames: list[Truth]
    patient: FakePatient = field(repr=False)
    background: str = ""


@dataclass(slots=True)
class SceneMaker:
    """A scene is a function of ``seed`` and its index alone, so that any number of processes write the same set."""

    options: SceneOptions
    bank: FontBank
    sources: Sequence[Source] = ()
    kinds: dict[str, tuple[phantoms.Maker, float]] = field(default_factory=lambda: phantoms.KINDS)
    seed: int = 0

    def make(self, index: int) -> Scene:
        rng = np.random.default_rng([self.seed, index])
        rows, columns = (int(rng.integers(low, high + 1)) for low, high in (self.options.rows, self.options.columns))
        name, base = self._background(rng, rows, columns)
        negatives.add(rng, base, self.options.negatives)
        locale = self.options.locale
        patient = faker_patient(rng, locale) if locale else fake_patient(rng)
        text_seed, damaged = int(rng.integers(1 << 31)), rng.random() < self.options.jpeg
        frames = [self._frame(base, i, text_seed, damaged, patient) for i in range(self.options.frames)]
        return Scene(index, frames, patient, name)

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

    def _frame(self, base: Array, index: int, seed: int, damaged: bool, patient: FakePatient) -> Truth:
        rng = np.random.default_rng([seed, 1])
        image = base.copy()
        if index:
            grain = np.random.default_rng([seed, 2, index]).integers(-9, 10, base.shape[:2])
            image = np.clip(base.astype(np.int16) + grain[..., None], 0, 255).astype(np.uint8)
        truth = Truth.of(image)
        if self.options.text:
            if self.options.items:
                for item in self.options.items:
                    if rng.random() < item.share:
                        place(rng, truth, self.bank, item, patient)
            else:
                self._random(rng, truth, index)
                _patient_block(rng, truth, self.bank, patient)
        if damaged:
            truth.image = damage(np.random.default_rng([seed, 3]), truth.image)
        return truth

    def _random(self, rng: Random, truth: Truth, index: int) -> None:
        """Groups that stand still; the last of several frames' groups moves, another appears only in later frames."""
        count = int(rng.integers(self.options.layouts[0], self.options.layouts[1] + 1))
        for i in range(count):
            part = np.random.default_rng(rng.integers(1 << 31))
            if self.options.frames > 1 and i == 0 and index < self.options.frames // 2:
                continue
            layout.LAYOUTS[int(rng.integers(len(layout.LAYOUTS)))][0](part, truth, self.bank)
        if self.options.frames > 1:
            alpha = glyphs.line(np.random.default_rng(0), self.bank, "MOVING", "latin", 16)
            plant(truth, alpha, 10 + 7 * index, truth.region.shape[0] // 2, Look((255.0,) * 3), "technical", "MOVING")


def _patient_block(rng: Random, truth: Truth, bank: FontBank, patient: FakePatient) -> None:
    """The patient's data in one corner, so that pixels and header tell the same."""
    height, look, seed = int(rng.integers(11, 24)), replace(draw_look(rng), angle=0.0), int(rng.integers(1 << 30))
    right, y = rng.random() < 0.5, float(rng.uniform(2, 20))
    for text in patient.lines(rng):
        alpha = glyphs.line(np.random.default_rng(seed), bank, text, "latin", height)
        if alpha.size:
            x = truth.region.shape[1] - alpha.shape[1] - 6 if right else 6
            plant(truth, alpha, x, round(y), look, "identity", text)
        y += 1.3 * height


def _says(rng: Random, item: Item, patient: FakePatient, bank: FontBank) -> tuple[str, str]:
    if item.text is None:
        return words.draw(rng, item.kind, bank.scripts())
    values = {"name": patient.name, "id": patient.patient_id, "birth": patient.birth_date, "date": patient.study_date}
    text = item.text
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text, "latin"


def place(rng: Random, truth: Truth, bank: FontBank, item: Item, patient: FakePatient) -> None:
    """One item of a control file, with its repetitions."""
    rows, columns = truth.region.shape
    height, seed = int(rng.integers(item.size[0], item.size[1] + 1)), int(rng.integers(1 << 30))
    drawn = draw_look(rng)
    ink = drawn.ink
    if item.colour is not None:
        red, green, blue = (float(np.clip(c + rng.integers(-item.vary, item.vary + 1), 0, 255)) for c in item.colour)
        ink = (red, green, blue)
    look = Look(ink, relative=drawn.relative and item.colour is None, box=item.box, angle=item.angle, mirrored=item.mirrored)
    for i in range(item.repeat):
        text, script = _says(rng, item, patient, bank)
        alpha = glyphs.line(np.random.default_rng(seed), bank, text, script, height)
        if not alpha.size:
            continue
        down = round(i * height * item.spacing)
        x, y = round(item.x * columns), round(item.y * rows) + down
        if item.corner.endswith("right"):
            x = columns - x - alpha.shape[1]
        if item.corner.startswith("bottom"):
            y = rows - y - alpha.shape[0]
        if item.corner == "centre":
            x, y = (columns - alpha.shape[1]) // 2 + x, (rows - alpha.shape[0]) // 2 + y
        plant(truth, alpha, x, y, look, item.kind, text)
