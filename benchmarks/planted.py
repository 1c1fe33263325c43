"""Scores detectors on a planted set that `deidkit synth --held-out --strokes` wrote.

The one command that makes the set (fonts: see deidkit_synth.fonts.HELD_OUT; Debian packages fonts-3270 fonts-jetbrains-mono
fonts-courier-prime fonts-quicksand fonts-spleen fonts-anonymous-pro fonts-clear-sans fonts-firacode fonts-fantasque-sans
fonts-national-park; backgrounds: the pool's test part, one group in ten, and phantoms, one kind of which training never draws):

    deidkit synth --held-out --fonts system --strokes --pool POOL --seed 77 --count 200 --output PLANTED
    python benchmarks/planted.py PLANTED [--detector dbnet] [--worst MISSED.png]

Without --detector the union of dbnet and retinanet, each with its hints, without boxes that hide nothing of their own, as the
built-in profiles look. A set that was written with `--without-text`, the same images otherwise, has an area by mistake only.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from pydicom import Dataset

from deidkit.image import Frame
from deidkit.imaging.boxes import grow, rasterise
from deidkit.imaging.fusion import corroborated
from deidkit.imaging.redundancy import without_spare
from deidkit.keys import Keys
from deidkit.registry import installed
from deidkit.types import Action, Context, Deadline, Labels

COVERED = 0.9
NEAR = 4
"""Pixels around a line that are no mistake to cover."""


def boxes_by(detectors, image, spares):
    frame = Frame(0, image.shape[:2], lambda: image, {"default": lambda samples: samples}, lambda _: (0, 0, 0))
    context = Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(600), Dataset())
    found = (region for detector in detectors for region in detector.detect([frame], context)[0])
    regions = [replace(region, action=Action.REDACT) for region in corroborated(found, frame.shape)]
    return [region.box for region in (without_spare([image], regions) if spares else regions)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("planted", type=Path)
    parser.add_argument("--detector", action="append", help="may be given several times; alone, without hints")
    parser.add_argument("--worst", type=Path, help="picture of up to 60 lines that were missed")
    arguments = parser.parse_args()
    options = {} if arguments.detector else {"hints": True}
    detectors = [installed().build("detector", name, options) for name in arguments.detector or ("dbnet", "retinanet")]
    truth = json.loads((arguments.planted / "truth.json").read_text("utf-8"))
    hits, false, missed = [], [], []
    for entry in truth.values():
        image = cv2.imread(str(arguments.planted / entry["file"]))[..., ::-1]
        strokes = ink_of(arguments.planted, entry) if entry["instances"] else np.zeros(image.shape[:2], bool)
        boxes = boxes_by(detectors, np.ascontiguousarray(image), spares=not arguments.detector)
        covered = rasterise(boxes, strokes.shape)
        text = rasterise((grow(tuple(line["box"]), NEAR, strokes.shape) for line in entry["instances"]), strokes.shape)
        for line in entry["instances"]:
            x0, y0, x1, y1 = line["box"]
            ink = strokes[y0:y1, x0:x1]
            if line["legible"] and ink.any():
                found = covered[y0:y1, x0:x1][ink].mean() >= COVERED
                hits.append((found, line["size"], line["contrast"], line["kind"]))
                if not found:
                    missed.append(image[max(0, y0 - 16) : y1 + 16, max(0, x0 - 16) : x1 + 16])
        alone = rasterise((box for box in boxes if not text[box[1] : box[3], box[0] : box[2]].any()), strokes.shape)
        false.append((float((covered & ~text).mean()), float(alone.mean())))
    report(hits, false)
    if arguments.worst and missed:
        cv2.imwrite(str(arguments.worst), sheet(missed[:: max(1, len(missed) // 60)][:60])[..., ::-1])


def ink_of(planted, entry):
    """Boolean (rows, columns): the strokes of all that was written into the first frame."""
    path = planted / "strokes" / f"{Path(entry['file']).stem}_0.png"
    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) > 0


def sheet(crops):
    """Crops (rows, columns, 3) in cells of 150 x 60, ten side by side."""
    cells = np.zeros((-(-len(crops) // 10) * 60, 1500, 3), np.uint8)
    for n, crop in enumerate(crops):
        part = crop[:60, :150]
        y, x = n // 10 * 60, n % 10 * 150
        cells[y : y + part.shape[0], x : x + part.shape[1]] = part
    return cells


def report(hits, false) -> None:
    size, contrast = np.array([hit[1] for hit in hits]), np.array([hit[2] for hit in hits])
    found, kinds = np.array([hit[0] for hit in hits]), np.array([hit[3] for hit in hits])
    groups = {
        "all legible": found >= 0,
        "height <= 10 px": size <= 10,
        "contrast 0.08-0.2": (contrast >= 0.08) & (contrast <= 0.2),
        "contrast > 0.2, > 10 px": (contrast > 0.2) & (size > 10),
        **{str(kind): kinds == kind for kind in np.unique(kinds)},
    }
    for name, chosen in groups.items():
        print(f"{name:24s} {100 * found[chosen].mean() if chosen.any() else float('nan'):6.2f} % of {chosen.sum()}")
    all_of_it, alone = 100 * np.mean(false, axis=0)
    print(f"area by mistake: mean {all_of_it:.3f} % of {len(false)} images, {alone:.3f} % by boxes that touch no line")


if __name__ == "__main__":
    main()
