"""Writes text over clean images with Pillow alone: a planted set that nothing of deidkit_synth has drawn.

    python benchmarks/drawn.py IMAGES --seed 5 --output SET
    python benchmarks/planted.py SET [--detector rapidocr]

Who draws both the text to train on and the text to measure by may draw the same mistakes twice. Here up to eight lines an
image, in the families of ``deidkit_synth.fonts.HELD_OUT``, upright, unblurred and uncompressed: plain, tiny (up to 10 px),
faint (0.08 to 0.2 of the range, on even ground), dark on bright, coloured, boxed. None where ink and ground differ by less than
one and a half standard deviations of the ground, because nobody could read it.
"""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import numpy as np
from faker import Faker
from PIL import Image, ImageDraw, ImageFont

from deidkit.errors import UsageError
from deidkit_synth.backgrounds import load
from deidkit_synth.fonts import enough, find_faces, font_folders, install_line

LINES, TRIES, ROOM = 8, 20, 4
KINDS = ("plain", "tiny", "faint", "dark", "coloured", "boxed")
COLOURS = ((255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 90, 90), (255, 160, 0))
DATES = date(1930, 1, 1), date(2025, 12, 31)
EVEN, BRIGHT = 8.0, 110.0
"""Grey levels: largest standard deviation of what faint text lies on, least mean of what dark text lies on."""
LEGIBLE, LEAST = 1.5, 0.08


def text_of(rng, fake):
    made = (
        lambda: f"{fake.last_name().upper()}^{fake.first_name().upper()}",
        lambda: f"{fake.last_name()}, {fake.first_name()}",
        lambda: fake.date_between(*DATES).strftime(rng.choice(["%d.%m.%Y", "%Y-%m-%d", "%d %b %Y"])),
        lambda: f"ID {rng.integers(10**6, 10**8)}",
        lambda: f"St. {fake.last_name()} Hospital",
        lambda: f"{rng.integers(1, 30)}.{rng.integers(10)} MHz",
        lambda: str(rng.choice(["R", "L", "AP", "WL 40 WW 400"])),
    )
    return made[rng.choice(len(made), p=(0.25, 0.2, 0.15, 0.15, 0.1, 0.08, 0.07))]()


def ink_for(rng, kind, ground):
    """Colour of the ink, float (3,), and of its box or None, on ``ground`` (rows, columns, 3) uint8."""
    mean = ground.mean((0, 1))
    if kind == "dark":
        return np.full(3, rng.uniform(0, 40)), None
    if kind == "coloured":
        return np.array(COLOURS[rng.integers(len(COLOURS))], float), None
    if kind == "boxed":
        level = float(rng.choice([0, 40, 255]))
        return np.full(3, 255.0 if level < 128 else 0.0), np.full(3, level)
    if kind == "faint":
        step = 255 * rng.uniform(0.08, 0.2)
        return mean + (step if (mean.max() + step < 256 and rng.random() < 0.7) or mean.min() < step else -step), None
    return np.full(3, 255.0 if mean.mean() < 150 else 0.0), None


def fits(kind, ground, taken):
    if taken.any() or (kind == "dark" and ground.mean() < BRIGHT):
        return False
    return kind != "faint" or ground.std((0, 1)).max() <= EVEN


def place(rng, kind, image, taken, size):
    """Upper left corner of a free place for (width, height), or None."""
    width, height = size
    for _ in range(TRIES):
        spots = zip(taken.shape[::-1], size, strict=True)
        x, y = (int(rng.integers(ROOM, max(ROOM + 1, side - extent - ROOM))) for side, extent in spots)
        window = slice(y - ROOM, y + height + ROOM), slice(x - ROOM, x + width + ROOM)
        inside = y + height + ROOM <= taken.shape[0] and x + width + ROOM <= taken.shape[1]
        if inside and fits(kind, image[y : y + height, x : x + width], taken[window]):
            taken[window] = True
            return x, y
    return None


def line(rng, image, taken, strokes, text, face):
    """Draws one line; its truth, or None where there is no place for it or nobody could read it."""
    kind = str(rng.choice(KINDS))
    font = ImageFont.truetype(str(face), int(rng.integers(9, 13) if kind == "tiny" else rng.integers(13, 38)))
    left, top, right, bottom = (round(v) for v in font.getbbox(text))
    corner = place(rng, kind, image, taken, (right - left, bottom - top))
    if corner is None:
        return None
    x, y = corner
    ground = image[y : y + bottom - top, x : x + right - left]
    ink, box = ink_for(rng, kind, ground)
    below = ground if box is None else np.broadcast_to(box, ground.shape)
    contrast = float(np.abs(np.clip(ink, 0, 255) - below.mean((0, 1))).max()) / 255
    if contrast < max(LEAST, LEGIBLE * float(below.std((0, 1)).max()) / 255):
        return None
    mask = Image.new("L", taken.shape[::-1])
    ImageDraw.Draw(mask).text((x - left, y - top), text, fill=255, font=font)
    alpha = np.asarray(mask, np.float32)[..., None] / 255
    drawn = alpha[..., 0] > 0.5
    if not drawn.any():
        return None
    if box is not None:
        image[y - 3 : y + bottom - top + 3, x - 3 : x + right - left + 3] = box
    image[:] = np.clip(image * (1 - alpha) + ink * alpha + 0.5, 0, 255)
    strokes |= drawn
    ys, xs = np.nonzero(drawn)
    edges = [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]
    return {"box": edges, "kind": kind, "size": edges[3] - edges[1], "contrast": contrast, "legible": True}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path, help="folder of images without text")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    rng, fake, truth = np.random.default_rng(arguments.seed), Faker(["en_US", "de_DE", "es_ES", "pl_PL"]), {}
    fake.seed_instance(arguments.seed)
    faces = find_faces(font_folders("system"), held=True)
    if not enough(faces, held=True):
        raise SystemExit(install_line(held=True))
    faces = [face.path for face in faces if not face.bitmap]
    (arguments.output / "strokes").mkdir(parents=True)
    for number, path in enumerate(sorted(path for path in arguments.images.iterdir() if path.is_file())):
        try:
            image = load(path).copy()
        except UsageError:
            continue
        taken, strokes, name = np.zeros(image.shape[:2], bool), np.zeros(image.shape[:2], bool), f"{number:04}"
        lines = [line(rng, image, taken, strokes, text_of(rng, fake), faces[rng.integers(len(faces))]) for _ in range(LINES)]
        Image.fromarray(image).save(arguments.output / f"{name}.png")
        Image.fromarray(strokes.astype(np.uint8) * 255).save(arguments.output / "strokes" / f"{name}_0.png")
        truth[name] = {"file": f"{name}.png", "instances": [one for one in lines if one]}
    (arguments.output / "truth.json").write_text(json.dumps(truth), "utf-8")
    print(f"{sum(len(entry['instances']) for entry in truth.values())} lines in {len(truth)} images")


if __name__ == "__main__":
    main()
