"""Where lines go: single lines, blocks in a corner, dense columns, scales, vertical stacks, side markers, lone letters."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_synth import glyphs, negatives, words
from deidkit_synth.fonts import FontBank
from deidkit_synth.looks import Look, draw_look
from deidkit_synth.paint import Truth, plant

Random = np.random.Generator
KINDS = ("identity", "technical", "scale", "marker")


def _height(rng: Random) -> int:
    """Pixels an em: most text in medical images is 9 to 28, some down to 6 and up to 64."""
    return (
        int(np.exp(rng.uniform(np.log(7), np.log(30))))
        if rng.random() < 0.88
        else int(np.exp(rng.uniform(np.log(26), np.log(72))))
    )


def _turn(rng: Random, look: Look, most: float) -> Look:
    roll = rng.random()
    angle = 0.0
    if roll < 0.10:
        angle = float(rng.choice([90, 180, 270, 90, 270]))
    elif roll < 0.20:
        angle = float(rng.uniform(-most, most))
    return replace(look, angle=angle, mirrored=bool(rng.random() < 0.06))


def single(rng: Random, truth: Truth, bank: FontBank) -> None:
    """One to four lines anywhere, each with its own look."""
    rows, columns = truth.region.shape
    for _ in range(int(rng.integers(1, 5))):
        kind = KINDS[int(np.searchsorted((0.45, 0.75, 0.85, 1.0), rng.random()))]
        text, script = words.draw(rng, kind, bank.scripts())
        alpha = glyphs.line(rng, bank, text, script, _height(rng))
        if alpha.size:
            x = int(rng.integers(-alpha.shape[1] // 4, max(1, columns - alpha.shape[1] // 2)))
            y = int(rng.integers(-3, max(1, rows - alpha.shape[0])))
            plant(truth, alpha, x, y, _turn(rng, draw_look(rng, truth.alike), 12), kind, text)


def block(rng: Random, truth: Truth, bank: FontBank) -> None:
    """Lines of one look below each other, ranged left, right or centred, often in a corner, sometimes in two columns."""
    rows, columns = truth.region.shape
    height, look = min(_height(rng), 34), replace(_turn(rng, draw_look(rng, truth.alike), 4), angle=0.0)
    seed = int(rng.integers(1 << 30))
    kind = KINDS[int(rng.integers(3))]
    step = height * float(rng.uniform(0.95, 1.7))
    align = int(rng.integers(3))
    edge = int(rng.integers(0, columns)) if rng.random() < 0.6 else int(rng.choice([3, columns - 4]))
    y = float(rng.uniform(-height, rows * 0.8)) if rng.random() < 0.7 else 2.0
    column = int(height * rng.uniform(3, 6)) if rng.random() < 0.35 else 0
    for _ in range(int(rng.integers(2, 14))):
        text, script = words.draw(rng, kind, bank.scripts())
        pieces = text.split(" ", 1) if column and " " in text else [text]
        for i, piece in enumerate(pieces):
            alpha = glyphs.line(np.random.default_rng(seed), bank, piece, script, height)
            if alpha.size:
                x = (edge, edge - alpha.shape[1], edge - alpha.shape[1] // 2)[0 if column else align] + i * column
                plant(truth, alpha, x, round(y) + max(0, height - alpha.shape[0]) // 2, look, kind, piece)
        y += step
        if y > rows:
            break


def ruler(rng: Random, truth: Truth, bank: FontBank) -> None:
    """Numbers at equal steps along an axis, some with a tick each."""
    rows, columns = truth.region.shape
    height, look, seed = int(rng.integers(6, 18)), draw_look(rng, truth.alike), int(rng.integers(1 << 30))
    step, upright = float(rng.uniform(18, 70)), rng.random() < 0.6
    fixed, start = int(rng.integers(0, columns if upright else rows)), float(rng.uniform(0, 20))
    value = int(rng.integers(-5, 20)) if rng.random() < 0.6 else int(rng.integers(-250, 1200))
    jump = int(rng.choice([1, 1, 2, 5, 10, -10, 20, 50, -50]))
    if truth.ticked and rng.random() < truth.ticked:
        _ticks(rng, truth, fixed, start + height / 2, step, upright)
    while start < (rows if upright else columns):
        text = str(value)
        alpha = glyphs.line(np.random.default_rng(seed), bank, text, "latin", height)
        if alpha.size:
            x, y = (fixed, round(start)) if upright else (round(start), fixed)
            plant(truth, alpha, x, y, look, "scale", text)
        value, start = value + jump, start + step


def _ticks(rng: Random, truth: Truth, fixed: int, start: float, step: float, upright: bool) -> None:
    """Short strokes at the numbers of a ruler, a few pixels before them, where there is no text yet."""
    reach, apart, thick = int(rng.integers(2, 14)), int(rng.integers(1, 7)), int(rng.choice([1, 1, 2]))
    ink, end = negatives.colour(rng), fixed - apart
    for at in np.arange(start, truth.region.shape[0 if upright else 1], step).round().astype(int).tolist():
        a, b = ((end - reach, at), (end, at)) if upright else ((at, end - reach), (at, end))
        window = slice(max(0, a[1] - 1), max(0, b[1] + 2)), slice(max(0, a[0] - 1), max(0, b[0] + 2))
        if not truth.region[window].any():
            cv2.line(truth.image, a, b, ink, thick)


def stack(rng: Random, truth: Truth, bank: FontBank) -> None:
    """Letters below each other, as on the side of ultrasound screens."""
    rows, columns = truth.region.shape
    text = words.technical(rng).replace(" ", "")[:10]
    height, look, seed = min(_height(rng), 30), draw_look(rng, truth.alike), int(rng.integers(1 << 30))
    x, y = int(rng.integers(0, columns)), float(rng.uniform(0, rows * 0.7))
    for letter in text:
        alpha = glyphs.line(np.random.default_rng(seed), bank, letter, "latin", height)
        if alpha.size:
            plant(truth, alpha, x - alpha.shape[1] // 2, round(y), look, "technical", letter)
        y += height * 1.05


def big(rng: Random, truth: Truth, bank: FontBank) -> None:
    """A side marker of a radiograph: one large letter or word, maybe turned, mirrored or ringed."""
    rows, columns = truth.region.shape
    text = words.marker(rng)
    height = int(np.exp(rng.uniform(np.log(14), np.log(90))))
    alpha = glyphs.line(rng, bank, text, "latin", height)
    if not alpha.size:
        return
    look = _turn(rng, draw_look(rng, truth.alike), 30)
    x, y = int(rng.integers(0, columns)), int(rng.integers(0, rows))
    x, y = min(x, columns - alpha.shape[1] // 2), min(y, rows - alpha.shape[0] // 2)
    planted = plant(truth, alpha, x, y, look, "marker", text)
    if planted and rng.random() < 0.2 and len(text) < 3 and not look.angle:
        centre = (x + alpha.shape[1] // 2, y + alpha.shape[0] // 2)
        cv2.circle(truth.image, centre, int(max(alpha.shape) * 0.85), (235, 235, 235), int(rng.integers(1, 3)), cv2.LINE_AA)


def lone(rng: Random, truth: Truth, bank: FontBank) -> None:
    """One to five single letters or digits far apart: sides on radiographs, directions around slices, names of leads.

    With no word around them they are the hardest to tell from anatomy, and detectors trained on lines alone miss them.
    """
    rows, columns = truth.region.shape
    height, shared = int(np.exp(rng.uniform(np.log(9), np.log(64)))), draw_look(rng, truth.alike)
    for _ in range(int(rng.integers(1, 6))):
        text = words.letter(rng)
        if rng.random() < 0.5:
            height, shared = int(np.exp(rng.uniform(np.log(9), np.log(64)))), draw_look(rng, truth.alike)
        look = _turn(rng, shared, 20) if rng.random() < 0.4 else shared
        if height > 18 and rng.random() < 0.3:
            look = replace(look, blur=float(rng.uniform(0.5, height / 16)))
        alpha = glyphs.line(rng, bank, text, "latin", height)
        if alpha.size:
            x = int(rng.integers(0, max(1, columns - alpha.shape[1])))
            y = int(rng.integers(0, max(1, rows - alpha.shape[0])))
            if rng.random() < 0.15:
                y = int(rng.choice([-1, 0, 1, rows - alpha.shape[0]]))
            plant(truth, alpha, x, y, look, "marker", text)


def lead(rng: Random, truth: Truth, bank: FontBank) -> None:
    """A side marker of lead that lay on the cassette: bold, blurred, partly shone through, at any angle, sometimes from behind,
    often with the initials of whoever took the picture.
    """
    rows, columns = truth.region.shape
    height = int(np.exp(rng.uniform(np.log(14), np.log(80))))
    alpha = _with_initials(rng, bank, "LR"[int(rng.integers(2))], height)
    if not alpha.size:
        return
    step = float(rng.uniform(20, 150)) * (1 if rng.random() < 0.85 else -1)
    look = Look(
        ink=(step, step, step),
        relative=True,
        angle=float(rng.uniform(-80, 80)) if rng.random() < 0.65 else 0.0,
        mirrored=bool(rng.random() < 0.15),
        blur=float(rng.uniform(0.3, height / 14)),
    )
    x = int(rng.integers(0, max(1, columns - alpha.shape[1])))
    y = int(rng.integers(0, max(1, rows - alpha.shape[0])))
    plant(truth, alpha, x, y, look, "marker", "")


def _with_initials(rng: Random, bank: FontBank, side: str, height: int) -> Array:
    """Mask of a bold side letter; in two of five cases with two or three small letters in the corner of an L or beside it."""
    big = glyphs.line(rng, bank, side, "latin", height)
    if not big.size:
        return big
    bold = int(rng.integers(0, 2 + height // 16))
    big = cv2.dilate(np.pad(big, bold), np.ones((bold + 1, bold + 1), np.uint8))
    if height < 24 or rng.random() < 0.6:
        return glyphs.trim(big)
    text = "".join(chr(65 + int(i)) for i in rng.integers(0, 26, int(rng.integers(2, 4))))
    small = glyphs.line(rng, bank, text, "latin", max(8, int(height * rng.uniform(0.25, 0.45))))
    if rng.random() < 0.4:
        small = np.ascontiguousarray(np.rot90(small, int(rng.choice([1, 3]))))
    x = int(big.shape[1] * (0.5 if side == "L" else 1.0)) + 2
    canvas = np.zeros((max(big.shape[0], small.shape[0]), max(big.shape[1], x + small.shape[1])), np.uint8)
    canvas[: big.shape[0], : big.shape[1]] = big
    part = canvas[: small.shape[0], x : x + small.shape[1]]
    np.maximum(part, small, out=part)
    return glyphs.trim(canvas)


LAYOUTS = ((single, 0.24), (block, 0.26), (ruler, 0.12), (stack, 0.07), (big, 0.09), (lead, 0.07), (lone, 0.15))
_EDGES = np.cumsum([share for _, share in LAYOUTS])


def add(rng: Random, truth: Truth, bank: FontBank) -> None:
    """One or two layouts at random."""
    for _ in range(1 if rng.random() < 0.6 else 2):
        LAYOUTS[min(len(LAYOUTS) - 1, int(np.searchsorted(_EDGES, rng.random())))][0](rng, truth, bank)
