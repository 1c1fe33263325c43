"""Text that is told where to go and what to say: the patient's data in a corner, the items of a control file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from deidkit.types import Array
from deidkit_synth import glyphs, words
from deidkit_synth.fonts import FontBank
from deidkit_synth.identity import FakePatient
from deidkit_synth.options import Item
from deidkit_synth.paint import Look, Truth, draw_look, plant

Random = np.random.Generator


def patient_block(rng: Random, truth: Truth, bank: FontBank, patient: FakePatient) -> int:
    """The patient's data in one corner, so that pixels and header tell the same. Returns how many lines are left out."""
    height, look, seed = int(rng.integers(11, 24)), replace(draw_look(rng), angle=0.0), int(rng.integers(1 << 30))
    right, y, left_out = rng.random() < 0.5, float(rng.uniform(2, 20)), 0
    for text in patient.lines(rng):
        alpha = glyphs.line(np.random.default_rng(seed), bank, text, "latin", height)
        x = truth.region.shape[1] - alpha.shape[1] - 6 if right else 6
        left_out += not (alpha.size and plant(truth, alpha, x, round(y), look, "identity", text))
        y += max(1.3 * height, alpha.shape[0] + 7)
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
    look, left_out = _look(rng, item), 0
    for i in range(item.repeat):
        text, alpha = _alpha(rng, item, patient, bank, seed, height)
        below = i - item.repeat + 1 if item.corner.startswith("bottom") else i
        x, y = round(item.x * columns), round(item.y * rows)
        if item.corner.endswith("right"):
            x = columns - x - alpha.shape[1]
        if item.corner.startswith("bottom"):
            y = rows - y - alpha.shape[0]
        if item.corner == "centre":
            x, y = (columns - alpha.shape[1]) // 2 + x, (rows - alpha.shape[0]) // 2 + y
        x, y = x + frame * item.moves[0], y + frame * item.moves[1] + round(below * height * item.spacing)
        left_out += not (alpha.size and plant(truth, alpha, x, y, look, item.kind, text))
    return left_out
