"""Generated pictures that show no patient: test patterns and colourful scenes. Used for training and its tests only."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from deidkit_modality.uniform import Pixels


def pattern(rows: int, columns: int, random: Generator) -> Pixels:
    """A test pattern: bars, ramp, checkers, grid, rings or steps in the manner of SMPTE RP 133."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    count = int(random.integers(4, 17))
    size = max(4, min(rows, columns) // count)
    grids: dict[str, NDArray[np.float32]] = {
        "bars": np.floor(x / max(1, columns) * count) / count * 255,
        "ramp": (x if random.random() < 0.5 else y) / max(rows, columns) * 255,
        "checkers": ((x // size + y // size) % 2) * 255,
        "grid": np.where((x % size < 2) | (y % size < 2), 220, 20),
        "rings": 127 + 127 * np.sign(np.sin(np.hypot(x - columns / 2, y - rows / 2) / size * 3)),
        "steps": _steps(rows, columns),
    }
    made = grids[str(random.choice(list(grids)))]
    grey = np.clip(made + random.normal(0, random.uniform(0, 3), made.shape), 0, 255).astype(np.uint8)
    return np.asarray(np.repeat(grey[..., None], 3, axis=2), np.uint8)


def _steps(rows: int, columns: int) -> NDArray[np.float32]:
    out = np.full((rows, columns), 128, np.float32)
    side = max(2, min(rows, columns) // 8)
    middle = (rows // 2 - 2 * side, columns // 2 - 2 * side)
    for index in range(12):
        edge = ((0, index), (index - 3, 3), (3, 6 - index), (9 - index, 0))[index // 3 if index < 12 else 3]
        top, left = middle[0] + (edge[0] % 4) * side, middle[1] + (edge[1] % 4) * side
        out[top : top + side, left : left + side] = index * 23
    for corner in ((0, 0), (0, columns - side), (rows - side, 0), (rows - side, columns - side)):
        patch = out[corner[0] : corner[0] + side, corner[1] : corner[1] + side]
        patch[:, ::2] = 255
        patch[:, 1::2] = 0
    return out


def scene(rows: int, columns: int, random: Generator) -> Pixels:
    """A coloured scene in the manner of dead leaves (Lee 2001): many overlapping shapes of all sizes and colours, some haze."""
    sky, ground = random.integers(40, 256, 3), random.integers(10, 200, 3)
    blend = np.linspace(0, 1, rows)[:, None, None]
    out = np.ascontiguousarray(np.broadcast_to(sky * (1 - blend) + ground * blend, (rows, columns, 3)).astype(np.uint8))
    longest = max(rows, columns)
    for _ in range(int(random.integers(40, 240))):
        size = max(2, int(longest * 0.3 * random.random() ** 3))
        centre = (int(random.integers(columns)), int(random.integers(rows)))
        colour = tuple(int(part) for part in random.integers(0, 256, 3))
        if random.random() < 0.5:
            axes = (size, max(1, int(size * random.uniform(0.2, 1))))
            cv2.ellipse(out, centre, axes, float(random.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
        else:
            corners = random.integers(-size, size + 1, (int(random.integers(3, 6)), 2)) + np.array(centre)
            cv2.fillPoly(out, [corners.astype(np.int32)], colour, cv2.LINE_AA)
    rough = random.normal(0, random.uniform(1, 14), (rows, columns))[..., None]
    soft = cv2.GaussianBlur(out, (0, 0), float(random.uniform(0.5, 2)))
    return np.clip(soft + rough, 0, 255).astype(np.uint8)
