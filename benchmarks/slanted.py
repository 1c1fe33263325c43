"""How well detectors cover lines of text by the angle at which they slant, in fonts that training never saw.

    python benchmarks/slanted.py [--images FOLDER] [--count 200] [--step 5] [--detector dbnet]

Draws one line in type of 10 to 32 pixels into each of ``count`` images, black or white by its ground, at every angle in turn.
Without ``--images`` (PNG or JPEG files without text) the grounds are procedural speckle. Without ``--detector`` the union of
dbnet and retinanet. Prints, by angle, the share of lines of which at least 95 % of the ink is covered, and the mean; then the
share of clean images with a box, the area of these boxes and the seconds an image.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pydicom import Dataset

from deidkit.image import Frame
from deidkit.imaging.boxes import rasterise
from deidkit.keys import Keys
from deidkit.registry import installed
from deidkit.types import Context, Deadline, Labels
from deidkit_synth.fonts import find_faces

TEXTS = ("MUELLER^HANS", "Schmidt, Anna", "12.03.1957 M", "ID 4711223", "Kowalski Jan 1961", "Garcia Lopez M", "PAT: Brown Eve")
HEIGHTS = (10, 12, 14, 18, 24, 32)
COVERED, SIDE = 0.95, 640


def grounds(folder: Path | None, count: int, rng: random.Random):
    if folder is None:
        for i in range(count):
            noise = np.random.default_rng(i).normal(0, 1, (64, 64)).astype(np.float32)
            yield np.clip(cv2.resize(noise, (512, 512), interpolation=cv2.INTER_CUBIC) * 18 + 60, 0, 255).astype(np.uint8)
        return
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".png", ".jpg", ".jpeg"})
    for path in rng.sample(files, min(count, len(files))):
        picture = Image.open(path)
        picture.thumbnail((SIDE, SIDE))
        yield np.asarray(picture.convert("L" if picture.mode in {"L", "1"} else "RGB"))


def draw(image, degrees: float, face, rng: random.Random):
    """The image with a line, and the mask of its ink; None where the line is larger than the image."""
    font, text = ImageFont.truetype(str(face.path), rng.choice(HEIGHTS)), rng.choice(TEXTS)
    left, top, right, bottom = font.getbbox(text)
    layer = Image.new("L", (right - left + 8, bottom - top + 8), 0)
    ImageDraw.Draw(layer).text((4 - left, 4 - top), text, font=font, fill=255)
    ink = np.asarray(layer.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC), np.float64) / 255
    rows, columns = ink.shape
    if rows > image.shape[0] or columns > image.shape[1]:
        return None
    y, x = rng.randint(0, image.shape[0] - rows), rng.randint(0, image.shape[1] - columns)
    made, mask = image.astype(np.float64), np.zeros(image.shape[:2], bool)
    patch = made[y : y + rows, x : x + columns]
    weight = ink[..., None] if image.ndim == 3 else ink
    patch[:] = patch * (1 - weight) + (255 if patch.mean() < 140 else 0) * weight
    mask[y : y + rows, x : x + columns] = ink > 0.5
    return made.round().astype(np.uint8), mask


def covered(detectors, image):
    frame = Frame(0, image.shape[:2], lambda: image, {"default": lambda samples: samples}, lambda _: (0,))
    context = Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(600), Dataset())
    boxes = [region.box for detector in detectors for region in detector.detect([frame], context)[0]]
    return rasterise(boxes, image.shape[:2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--step", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--detector", action="append")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    detectors = [installed().build("detector", name, {}) for name in arguments.detector or ("dbnet", "retinanet")]
    faces = [face for face in find_faces(held=True) if face.script == "latin" and not face.bitmap]
    angles = list(range(0, 91, arguments.step))
    by_angle: dict[int, list[float]] = {angle: [] for angle in angles}
    clean, seconds = [], 0.0
    for number, image in enumerate(grounds(arguments.images, arguments.count, rng)):
        begun = time.perf_counter()
        clean.append(covered(detectors, image).mean())
        seconds += time.perf_counter() - begun
        angle = angles[number % len(angles)]
        made = draw(image, angle, rng.choice(faces), rng)
        if made is not None:
            by_angle[angle].append(float(covered(detectors, made[0])[made[1]].mean()))
    print("degrees  lines  covered  mean")
    for angle, shares in by_angle.items():
        if shares:
            print(f"{angle:7d} {len(shares):6d} {np.mean(np.array(shares) >= COVERED):8.2f} {np.mean(shares):5.2f}")
    boxed = np.mean(np.array(clean) > 0)
    print(f"clean images with a box {boxed:.1%}, area {np.mean(clean):.3%}, {seconds / len(clean):.2f} s an image")


if __name__ == "__main__":
    main()
