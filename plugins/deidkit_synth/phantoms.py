"""Procedural backgrounds by modality, none of which holds text: (rows, columns, 3) uint8, made from a seed alone."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from deidkit.image import Array

Random = np.random.Generator


def field(rng: Random, size: int, cells: float) -> Array:
    """Smooth noise in [0, 1], about ``cells`` blobs across."""
    n = max(2, round(cells))
    return np.asarray(cv2.resize(rng.random((n, n), np.float32), (size, size), interpolation=cv2.INTER_CUBIC).clip(0, 1))


def fractal(rng: Random, size: int, cells: float, octaves: int = 4) -> Array:
    """Octaves of smooth noise in [0, 1]."""
    total = field(rng, size, cells)
    for i in range(1, octaves):
        total = total + field(rng, size, cells * 2**i) * 0.55**i
    return np.asarray((total - total.min()) / (np.ptp(total) + 1e-6), np.float32)


def speckle(rng: Random, size: int, grain: float) -> Array:
    """Rayleigh speckle, wider than it is tall, mean about 0.5."""
    wide = max(0.3, grain * float(rng.uniform(0.8, 2.0)))
    pair = [
        cv2.GaussianBlur(rng.standard_normal((size, size), np.float32), (0, 0), wide, sigmaY=max(0.3, grain * 0.6))
        for _ in range(2)
    ]
    amplitude = np.hypot(*pair)
    return np.asarray(amplitude / (2 * amplitude.mean() + 1e-6), np.float32)


def _grid(size: int) -> tuple[Array, Array]:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    return y, x


def sector_mask(rng: Random, size: int) -> Array:
    """A convex or phased-array fan, apex near the top edge."""
    y, x = _grid(size)
    cx, cy = float(rng.uniform(0.3, 0.7)), float(rng.uniform(-0.3, 0.1))
    angle, radius = np.arctan2(x - cx, y - cy + 1e-6), np.hypot(x - cx, y - cy)
    near = float(rng.uniform(0, 0.35)) if cy < 0 else float(rng.uniform(0, 0.03))
    far = near + float(rng.uniform(0.5, 1.1))
    return np.asarray((abs(angle) < rng.uniform(0.4, 0.95)) & (radius > near) & (radius < far))


def ultrasound(rng: Random, size: int) -> Array:
    tissue = fractal(rng, size, rng.uniform(2, 6))
    y, x = _grid(size)
    layers = 0.5 + 0.5 * np.sin(y * rng.uniform(10, 60) + 6 * field(rng, size, 3) + x * rng.uniform(-8, 8))
    decay = np.exp(-y * rng.uniform(0.0, 2.5))
    image = speckle(rng, size, rng.uniform(0.7, 2.2)) * (tissue * rng.uniform(0.5, 1.6) + layers * rng.uniform(0, 0.8)) * decay
    image = np.clip(image * rng.uniform(0.5, 2.0), 0, None) ** rng.uniform(0.5, 1.0)
    if rng.random() < 0.7:
        image = image * sector_mask(rng, size)
    grey = np.clip(image * 255, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


def doppler(rng: Random, size: int) -> Array:
    image = ultrasound(rng, size)
    flow = fractal(rng, size, rng.uniform(3, 9)) - 0.5
    where = (fractal(rng, size, rng.uniform(3, 8)) > rng.uniform(0.55, 0.75)) & (abs(flow) > 0.04)
    if rng.random() < 0.5:
        step = int(rng.integers(2, 5))
        where = np.repeat(np.repeat(where[::step, ::step], step, 0), step, 1)[:size, :size]
    strength = np.clip(abs(flow) * 3.5, 0, 1) * (0.5 + 0.5 * rng.random((size, size), np.float32))
    red = np.stack([0.1 * strength, 0.8 * strength**2, 0.4 + 0.6 * strength], -1)
    blue = np.stack([0.4 + 0.6 * strength, 0.7 * strength**2, 0.1 * strength], -1)
    colour = np.where((flow > 0)[..., None], red, blue)
    return np.asarray(np.where(where[..., None], colour * 255, image), np.uint8)


def spectral(rng: Random, size: int) -> Array:
    """A pulsed-wave trace: speckled waves over a base line."""
    y, x = _grid(size)
    base = rng.uniform(0.4, 0.8)
    phase = (x * rng.uniform(2, 7)) % 1
    wave = np.exp(-phase * rng.uniform(1, 5)) * rng.uniform(0.2, 0.5)
    body = ((base - y) > 0) & ((base - y) < wave) & ((base - y) > wave * rng.uniform(0, 0.6))
    image = speckle(rng, size, 0.8) * (body * 1.3 + 0.05)
    grey = np.clip(image * 255, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


def _pair(point: Array) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def slices(rng: Random, size: int) -> Array:
    """An axial slice: ellipses in ellipses over air, with texture and a table line."""
    image = np.full((size, size), rng.uniform(0, 0.06), np.float32)
    centre = np.array([size * rng.uniform(0.4, 0.6), size * rng.uniform(0.4, 0.6)])
    axes = np.array([size * rng.uniform(0.25, 0.5), size * rng.uniform(0.2, 0.45)])
    turn = float(rng.uniform(0, 180))
    cv2.ellipse(image, (_pair(centre), _pair(2 * axes), turn), float(rng.uniform(0.6, 1)), -1)
    cv2.ellipse(image, (_pair(centre), _pair(1.86 * axes), turn), float(rng.uniform(0.3, 0.6)), -1)
    for _ in range(int(rng.integers(4, 18))):
        spot = centre + rng.uniform(-0.6, 0.6, 2) * axes
        part = axes * rng.uniform(0.05, 0.4, 2)
        cv2.ellipse(
            image,
            (_pair(spot), _pair(2 * part), float(rng.uniform(0, 180))),
            float(rng.uniform(0, 1)),
            -1 if rng.random() < 0.7 else int(rng.integers(1, 5)),
        )
    image += (fractal(rng, size, 20) - 0.5) * rng.uniform(0, 0.3) * (image > 0.1)
    if rng.random() < 0.3:
        cv2.ellipse(
            image,
            (size // 2, int(size * rng.uniform(0.2, 0.6))),
            (size // 2, size // 3),
            0,
            20,
            160,
            float(rng.uniform(0.3, 0.9)),
            int(rng.integers(1, 4)),
        )
    image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 2.5))) + rng.standard_normal(
        (size, size), np.float32
    ) * rng.uniform(0.005, 0.05)
    return np.repeat(np.clip(image * 255, 0, 255).astype(np.uint8)[..., None], 3, 2)


def radiograph(rng: Random, size: int) -> Array:
    """Chest-like: two dark fields, ribs, a bright spine, collimated edges."""
    y, x = _grid(size)
    image = 0.55 + 0.3 * fractal(rng, size, 3)
    for side in (-1, 1):
        cx = 0.5 + side * rng.uniform(0.16, 0.25)
        lung = np.exp(
            -(((x - cx) / rng.uniform(0.1, 0.18)) ** 4 + ((y - rng.uniform(0.4, 0.55)) / rng.uniform(0.25, 0.4)) ** 4)
        )
        image = image - lung * rng.uniform(0.3, 0.6)
    ribs = np.sin((y + 0.5 * (x - 0.5) ** 2 * rng.uniform(1, 4)) * rng.uniform(40, 80))
    image = image + 0.05 * np.clip(ribs, 0, 1) * rng.uniform(0.5, 2) + 0.2 * np.exp(-(((x - 0.5) / 0.05) ** 2))
    image += rng.standard_normal((size, size), np.float32) * rng.uniform(0.002, 0.03)
    if rng.random() < 0.5:
        a, b = rng.uniform(0, 0.2), rng.uniform(0.8, 1)
        image = np.where((x > a) & (x < b) & (y > a / 2), image, rng.uniform(0, 0.15))
    if rng.random() < 0.3:
        points = np.cumsum(rng.normal(0, size / 12, (8, 2)), 0) + size * rng.uniform(0.2, 0.8, 2)
        cv2.polylines(
            image := np.ascontiguousarray(image, np.float32),
            [points.astype(np.int32)],
            False,
            0.95,
            int(rng.integers(1, 4)),
            cv2.LINE_AA,
        )
    return np.repeat(np.clip(image * 255, 0, 255).astype(np.uint8)[..., None], 3, 2)


def mammogram(rng: Random, size: int) -> Array:
    y, x = _grid(size)
    edge = rng.uniform(0.5, 0.9) * np.sqrt(np.clip(1 - ((y - 0.5) / rng.uniform(0.45, 0.6)) ** 2, 0, 1))
    inside = np.clip((edge - x) * 12, 0, 1)
    image = inside * (0.25 + 0.6 * fractal(rng, size, 5, 5))
    for _ in range(int(rng.integers(0, 20))):
        cv2.circle(
            image := np.ascontiguousarray(image, np.float32), tuple(int(v) for v in rng.integers(0, size, 2)), 1, 1.0, -1
        )
    image = image + rng.standard_normal((size, size), np.float32) * 0.01
    return np.repeat(np.clip(image * 255, 0, 255).astype(np.uint8)[..., None], 3, 2)


def endoscopy(rng: Random, size: int) -> Array:
    base = np.array([rng.uniform(140, 230), rng.uniform(50, 120), rng.uniform(40, 110)], np.float32)
    light = 0.3 + 0.9 * field(rng, size, 3)
    image = base * light[..., None] * (0.7 + 0.5 * fractal(rng, size, 8)[..., None])
    shine = fractal(rng, size, 25) > rng.uniform(0.8, 0.95)
    image[shine] = 250
    mask = np.zeros((size, size), np.uint8)
    cv2.circle(mask, (size // 2, size // 2), int(size * rng.uniform(0.4, 0.7)), 1, -1)
    lit: Array = np.clip(image * mask[..., None], 0, 255).astype(np.uint8)
    return lit


def stained(rng: Random, size: int) -> Array:
    """Tissue in two stains over glass: fibres and cells of one, nuclei of the other, of any hue."""
    glass = np.full(3, rng.uniform(200, 255), np.float32)
    stains = glass - rng.uniform(15, 200, (2, 3)).astype(np.float32)
    fibre = fractal(rng, size, rng.uniform(4, 30)) + 0.3 * np.sin(fractal(rng, size, rng.uniform(2, 6)) * rng.uniform(20, 90))
    tissue = np.clip(fibre * rng.uniform(0.6, 1.6) + rng.uniform(-0.2, 0.5), 0, 1)[..., None]
    image = glass + (stains[0] - glass) * tissue
    nuclei = np.zeros((size, size), np.uint8)
    radius = rng.uniform(2, 9)
    for x, y in rng.integers(0, size, (int((size / radius) ** 2 * rng.uniform(0, 0.06)), 2)):
        axes = (radius * rng.uniform(0.5, 1.4, 2)).astype(int) + 1
        cv2.ellipse(nuclei, (int(x), int(y)), (int(axes[0]), int(axes[1])), float(rng.uniform(0, 180)), 0, 360, 255, -1)
    depth = cv2.GaussianBlur(nuclei, (0, 0), float(rng.uniform(0.6, 2)))[..., None] / 255 * rng.uniform(0.4, 1)
    image = image + (stains[1] - image) * depth * (0.6 + 0.4 * fractal(rng, size, 60)[..., None])
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def plain(rng: Random, size: int) -> Array:
    """Flat or sloping grey or colour with noise and a few saturated edges."""
    y, x = _grid(size)
    level = rng.choice([0.0, 0.0, rng.uniform(0, 1), 1.0])
    image = (
        level
        + (x * rng.uniform(-0.3, 0.3) + y * rng.uniform(-0.3, 0.3)) * (rng.random() < 0.5)
        + rng.standard_normal((size, size), np.float32) * rng.choice([0.0, 0.0, 0.02, 0.08])
    )
    for _ in range(int(rng.integers(0, 5))):
        blob = fractal(rng, size, rng.uniform(2, 10)) > rng.uniform(0.6, 0.9)
        image = np.where(blob, rng.choice([0.0, 1.0, rng.random()]), image)
    tint = np.ones(3) if rng.random() < 0.7 else rng.uniform(0.3, 1, 3)
    return np.asarray(np.clip(image[..., None] * tint * 255, 0, 255), np.uint8)


def noise(rng: Random, size: int) -> Array:
    image = fractal(rng, size, rng.uniform(4, 60), 5) ** rng.uniform(0.6, 3)
    return np.repeat(np.clip(image * rng.uniform(100, 280), 0, 255).astype(np.uint8)[..., None], 3, 2)


def nuclear(rng: Random, size: int) -> Array:
    """Counts: Poisson noise over a few hot spots. Kept for the held-out set."""
    rate = fractal(rng, size, 5) ** 4 * rng.uniform(2, 60)
    counts = rng.poisson(cv2.GaussianBlur(rate.astype(np.float32), (0, 0), 4)).astype(np.float32)
    grey = np.clip(counts / max(1.0, float(counts.max())) * 255, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


Maker = Callable[[Random, int], Array]
KINDS: dict[str, tuple[Maker, float]] = {
    "ultrasound": (ultrasound, 3.0),
    "doppler": (doppler, 1.5),
    "spectral": (spectral, 0.7),
    "slice": (slices, 1.5),
    "radiograph": (radiograph, 2.5),
    "mammogram": (mammogram, 0.8),
    "endoscopy": (endoscopy, 0.7),
    "plain": (plain, 2.0),
    "noise": (noise, 0.8),
}
"""Kind -> its maker and how often it is drawn in training."""

COLOURFUL: dict[str, tuple[Maker, float]] = {
    "ultrasound": (ultrasound, 3.0),
    "doppler": (doppler, 3.0),
    "endoscopy": (endoscopy, 2.0),
    "plain": (plain, 3.0),
    "stained": (stained, 4.0),
    "noise": (noise, 1.0),
}
"""The same for grounds that are coloured or have texture."""

HELD_OUT_KINDS: dict[str, tuple[Maker, float]] = {**KINDS, "nuclear": (nuclear, 2.0)}


def draw(rng: Random, size: int, kinds: dict[str, tuple[Maker, float]] = KINDS) -> tuple[str, Array]:
    """One phantom of a drawn kind."""
    names = list(kinds)
    weights = np.array([kinds[n][1] for n in names])
    chosen = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    return chosen, kinds[chosen][0](rng, size)
