"""Whether the reverse model's answer can be read: how like the true text is what OCR reads in it, against other lines' texts.

    python benchmarks/reading.py [--pool POOL] [--lines 150]

Lines of held-out fonts, upright, from 14 pixels and four letters, over the pool's test part (procedural images without one).
Every line is redacted in every way; the reverse model predicts its strokes; the rapidocr recogniser reads the prediction.
Similarity is one minus the edit distance as a share of the longer text; the null is that to all other lines' texts, on average.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from pydicom import Dataset

from deidkit.image import Array, Box
from deidkit.imaging.boxes import grow
from deidkit.keys import Keys
from deidkit.registry import installed
from deidkit.testing.images import frame_of
from deidkit.types import Context, Deadline, Labels, Region
from deidkit_inpaint.training.pairs import plane
from deidkit_reconstruct.attack.reading import alike
from deidkit_reconstruct.attack.reverse import ReverseModel
from deidkit_reconstruct.training.redactions import black, blurred, inpainted, mosaic

SEED, SIDE, TALL, LETTERS, MARGIN, AROUND = 78, 256, 14, 4, 3, 24
RESAMPLES = 1000
CONTEXT = Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(3600), Dataset())


@dataclass(frozen=True, slots=True)
class Line:
    """A plane (rows, columns) with one line of text in ``box``, grown by the margin."""

    plane: Array
    box: Box
    text: str


def lines(pool: str | None) -> Iterator[Line]:
    conditions = {"size": SIDE, "part": "test", "empty": 0.0, **({"pool": pool} if pool else {})}
    for tile in installed().build("generator", "tiles").generate(100_000, SEED, conditions):
        for one in tile.instances:
            upright = one.legible and not one.mirrored and abs(one.angle) < 1
            if upright and one.size >= TALL and len("".join(one.text.split())) >= LETTERS and one.text.isascii():
                grown = grow(one.box, MARGIN, tile.image.shape[:2])
                if grown is not None and grown[2] - grown[0] > grown[3] - grown[1]:
                    yield Line(plane(tile.image), grown, one.text)
                    break


def ways() -> dict[str, Callable[[Array, list[Box]], Array]]:
    found: dict[str, Callable[[Array, list[Box]], Array]] = {
        "nothing redacted": lambda plane, _: plane, "black": black, "blur 5": blurred, "mosaic 8": mosaic,
    }  # fmt: skip
    for model in ("telea", "harmonic", "unet", "gan"):
        found[f"{model} conditioned"] = partial(inpainted, model, "conditioned")
    return found | {f"{model} visible": partial(inpainted, model, "visible") for model in ("unet", "gan")}


def read(reader: Any, shown: Array) -> str:
    """What OCR makes of a grey picture of one line, dark on light."""
    framed = np.pad(255 - shown, 8, constant_values=255)
    frame = frame_of(framed)
    region = Region((0, 0, framed.shape[1], framed.shape[0]), 1.0, "benchmark")
    return reader.read(frame, [region], CONTEXT)[0].text or ""


def predicted(model: ReverseModel, line: Line, redact: Callable[[Array, list[Box]], Array]) -> Array:
    x0, y0, x1, y1 = grow(line.box, AROUND, line.plane.shape) or line.box
    part = redact(line.plane, [line.box])[y0:y1, x0:x1]
    mask = np.zeros(part.shape, np.bool_)
    inner = np.s_[line.box[1] - y0 : line.box[3] - y0, line.box[0] - x0 : line.box[2] - x0]
    mask[inner] = True
    return model.strokes(part.astype(np.float32), mask)[inner]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool")
    parser.add_argument("--lines", type=int, default=150)
    given = parser.parse_args()
    chosen, model = list(islice(lines(given.pool), given.lines)), ReverseModel()
    reader, rng = installed().build("recogniser", "rapidocr"), np.random.default_rng(0)
    texts = [line.text for line in chosen]
    print("| redaction | similarity | to other texts | more by (95 % interval) | read in full |\n|---|---|---|---|---|")
    for name, redact in ways().items():
        said = [read(reader, predicted(model, line, redact)) for line in chosen]
        own = np.array([alike(one, text) for one, text in zip(said, texts, strict=True)])
        null = np.array([np.mean([alike(one, other) for n, other in enumerate(texts) if n != i]) for i, one in enumerate(said)])
        gain = own - null
        low, high = np.quantile(gain[rng.integers(0, len(gain), (RESAMPLES, len(gain)))].mean(axis=1), (0.025, 0.975))
        print(
            f"| {name} | {own.mean():.3f} | {null.mean():.3f} | {gain.mean():+.3f} ({low:+.3f} to {high:+.3f}) "
            f"| {100 * (own == 1).mean():.0f} % |"
        )


if __name__ == "__main__":
    main()
