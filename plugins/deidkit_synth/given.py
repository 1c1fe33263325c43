"""Text that is told where to go and what to say: the patient's data in a corner, the items of a control file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deidkit.image import Array
from deidkit_synth import glyphs, words
from deidkit_synth.fonts import FontBank
from deidkit_synth.identity import FakePatient
from deidkit_synth.looks import Look, draw_look
from deidkit_synth.options import Item
from deidkit_synth.paint import Truth, plant, turned

Random = np.random.Generator
GAP = 7
"""Pixels between lines; ``plant`` keeps three around each free of other text."""


def patient_block(rng: Random, truth: Truth, bank: FontBank, patient: FakePatient) -> int:
    """The patient's data in one corner, so that pixels and header tell the same. Returns how many lines are left out."""
    height, look, seed = int(rng.integers(11, 24)), replace(draw_look(rng), angle=0.0), int(rng.integers(1 << 30))
    right, y, left_out = rng.random() < 0.5, float(rng.uniform(2, 20)), 0
    for text in patient.lines(rng):
        alpha = glyphs.line(np.random.default_rng(seed), bank, text, "latin", height)
        x = truth.region.shape[1] - alpha.shape[1] - 6 if right else 6
        left_out += not (alpha.size and plant(truth, alpha, x, round(y), look, "identity", text))
        y += max(1.3 * height, alpha.shape[0] + GAP)
    return left_out


def _alpha(rng: Random, item: Item, patient: FakePatient, bank: FontBank, seed: int, height: int) -> tuple[str, Array]:
    """What the item says and the mask of it, which is empty where no font has all of its characters."""
    font = np.random.default_rng(seed)
    if item.text is None:
        text, script = words.draw(rng, item.kind, bank.scripts())
        return text, glyphs.line(font, bank, text, script, height)
    values = {"name": patient.name, "id": patient.patient_id, "birth": patient.birth_date, "date": patient.study_date}
    text = item.text
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text, glyphs.line(font, bank, text, "latin", height)


def _look(rng: Random, item: Item) -> Look:
    drawn = draw_look(rng)
    if item.colour is None:
        return Look(drawn.ink, drawn.relative, box=item.box, angle=item.angle, mirrored=item.mirrored)
    red, green, blue = (float(np.clip(c + rng.integers(-item.vary, item.vary + 1), 0, 255)) for c in item.colour)
    return Look((red, green, blue), box=item.box, angle=item.angle, mirrored=item.mirrored)


def place(rng: Random, truth: Truth, bank: FontBank, item: Item, patient: FakePatient, frame: int = 0) -> int:
    """One item of a control file, with its repetitions below each other. Returns how many lines are left out."""
    rows, columns = truth.region.shape
    height, seed = int(rng.integers(item.size[0], item.size[1] + 1)), int(rng.integers(1 << 30))
    look = _look(rng, item)
    lines = [_alpha(rng, item, patient, bank, seed, height) for _ in range(item.repeat)]
    drawn = [(text, alpha, turned(alpha, look)[0].shape) for text, alpha in lines if alpha.size]
    left_out = len(lines) - len(drawn)
    steps = [max(round(height * item.spacing), shape[0] + GAP) for _, _, shape in drawn]
    whole = sum(steps[:-1]) + drawn[-1][2][0] if drawn else 0
    y = _start(item.y, rows, whole, item.corner.partition("-")[0]) + frame * item.moves[1]
    for (text, alpha, shape), step in zip(drawn, steps, strict=True):
        x = _start(item.x, columns, shape[1], item.corner.partition("-")[2]) + frame * item.moves[0]
        left_out += not plant(truth, alpha, x, y, look, item.kind, text)
        y += step
    return left_out


def _start(share: float, side: int, length: int, edge: str) -> int:
    """Where something of ``length`` begins that lies a share of ``side`` from an edge, or else from the middle."""
    away = round(share * side)
    if edge in ("bottom", "right"):
        return side - away - length
    return away if edge in ("top", "left") else (side - length) // 2 + away
