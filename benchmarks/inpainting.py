"""How well regions are filled, what the filling still tells, and what it costs.

    python benchmarks/inpainting.py IMAGES [--crops 500] [--write docs/benchmarks.md] [--picture docs/fillings.png]

IMAGES is a folder of images without text, in any installed format; nothing was trained on them. Fonts and layouts come from the
held-out part of the generator `tiles`. The tables go to the terminal, or between the marks in the given file; the picture shows
procedural backgrounds alone.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from filling import Backbone, Onlooker, eight, psnr, ssim

from deidkit.errors import EnvironmentFault, ItemError
from deidkit.image import Array
from deidkit.item.reading import read
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit_inpaint.fillers import FILLERS
from deidkit_inpaint.learned import WEIGHTS, Learned
from deidkit_inpaint.training.pairs import Layout, Pair, compose, layout, plane
from deidkit_reconstruct.attack.leakage import measure
from deidkit_reconstruct.attack.reverse import ReverseModel
from deidkit_reconstruct.options import ReconstructOptions
from deidkit_reconstruct.training.judge import advantage, position_prior
from deidkit_reconstruct.training.redactions import black, blurred, mosaic

SIDE, CROP, SEED = 160, 128, 77
TALL = 14
"""Height of strokes in pixels from which a line counts as tall."""
CLEAR = 2.0
"""How far the ink of a clear line is off, in standard deviations of what is around it in its box."""
START, END = "<!-- fillings -->", "<!-- end of fillings -->"
SHOWN, ENLARGED = 6, 2
Fill = Callable[[Pair], Array]


def backgrounds(folder: Path) -> list[Array]:
    """8-bit default views of all frames 0 that are large enough."""
    registry = installed()
    formats = {name: registry.build("format", name) for name in registry.names("format")}
    found = []
    for path in sorted(folder.iterdir()):
        try:
            view = read(path, formats, Limits())[1].frame(0).view()
        except ItemError:
            continue
        grey = view if view.ndim == 2 else plane(view)
        if min(grey.shape) >= SIDE:
            found.append(grey)
    return found


def crops(clean: list[Array], layouts: list[Layout]) -> Iterator[Pair]:
    rng = np.random.default_rng(SEED)
    while True:
        image = clean[int(rng.integers(len(clean)))]
        y, x = (int(rng.integers(size - SIDE + 1)) for size in image.shape)
        part = np.ascontiguousarray(image[y : y + SIDE, x : x + SIDE])
        made = compose(rng, part, layouts[int(rng.integers(len(layouts)))], CROP)
        if made is not None:
            yield made


def fillers() -> dict[str, Fill]:
    found: dict[str, Fill] = {}
    for name, fill in FILLERS.items():
        found[name] = lambda pair, fill=fill: fill(np.where(pair.mask, 0, pair.text).astype(np.float32), pair.mask)
    for card in sorted(WEIGHTS.glob("*.card.json")):
        name = card.name.removesuffix(".card.json")
        for mode in ("conditioned", "visible"):
            model = Learned(name, mode == "conditioned")
            blank = mode == "conditioned"
            found[f"{name} {mode}"] = lambda pair, model=model, blank=blank: model(
                np.where(pair.mask & blank, 0, pair.text).astype(np.float32), pair.mask
            )
    return found


def textured(pair: Pair) -> bool:
    """Whether the background under the mask has detail of its own."""
    return float((pair.clean - cv2.GaussianBlur(pair.clean, (0, 0), 2))[pair.mask].std()) > 0.02


def bounds(mask: Array) -> list[tuple[slice, slice]]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return [np.s_[t : t + h, x : x + w] for x, t, w, h, _ in stats[1:count]]


def leaks(pair: Pair, filled: Array) -> Iterator[float]:
    text, after = (np.clip(np.rint(p * 255), 0, 255).astype(np.uint8) for p in (np.clip(pair.text, 0, 1), filled))
    for place in bounds(pair.mask):
        yield measure(text[place], after[place]).advantage


def quality(pairs: list[Pair], fills: dict[str, Fill]) -> str:
    limit = ReconstructOptions().most_advantage
    rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    onlooker, backbone = Onlooker(), _backbone()
    for pair in pairs:
        clean, boxes = np.clip(pair.clean, 0, 1), _boxes(pair.mask)
        known = {"the text itself": lambda pair: pair.text, "the true background": lambda pair: pair.clean}
        for name, fill in {**fills, **known}.items():
            started = time.process_time()
            filled = np.clip(fill(pair), 0, 1)
            row = rows[name]
            row["ms"].append(1000 * (time.process_time() - started))
            row["strokes"].append(psnr(filled, clean, pair.strokes))
            row["box"].append(psnr(filled, clean, pair.mask))
            row["ssim"].append(ssim(filled, clean, pair.mask))
            row["text"] += onlooker.sees(filled, boxes)
            if backbone is not None:
                row["features"].append(backbone.distance(filled, clean, pair.mask))
            if textured(pair):
                row["textured"].append(psnr(filled, clean, pair.strokes))
            row["leak"] += [float(score > limit) for score in leaks(pair, filled)]
    head = (
        "| filling | PSNR in strokes | over texture | PSNR in mask | SSIM in mask | features | text found | leaks | ms |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    lines = [
        f"| {name} | {_mean(r['strokes']):.2f} | {_mean(r['textured']):.2f} | {_mean(r['box']):.2f} | {_mean(r['ssim']):.3f} "
        f"| {_mean(r['features']):.3f} | {100 * _mean(r['text']):.1f} % | {100 * _mean(r['leak']):.1f} % "
        f"| {float(np.median(r['ms'])):.1f} |"
        for name, r in rows.items()
    ]
    return "\n".join([head, *lines])


def _backbone() -> Backbone | None:
    try:
        return Backbone()
    except ImportError:
        return None


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def attacks(pairs: list[Pair], fills: dict[str, Fill]) -> str:
    """The reverse model on single regions, against position prior, black boxes of the same places and shuffled predictions."""
    model = ReverseModel()
    half = len(pairs) // 2
    prior = position_prior([pair.strokes[place] for pair in pairs[:half] for place in bounds(pair.mask)])
    ways: dict[str, Callable[[Pair], Array]] = {
        name: lambda pair, redact=redact: redact(eight(pair.text), _boxes(pair.mask))
        for name, redact in (("black", black), ("blur 5", blurred), ("mosaic 8", mosaic))
    }
    ways |= {name: lambda pair, fill=fill: eight(fill(pair)) for name, fill in fills.items()}
    head = "| redaction | lines | area | position prior | black box | shuffled | advantage (95 % interval) |\n|" + "---|" * 7
    lines = []
    blind, _, _ = _guess(model, pairs[half:], ways["black"])
    for name, redact in ways.items():
        guesses, truth, clear = _guess(model, pairs[half:], redact)
        tall = [i for i, strokes in enumerate(truth) if np.ptp(np.flatnonzero(strokes.any(1))) + 1 >= TALL]
        both = [i for i in tall if clear[i]]
        for which, chosen in (("all", range(len(truth))), (f"from {TALL} px", tall), (f"from {TALL} px, clear", both)):
            known = None if name == "black" else [blind[i] for i in chosen]
            found = advantage([guesses[i] for i in chosen], [truth[i] for i in chosen], prior, known)
            lines.append(
                f"| {name} | {which}, {found.regions} | {found.area:.3f} | {found.prior:.3f} | {found.blind:.3f} "
                f"| {found.shuffled:.3f} | {found.advantage:+.3f} ({found.low:+.3f} to {found.high:+.3f}) |"
            )
    return "\n".join([head, *lines])


def _guess(
    model: ReverseModel, pairs: list[Pair], redact: Callable[[Pair], Array]
) -> tuple[list[Array], list[Array], list[bool]]:
    guesses, truth, clear = [], [], []
    for pair in pairs:
        view = model.strokes(redact(pair).astype(np.float32), pair.mask)
        for place in bounds(pair.mask):
            if pair.strokes[place].any():
                guesses.append(view[place])
                truth.append(pair.strokes[place])
                clear.append(_is_clear(pair.text[place], pair.strokes[place]))
    return guesses, truth, clear


def _is_clear(text: Array, strokes: Array) -> bool:
    around = text[~cv2.dilate(strokes.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)]
    return bool(around.size) and abs(float(text[strokes].mean() - around.mean())) >= CLEAR * float(around.std())


def picture(layouts: list[Layout], fills: dict[str, Fill], path: Path) -> None:
    """Rows of one crop each: with text, what is masked, every filling, and what stood there before; over procedural images."""
    tiles = installed().build("generator", "tiles").generate(60, SEED, {"size": SIDE, "part": "test", "empty": 1.0})
    pairs = (pair for pair in crops([plane(tile.image) for tile in tiles], layouts) if textured(pair))
    shown = [fills[name] for name in ("telea", "harmonic", "unet conditioned", "gan conditioned")]
    rows = []
    for pair in islice(pairs, SHOWN):
        masked = np.where(pair.mask, 0, pair.text)
        rows.append(np.hstack([eight(p) for p in (pair.text, masked, *(fill(pair) for fill in shown), pair.clean)]))
    made = np.vstack(rows)
    cv2.imwrite(str(path), cv2.resize(made, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_NEAREST))


def _boxes(mask: Array) -> list[tuple[int, int, int, int]]:
    return [(int(x.start), int(y.start), int(x.stop), int(y.stop)) for y, x in bounds(mask)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("--crops", type=int, default=500)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    conditions: dict[str, Any] = {"size": SIDE, "part": "test", "empty": 0.0}
    tiles = installed().build("generator", "tiles").generate(given.crops // 2, SEED, conditions)
    layouts = [found for found in map(layout, tiles) if found.boxes]
    pairs = list(islice(crops(backgrounds(given.images), layouts), given.crops))
    fills = fillers()
    if given.picture:
        picture(layouts, fills, given.picture)
    text = f"{len(pairs)} crops, of which {sum(map(textured, pairs))} over texture.\n\n" + quality(pairs, fills)
    try:
        text += "\n\n" + attacks(pairs, fills)
    except EnvironmentFault as fault:
        text += f"\n\nNo reverse model: {fault}"
    if given.write is None:
        print(text)
        return
    page = given.write.read_text("utf-8")
    before, rest = page.split(START, 1)
    given.write.write_text(f"{before}{START}\n\n{text}\n\n{END}{rest.split(END, 1)[1]}", "utf-8")


if __name__ == "__main__":
    main()
