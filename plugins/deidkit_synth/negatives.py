"""What a detector mistakes for text and must not: ticks, rulers, grey bars, traces, logos, cursors. Drawn in place."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from deidkit.image import Array

Random = np.random.Generator
Colour = tuple[int, int, int]


def colour(rng: Random) -> Colour:
    """Mostly white or grey, else a saturated hue."""
    if rng.random() < 0.7:
        level = int(rng.integers(70, 256))
        return (level, level, level)
    return (int(rng.integers(0, 256)), int(rng.integers(80, 256)), int(rng.integers(0, 256)))


def _spot(rng: Random, canvas: Array) -> tuple[int, int]:
    return int(rng.integers(canvas.shape[1])), int(rng.integers(canvas.shape[0]))


def ticks(rng: Random, canvas: Array) -> None:
    """A depth or time ruler: short strokes at equal steps, each n-th longer, with or without a spine."""
    x, y = _spot(rng, canvas)
    step, long, short = float(rng.uniform(3, 30)), int(rng.integers(4, 14)), int(rng.integers(1, 6))
    each, count, ink, thick = int(rng.integers(2, 11)), int(rng.integers(4, 60)), colour(rng), int(rng.choice([1, 1, 1, 2]))
    upright, mirrored = rng.random() < 0.6, rng.random() < 0.5
    for i in range(count):
        reach = (long if i % each == 0 else short) * (-1 if mirrored else 1)
        at = round(i * step)
        a, b = ((x, y + at), (x + reach, y + at)) if upright else ((x + at, y), (x + at, y + reach))
        cv2.line(canvas, a, b, ink, thick)
    if rng.random() < 0.4:
        end = (x, y + round(count * step)) if upright else (x + round(count * step), y)
        cv2.line(canvas, (x, y), end, ink, 1)


def dots(rng: Random, canvas: Array) -> None:
    """Dotted or dashed lines, measured distances, biopsy guides."""
    a, b = np.array(_spot(rng, canvas)), np.array(_spot(rng, canvas))
    count, ink, size = int(rng.integers(5, 40)), colour(rng), int(rng.integers(0, 3))
    for i in range(count):
        p = a + (b - a) * i / count
        cv2.circle(canvas, (int(p[0]), int(p[1])), size, ink, -1)


def bar(rng: Random, canvas: Array) -> None:
    """A grey or colour scale, with or without a frame."""
    x, y = _spot(rng, canvas)
    w, h = int(rng.integers(4, 26)), int(rng.integers(30, 220))
    ramp = np.linspace(255, 0, h, dtype=np.float32)[:, None].repeat(w, 1).astype(np.uint8)
    if rng.random() < 0.3:
        ramp = (ramp // 32 * 32).astype(np.uint8)
    maps = (cv2.COLORMAP_JET, cv2.COLORMAP_HOT, cv2.COLORMAP_BONE, cv2.COLORMAP_COOL, cv2.COLORMAP_HSV)
    patch = cv2.applyColorMap(ramp, maps[int(rng.integers(5))]) if rng.random() < 0.45 else np.repeat(ramp[..., None], 3, 2)
    if rng.random() < 0.3:
        patch = patch.transpose(1, 0, 2)
    part = canvas[y : y + patch.shape[0], x : x + patch.shape[1]]
    part[:] = patch[: part.shape[0], : part.shape[1]]
    if rng.random() < 0.4:
        cv2.rectangle(canvas, (x, y), (x + patch.shape[1], y + patch.shape[0]), colour(rng), 1)


def trace(rng: Random, canvas: Array) -> None:
    """An ECG or respiration curve."""
    width = canvas.shape[1]
    x = np.arange(width)
    phase = (x / rng.uniform(25, 140) + rng.random()) % 1
    peak = (
        np.exp(-(((phase - 0.3) / 0.02) ** 2))
        - 0.3 * np.exp(-(((phase - 0.35) / 0.02) ** 2))
        + 0.2 * np.exp(-(((phase - 0.6) / 0.06) ** 2))
    )
    y = rng.integers(canvas.shape[0]) - peak * rng.uniform(8, 50) + rng.normal(0, 0.4, width)
    points = np.stack([x, y], 1).astype(np.int32)
    cv2.polylines(
        canvas, [points], False, colour(rng), int(rng.choice([1, 1, 2])), cv2.LINE_AA if rng.random() < 0.5 else cv2.LINE_8
    )


def cursor(rng: Random, canvas: Array) -> None:
    """Calipers, crosses, arrows, focus marks and body-mark figures."""
    x, y = _spot(rng, canvas)
    ink, size, thick = colour(rng), int(rng.integers(3, 14)), int(rng.choice([1, 1, 2]))
    kind = int(rng.integers(6))
    if kind == 0:
        cv2.drawMarker(canvas, (x, y), ink, int(rng.integers(0, 7)), size, thick)
    elif kind == 1:
        cv2.arrowedLine(
            canvas, (x, y), (x + int(rng.integers(-30, 31)), y + int(rng.integers(-30, 31))), ink, thick, tipLength=0.3
        )
    elif kind == 2:
        points = np.array([[x, y], [x + size, y - size // 2], [x + size, y + size // 2]], np.int32)
        cv2.fillPoly(canvas, [points], ink)
    elif kind == 3:
        cv2.ellipse(
            canvas,
            (x, y),
            (size, int(size * rng.uniform(0.5, 2))),
            float(rng.uniform(0, 180)),
            0,
            int(rng.integers(120, 361)),
            ink,
            thick,
        )
    elif kind == 4:
        cv2.rectangle(canvas, (x, y), (x + size * int(rng.integers(1, 8)), y + size), ink, thick if rng.random() < 0.7 else -1)
    else:
        cv2.circle(canvas, (x, y), size, ink, thick if rng.random() < 0.5 else -1)


def lines(rng: Random, canvas: Array) -> None:
    """Frames of windows, grids, crosshairs, reference lines."""
    ink, thick = colour(rng), int(rng.choice([1, 1, 2, 3]))
    if rng.random() < 0.4:
        down, right = (int(v) for v in rng.integers(8, 60, 2))
        canvas[int(rng.integers(down)) :: down] = ink
        canvas[:, int(rng.integers(right)) :: right if rng.random() < 0.4 else down] = ink
        return
    for _ in range(int(rng.integers(1, 4))):
        a, b = _spot(rng, canvas), _spot(rng, canvas)
        turn = rng.random()
        b = (a[0], b[1]) if turn < 0.4 else (b[0], a[1]) if turn < 0.8 else b
        cv2.line(canvas, a, b, ink, thick, cv2.LINE_AA)


def emblem(rng: Random, canvas: Array) -> None:
    """A logo without letters: overlapping simple shapes in a small square."""
    x, y = _spot(rng, canvas)
    size = int(rng.integers(10, 60))
    for _ in range(int(rng.integers(2, 5))):
        points = np.array([[x, y]]) + rng.integers(0, size, (int(rng.integers(3, 6)), 2))
        cv2.fillPoly(canvas, [points.astype(np.int32)], colour(rng), cv2.LINE_AA)
    if rng.random() < 0.5:
        cv2.circle(canvas, (x + size // 2, y + size // 2), size // 2, colour(rng), int(rng.integers(1, 5)), cv2.LINE_AA)


def barcode(rng: Random, canvas: Array) -> None:
    x, y = _spot(rng, canvas)
    height, at = int(rng.integers(12, 50)), x
    for _ in range(int(rng.integers(12, 50))):
        wide = int(rng.integers(1, 4))
        canvas[y : y + height, at : at + wide] = 255
        at += wide + int(rng.integers(1, 4))


def specks(rng: Random, canvas: Array) -> None:
    """Short bright fibres and crystals at random angles: texture of about the size of letters."""
    ink = colour(rng)
    turn = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(5, 60))):
        x, y = _spot(rng, canvas)
        reach, way = rng.uniform(2, 14), turn + rng.normal(0, 0.4)
        cv2.line(
            canvas,
            (x, y),
            (int(x + reach * np.cos(way)), int(y + reach * np.sin(way))),
            ink,
            int(rng.choice([1, 1, 2])),
            cv2.LINE_AA,
        )


MAKERS: tuple[tuple[Callable[[Random, Array], None], float], ...] = (
    (ticks, 3.0),
    (dots, 1.0),
    (bar, 1.5),
    (trace, 1.0),
    (cursor, 2.0),
    (lines, 1.6),
    (emblem, 0.7),
    (barcode, 0.4),
    (specks, 0.8),
)
_WEIGHTS = np.cumsum([weight for _, weight in MAKERS])


def add(rng: Random, canvas: Array, most: int) -> None:
    """Draws up to ``most`` negatives into ``canvas``, (rows, columns, 3) uint8."""
    for _ in range(int(rng.integers(0, most + 1))):
        MAKERS[int(np.searchsorted(_WEIGHTS, rng.random() * _WEIGHTS[-1]))][0](rng, canvas)
