"""Varied copies of a training image, good ones and ruined ones. Used for training and its tests only.

All functions take and give uint8 RGB (rows, columns, 3) and draw from the generator they are given, so a seed fixes everything.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from deidkit_modality.uniform import Pixels

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/.-^ "
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_PLAIN)
COLOURED = frozenset({"XC", "SM", "screen", "document"})
"""Classes whose colour is their own and must not be invented or lost."""


def vary(pixels: Pixels, label: str, random: Generator) -> Pixels:
    """A plausible other picture of the same class."""
    out = _crop(pixels, 0.45 if label in {"CT", "MR"} and random.random() < 0.5 else 0.72, random)
    out = _flip(out, label, random)
    if label == "US" and random.random() < 0.45:
        out = _sector(out, random)
    if random.random() < 0.6:
        out = _tone(out, random)
    if label not in {"screen", "document"}:
        out = _window(out, random) if label in {"CT", "MR", "PT", "CR"} and random.random() < 0.5 else out
        out = _annotate(out, label, random) if random.random() < 0.6 else out
        out = _framed(out, random) if random.random() < 0.15 else out
    if random.random() < 0.5:
        out = _resized(out, 0.25 + 0.75 * float(random.random()))
    if random.random() < 0.3:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), 0.3 + 0.6 * float(random.random())), np.uint8)
    if random.random() < 0.4:
        noise = random.normal(0, 1 + 5 * random.random(), out.shape[:2])[..., None]
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.4:
        out = _jpeg(out, int(random.integers(40, 96)))
    if label not in COLOURED and random.random() < (0.3 if label == "US" else 0.1):
        out = _tint(out, random)
    return np.ascontiguousarray(out)


def _crop(pixels: Pixels, least: float, random: Generator) -> Pixels:
    """At least ``least`` of each side, as a smaller field of view would show."""
    if random.random() < 0.4:
        return pixels
    rows, columns = pixels.shape[:2]
    share = random.uniform(least, 1.0)
    height, width = (max(16, int(side * min(1.0, share * random.uniform(0.85, 1.15)))) for side in (rows, columns))
    top, left = int(random.integers(0, max(1, rows - height + 1))), int(random.integers(0, max(1, columns - width + 1)))
    return pixels[top : top + height, left : left + width]


def _flip(pixels: Pixels, label: str, random: Generator) -> Pixels:
    if label in {"screen", "document"}:
        return pixels
    if random.random() < 0.5:
        pixels = pixels[:, ::-1]
    if label in {"CT", "MR", "SM", "PT"} and random.random() < 0.3:
        pixels = pixels[::-1]
    if label in {"MR", "SM", "XC"} and random.random() < 0.3:
        pixels = pixels.transpose(1, 0, 2)
    return np.ascontiguousarray(pixels)


def _sector(pixels: Pixels, random: Generator) -> Pixels:
    """An ultrasound image cut to the fan of a curved or phased array, on a dark canvas that is often wider than the fan."""
    rows, columns = pixels.shape[:2]
    wide = int(columns * random.uniform(1.0, 1.6))
    tall = int(rows * random.uniform(1.0, 1.25))
    out = np.full((tall, wide, 3), int(random.integers(0, 12)), np.uint8)
    left, top = int(random.integers(0, wide - columns + 1)), int(random.integers(0, tall - rows + 1))
    y, x = np.mgrid[0:rows, 0:columns]
    apex = rows * random.uniform(0.02, 0.9)
    distance = np.hypot(x - columns / 2, y + apex)
    angle = np.abs(np.arctan2(x - columns / 2, y + apex))
    half = np.arctan2(columns / 2, apex + rows * random.uniform(0.4, 0.9))
    inside = (
        (angle < half) & (distance > apex * random.uniform(0.7, 1.3)) & (distance < apex + rows * random.uniform(0.85, 1.0))
    )
    out[top : top + rows, left : left + columns][inside] = pixels[inside]
    return out


def _tone(pixels: Pixels, random: Generator) -> Pixels:
    gamma, gain, shift = 2 ** random.uniform(-0.7, 0.7), random.uniform(0.75, 1.3), random.uniform(-20, 20)
    table = np.clip(255 * (np.arange(256) / 255) ** gamma * gain + shift, 0, 255)
    table[0] = min(table[0], 8)
    return np.asarray(cv2.LUT(np.ascontiguousarray(pixels), table.astype(np.uint8)), np.uint8)


def _window(pixels: Pixels, random: Generator) -> Pixels:
    low, high = np.percentile(pixels[::4, ::4], [random.uniform(0, 40), random.uniform(80, 100)])
    table = np.clip((np.arange(256) - low) * 255 / max(16.0, high - low), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(np.ascontiguousarray(pixels), table), np.uint8)


def _annotate(pixels: Pixels, label: str, random: Generator) -> Pixels:
    """Lines of letters, in added margins or in the corners; ultrasound gets banners, bars and ticks."""
    out = np.ascontiguousarray(pixels).copy()
    wide = label == "US" or random.random() < 0.3
    if wide:
        share = [int(side * random.uniform(0, 0.18)) for side in (*out.shape[:2], *out.shape[:2])]
        shade = 0 if random.random() < 0.85 else int(random.integers(0, 256))
        edges = (share[0], share[2], share[1], share[3])
        out = np.asarray(cv2.copyMakeBorder(out, *edges, cv2.BORDER_CONSTANT, value=(shade,) * 3), np.uint8)
    for _ in range(int(random.integers(1, 12 if wide else 5))):
        _write(out, random)
    if label == "US" and random.random() < 0.6:
        _ticks(out, random)
    return np.asarray(out, np.uint8)


def _framed(pixels: Pixels, random: Generator) -> Pixels:
    """As a figure on a page or in a window: a wide margin of one shade, often white."""
    shade = 255 if random.random() < 0.6 else int(random.integers(0, 256))
    rows, columns = pixels.shape[:2]
    top, bottom, left, right = (int(max(rows, columns) * random.uniform(0, 0.2)) for _ in range(4))
    out = np.full((rows + top + bottom, columns + left + right, 3), shade, np.uint8)
    out[top : top + rows, left : left + columns] = pixels
    return out


def _write(out: Pixels, random: Generator) -> None:
    rows, columns = out.shape[:2]
    size = max(rows, columns) / 1000 * random.uniform(0.5, 1.4)
    words = "".join(random.choice(list(_LETTERS), int(random.integers(1, 22))))
    level = int(random.integers(150, 256))
    colour = (level, level, int(level * (0.3 if random.random() < 0.2 else 1)))
    edge = random.random() < 0.8
    y = int(rows * (random.uniform(0.02, 0.16) if random.random() < 0.5 else random.uniform(0.86, 0.99)))
    y = y if edge else int(rows * random.random())
    x = int(columns * (random.uniform(0, 0.3) if random.random() < 0.6 else random.uniform(0.5, 0.95)))
    font = _FONTS[int(random.integers(len(_FONTS)))]
    cv2.putText(out, words, (x, y), font, size, colour, 1 if size < 0.9 else 2, cv2.LINE_AA)


def _ticks(out: Pixels, random: Generator) -> None:
    rows, columns = out.shape[:2]
    x = int(columns * random.uniform(0.9, 0.98))
    step = max(4, int(rows * random.uniform(0.02, 0.08)))
    for index, y in enumerate(range(step, rows, step)):
        cv2.line(out, (x, y), (x + (8 if index % 5 == 0 else 4), y), (200, 200, 200), 1)
    if random.random() < 0.5:
        left, height = int(columns * random.uniform(0.01, 0.08)), int(rows * random.uniform(0.15, 0.5))
        ramp = np.linspace(255, 0, height).astype(np.uint8)
        top = int(random.integers(0, max(1, rows - height)))
        bar = out[top : top + height, left : left + max(4, columns // 60)]
        bar[:] = ramp[: len(bar), None, None]


def _resized(pixels: Pixels, factor: float) -> Pixels:
    rows, columns = pixels.shape[:2]
    factor = max(factor, 96 / max(rows, columns)) if max(rows, columns) > 96 else 1.0
    shape = (max(8, round(columns * factor)), max(8, round(rows * factor)))
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels), shape, interpolation=cv2.INTER_AREA), np.uint8)


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    good, data = cv2.imencode(".jpg", np.ascontiguousarray(pixels), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8) if good else pixels


def _tint(pixels: Pixels, random: Generator) -> Pixels:
    gains = random.uniform(0.75, 1.0, 3)
    return np.clip(pixels * gains, 0, 255).astype(np.uint8)


def blurred(pixels: Pixels, random: Generator) -> Pixels:
    sigma = max(pixels.shape[:2]) * 2 ** random.uniform(-6.4, -4.2)
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(pixels), (0, 0), float(sigma)), np.uint8)


def dark(pixels: Pixels, random: Generator) -> Pixels:
    out = pixels * random.uniform(0.01, 0.14) + random.normal(0, 1, pixels.shape[:2])[..., None]
    return np.clip(out, 0, 255).astype(np.uint8)


def bright(pixels: Pixels, random: Generator) -> Pixels:
    out = (
        255 - (255 - pixels.astype(np.float32)) * random.uniform(0.01, 0.14) + random.normal(0, 1, pixels.shape[:2])[..., None]
    )
    return np.clip(out, 0, 255).astype(np.uint8)


def empty(pixels: Pixels, random: Generator) -> Pixels:
    """One shade with no more than noise and perhaps a border; only the size of ``pixels`` is used."""
    out = np.full(pixels.shape, random.integers(0, 256), np.float32)
    if random.random() < 0.5:
        out += random.normal(0, random.uniform(0, 4), pixels.shape[:2])[..., None]
    if random.random() < 0.3:
        edge = max(1, int(min(pixels.shape[:2]) * random.uniform(0.02, 0.2)))
        out[:edge] = out[-edge:] = random.integers(0, 256)
    return np.clip(out, 0, 255).astype(np.uint8)


SPOILERS: dict[str, Callable[[Pixels, Generator], Pixels]] = {
    "blurred": blurred,
    "dark": dark,
    "bright": bright,
    "empty": empty,
}
