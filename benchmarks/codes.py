"""Draws barcodes and matrix codes on images at every angle, and says which of them the detector `codes` covers.

    python benchmarks/codes.py IMAGES/clean

Each code lies on a label, at a place and on an image that the seed chooses. It is covered when 97 % of its area is. The last
line says how much of the images without codes is covered, and how long that takes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from pydicom import Dataset

from deidkit.imaging.boxes import rasterise
from deidkit.item.reading import read
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit.testing.images import frame_of
from deidkit.types import Context, Deadline, Labels

CONTENT = {
    "Code39": "MRN4471902",
    "Code128": "MRN-4471902",
    "EAN13": "590123412345",
    "ITF": "44719023",
    "Codabar": "A4471902B",
    "QRCode": "DOE^JANE 4471902",
    "DataMatrix": "DOE^JANE 4471902",
    "PDF417": "DOE^JANE 4471902",
    "Aztec": "DOE^JANE 4471902",
}
LINEAR = ("Code39", "Code128", "EAN13", "ITF", "Codabar")
CHANGES = {
    "plain": {},
    "60 % size": {"module": 1.2},
    "blurred": {"blur": 1.0},
    "more blurred": {"blur": 2.0},
    "contrast 0.3": {"contrast": 0.3},
    "contrast 0.1": {"contrast": 0.1},
    "inverse": {"inverse": True},
    "12 px high": {"height": 12},
}
SIDE = 512
ANGLES = range(0, 91, 5)
COVERED = 0.97


def symbol(kind, module, height):
    """A code between its empty spaces, in [0, 1], and how wide these are in pixels."""
    made = zxingcpp.create_barcode(CONTENT[kind], getattr(zxingcpp.BarcodeFormat, kind))
    cells = np.array(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False))
    if kind in LINEAR:
        cells = np.repeat(cells[cells.shape[0] // 2][None], round(height / module), axis=0)
    fine = np.kron(cells, np.ones((8, 8), np.uint8))
    drawn = cv2.resize(fine, None, fx=module / 8, fy=module / 8, interpolation=cv2.INTER_AREA)
    quiet = round((10 if kind in LINEAR else 4) * module)
    return cv2.copyMakeBorder(drawn, *(quiet,) * 4, cv2.BORDER_CONSTANT, value=255) / np.float32(255), quiet


def placed(ground, rng, kind, angle, module=2.0, height=40, blur=0.0, contrast=1.0, inverse=False):
    """A picture with one code on ``ground``, and the mask of its modules."""
    label, quiet = symbol(kind, module, height)
    label = 0.5 + contrast * ((1 - label if inverse else label) - 0.5)
    rows, columns = label.shape
    reach = np.hypot(rows, columns) / 2
    there = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), angle, 1.0)
    there[:, 2] += rng.uniform(min(reach, SIDE / 2), max(SIDE - reach, SIDE / 2), 2) - ((columns - 1) / 2, (rows - 1) / 2)
    on = cv2.warpAffine(np.ones_like(label), there, (SIDE, SIDE))
    made = ground * (1 - on) + 255 * on * cv2.warpAffine(label, there, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
    if blur:
        made = np.where(on > 0, cv2.GaussianBlur(made, (0, 0), blur), made)
    ink = np.zeros_like(label)
    ink[quiet : rows - quiet, quiet : columns - quiet] = 1
    return np.clip(made, 0, 255).astype(np.uint8), cv2.warpAffine(ink, there, (SIDE, SIDE), flags=cv2.INTER_NEAREST) > 0


def frames(folder):
    formats = {name: installed().build("format", name) for name in installed().names("format")}
    for path in sorted(folder.iterdir()):
        yield read(path, formats, Limits())[1].frame(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", type=Path, help="folder of images without codes")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    detector = installed().build("detector", "codes")
    context = Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(36000), Dataset())

    def found(frame):
        return detector.detect([frame], context)[0]

    grounds, area, boxes, seconds, pixels = [], 0.0, 0, 0.0, 0
    for frame in frames(arguments.images):
        view = frame.view()
        began = time.process_time()
        regions = found(frame)
        seconds += time.process_time() - began
        pixels += view.shape[0] * view.shape[1]
        boxes += len(regions)
        area += float(rasterise([region.box for region in regions], frame.shape).mean())
        grounds.append(cv2.resize(view if view.ndim == 2 else view[..., 1], (SIDE, SIDE)))
    hits = {(kind, name): [] for kind in CONTENT for name in CHANGES}
    by_angle = {angle: [] for angle in ANGLES}
    for (kind, name), scores in hits.items():
        for angle in ANGLES:
            samples, ink = placed(grounds[rng.integers(len(grounds))], rng, kind, angle, **CHANGES[name])
            regions = found(frame_of(samples))
            share = (rasterise([region.box for region in regions], ink.shape) & ink).sum() / ink.sum()
            scores.append(share >= COVERED)
            if name == "plain":
                by_angle[angle].append(share >= COVERED)
    print("| kind | " + " | ".join(CHANGES) + " |\n" + "|---" * (len(CHANGES) + 1) + "|")
    for kind in CONTENT:
        print(f"| {kind} | " + " | ".join(f"{sum(hits[kind, name])} of {len(ANGLES)}" for name in CHANGES) + " |")
    print("\nplain, by angle: " + ", ".join(f"{angle}: {sum(scores)} of {len(scores)}" for angle, scores in by_angle.items()))
    print(f"\nwithout codes: {len(grounds)} images, {boxes} boxes, {100 * area / len(grounds):.3f} % of the area, ", end="")
    print(f"{1000 * seconds * SIDE * SIDE / pixels:.1f} ms for {SIDE} x {SIDE} pixels in all telling views")


if __name__ == "__main__":
    main()
