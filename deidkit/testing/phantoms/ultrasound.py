"""A curved-array ultrasound cine: speckle in polar coordinates, two cysts with their shadows, a scale and a grey bar."""

from __future__ import annotations

import numpy as np

from deidkit.testing.phantoms.fields import Field, blur, cloud, grid, sample, single
from deidkit.testing.phantoms.scene import Facts, Scene

ROWS, COLUMNS = 480, 640
NEAR, FAR, HALF_ANGLE = 0.42, 2.1, 0.62


def _tissue(rng: np.random.Generator, depth: int, lines: int, shift: float) -> Field:
    """Echo amplitude over (depth, scan line), in [0, 1]."""
    d, a = np.mgrid[0:depth, 0:lines].astype(np.float32)
    d, a = d / depth, a / lines - 0.5
    layers = 0.34 + 0.12 * np.sin(9 * d + 2.5 * np.sin(3 * a + shift)) + 0.10 * cloud(rng, (depth, lines), 1.9)
    capsule = 0.5 * np.exp(-(((d - 0.30 - 0.15 * a**2 - 0.01 * shift) / 0.012) ** 2))
    field = layers + capsule + 0.35 * np.exp(-d / 0.03)
    for centre_d, centre_a, radius in ((0.52, -0.12, 0.10), (0.66, 0.17, 0.065)):
        distance = np.hypot((d - centre_d - 0.006 * shift) / radius, (a - centre_a) / (radius * 1.25))
        wall = 1 / (1 + np.exp(np.clip((1 - distance) * 18, -40, 40)))
        behind = np.exp(-(((a - centre_a) / (radius * 0.9)) ** 2)) * (d > centre_d + radius)
        field = field * (0.06 + 0.94 * wall) + 0.16 * behind + 0.22 * np.exp(-(((distance - 1.05) / 0.06) ** 2))
    return single(field * (1.05 - 0.45 * d))


def _speckle(rng: np.random.Generator, depth: int, lines: int) -> Field:
    real, imaginary = (blur(rng.standard_normal((depth, lines)).astype(np.float32), 1.3) for _ in range(2))
    amplitude = np.hypot(real, imaginary)
    return single(amplitude / amplitude.mean())


def _frame(rng: np.random.Generator, shift: float) -> Field:
    depth, lines = 420, 300
    echo = np.clip(_tissue(rng, depth, lines, shift), 0, None) * _speckle(rng, depth, lines) ** 0.8
    x, y = grid(ROWS, COLUMNS)
    radius, angle = np.hypot(x, y + 1.22), np.arctan2(x, y + 1.22)
    r = (radius - NEAR) / (FAR - NEAR)
    inside = (r > 0) & (r < 1) & (np.abs(angle) < HALF_ANGLE)
    picture = sample(echo, r * (depth - 1), (angle / (2 * HALF_ANGLE) + 0.5) * (lines - 1))
    return single(np.where(inside, np.log1p(6 * picture) / np.log(7), 0) * 235)


def build(seed: int, facts: Facts, frames: int = 3) -> Scene:
    """RGB, 8 bits, several frames; each frame also has its own clock time burned in."""
    rng = np.random.default_rng(seed)
    pictures = [
        np.clip(_frame(np.random.default_rng(seed + 1), 0.6 * index) + rng.normal(0, 1.5), 0, 255) for index in range(frames)
    ]
    samples = np.repeat(np.rint(np.stack(pictures)).astype(np.uint8)[..., None], 3, axis=-1)
    samples[:, 110:330, 24:36] = np.linspace(255, 0, 220).astype(np.uint8)[:, None, None]
    samples[:, 108:110, 22:38] = (90, 140, 200)
    samples[:, 330:332, 22:38] = (90, 140, 200)
    for tick in range(8):
        samples[:, 100 + 46 * tick : 102 + 46 * tick, 604 : 616 if tick % 4 else 624] = 200
    scene = Scene("US", "1.2.840.10008.5.1.4.1.1.3.1", samples, "RGB", 8, (236, 236, 210), _attributes(frames))
    scene.write(facts.shown_name, (12, 10), 19)
    scene.write(f"ID {facts.patient_id}", (12, 36), 17)
    scene.write(facts.hospital, (628, 10), 17, right=True)
    scene.write(facts.european(facts.study_date), (628, 34), 16, right=True)
    scene.write("5.0 MHz", (12, 404), 15, "technical", ink=(150, 200, 150))
    scene.write("Gn 52", (12, 426), 15, "technical", ink=(150, 200, 150))
    scene.write("MI 0.9  TIS 0.4", (12, 448), 15, "technical", ink=(150, 200, 150))
    for index in range(frames):
        scene.write_frame(index, f"{facts.clock[:6]}{(int(facts.time[4:6]) + index) % 60:02}", (548, 58), 16)
    return scene


def _attributes(frames: int) -> dict[str, object]:
    return {
        "FrameTime": "40",
        "CineRate": 25,
        "FrameIncrementPointer": 0x00181063,
        "ImageType": ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"],
        "TransducerType": "CURVED LINEAR",
        "StartTrim": 1,
        "StopTrim": frames,
    }
