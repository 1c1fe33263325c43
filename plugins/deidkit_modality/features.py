"""Hand-made features of one uniform image: colour, brightness, shape of what is lit, texture and spectrum.

Few images are there to learn from, so the measures that a person would name (is it coloured, is it a fan, is it speckled, is it
flat like a drawing) are given to the network instead of being learned.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit_modality.uniform import Pixels, Uniform, square

Vector = NDArray[np.float32]
_EPS = 1e-6


def features(image: Uniform) -> Vector:
    """One float32 vector of ``LENGTH`` values, each of the order of one."""
    pixels = image.pixels
    grey: Pixels = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    half: Pixels = np.asarray(cv2.resize(grey, _half(grey), interpolation=cv2.INTER_AREA), np.uint8)
    boxed = square(grey, 128)
    parts = [
        _frame(image),
        _colour(pixels),
        _brightness(grey),
        _layout(boxed),
        _lit(boxed),
        _texture(grey),
        _texture(half),
        _flatness(grey),
        _patterns(grey),
        _spectrum(boxed),
        _speckle(grey),
        _speckle(image.detail),
        _texture(image.detail),
        _patterns(image.detail),
    ]
    return np.concatenate(parts).astype(np.float32)


def _frame(image: Uniform) -> NDArray[Any]:
    rows, columns = image.pixels.shape[:2]
    return np.array(
        [np.log(columns / rows), image.border, image.shade, np.log(image.scale), image.round, min(rows, columns) / 256]
    )


def _half(grey: Pixels) -> tuple[int, int]:
    return max(4, grey.shape[1] // 2), max(4, grey.shape[0] // 2)


def _colour(pixels: Pixels) -> NDArray[Any]:
    if pixels.ndim == 2:
        return np.concatenate([[0.0, 0.0, 0.0, np.log(1e-3)], np.zeros(13)])
    hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    vivid = (saturation > 40) & (value > 40)
    share = float(vivid.mean())
    hues = np.bincount(hue[vivid] // 18, minlength=10)[:10] / max(1, int(vivid.sum()))
    means = pixels.reshape(-1, 3).mean(axis=0) / 255
    strong = float(((saturation > 110) & (value > 60)).mean())
    return np.concatenate([[share, strong, saturation.mean() / 255, np.log(share + 1e-3)], hues, means - means.mean()])


def _brightness(grey: Pixels) -> NDArray[Any]:
    counts = np.bincount(grey.ravel(), minlength=256) / grey.size
    coarse = np.sqrt(counts.reshape(16, 16).sum(axis=1))
    used = float((counts > 0).mean())
    entropy = -float((counts[counts > 0] * np.log2(counts[counts > 0])).sum()) / 8
    cumulated = np.cumsum(counts)
    levels = np.searchsorted(cumulated, [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]) / 255
    top = np.sort(counts)[::-1]
    return np.concatenate([coarse, levels, [used, entropy, counts[:4].sum(), counts[252:].sum(), top[0], top[:3].sum()]])


def _layout(boxed: Pixels) -> NDArray[Any]:
    tiles = boxed.reshape(8, 16, 8, 16).astype(np.float32) / 255
    means = tiles.mean(axis=(1, 3))
    spread = tiles.std(axis=(1, 3)).reshape(4, 2, 4, 2).mean(axis=(1, 3))
    mirrored = _correlation(means, means[:, ::-1])
    turned = _correlation(means, means[::-1])
    return np.concatenate([means.ravel(), 2 * spread.ravel(), [mirrored, turned]])


def _correlation(a: NDArray[Any], b: NDArray[Any]) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / (np.sqrt((a * a).sum() * (b * b).sum()) + _EPS))


def _lit(boxed: Pixels) -> NDArray[Any]:
    """Shape of what is not dark: how wide each band of it is, where it lies, how much of its hull it fills."""
    lit = cv2.medianBlur(cv2.resize(boxed, (64, 64), interpolation=cv2.INTER_AREA), 3) > 20
    share = float(lit.mean())
    rows, columns = lit.mean(axis=1).reshape(16, 4).mean(axis=1), lit.mean(axis=0).reshape(16, 4).mean(axis=1)
    y, x = np.nonzero(lit)
    if len(y) < 16:
        return np.concatenate([rows, columns, np.zeros(6)])
    hull = cv2.contourArea(cv2.convexHull(np.stack([x, y], axis=1).astype(np.int32)))
    corners = lit[:6, :6].mean() + lit[:6, -6:].mean(), lit[-6:, :6].mean() + lit[-6:, -6:].mean()
    return np.concatenate([rows, columns, [share, len(y) / max(hull, 1.0), x.mean() / 32 - 1, y.mean() / 32 - 1, *corners]])


def _texture(grey: Pixels) -> NDArray[Any]:
    """Strength, spread and direction of edges, and how fast they come and go."""
    dx = np.asarray(cv2.Sobel(grey, cv2.CV_16S, 1, 0), np.int16)
    dy = np.asarray(cv2.Sobel(grey, cv2.CV_16S, 0, 1), np.int16)
    across, down = cv2.convertScaleAbs(dx), cv2.convertScaleAbs(dy)
    strength = cv2.addWeighted(across, 0.5, down, 0.5, 0)
    steep, same = down > across, (dx ^ dy) >= 0
    folded = np.bincount((2 * steep + same)[::2].ravel(), strength[::2].ravel(), minlength=4)
    folded = folded / (folded.sum() + _EPS)
    counts = np.cumsum(np.bincount(strength.ravel(), minlength=256)) / strength.size
    levels = np.searchsorted(counts, [0.5, 0.9, 0.99])
    shares = [counts[1], 1 - counts[40], 1 - counts[120]]
    laplacian = cv2.Laplacian(grey, cv2.CV_16S)
    sharp, (_, rough) = float(cv2.convertScaleAbs(laplacian).mean()), cv2.meanStdDev(laplacian)
    _, spread = cv2.meanStdDev(grey)
    deviation, mean = float(spread[0, 0]), float(strength.mean())
    ratios = [np.log(sharp + 1), np.log((sharp + 0.1) / (mean + 0.1)), np.log((sharp + 0.1) / (deviation + 0.1))]
    return np.concatenate([folded, np.log1p(levels) / 4, shares, ratios, [np.log1p(float(rough[0, 0])), deviation / 64]])


def _flatness(grey: Pixels) -> NDArray[Any]:
    """Share of neighbours that are equal, and how long bright or dark runs are: drawings and pages against noise."""
    signed = grey.astype(np.int16)
    across, down = np.abs(np.diff(signed, axis=1)), np.abs(np.diff(signed, axis=0))
    noise = across[signed[:, 1:] > 24]
    inner = [float((noise <= 1).mean()), float((noise <= 4).mean())] if len(noise) else [1.0, 1.0]
    projected = (cv2.reduce(grey, axis, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel() for axis in (1, 0))
    rough = [float(np.abs(np.diff(line)).mean()) / 8 for line in projected]
    return np.array(
        [(across == 0).mean(), (down == 0).mean(), (across > 60).mean() * 4, (down > 60).mean() * 4, *inner, *rough]
    )


def _patterns(grey: Pixels) -> NDArray[Any]:
    """Histogram of local binary patterns by number of brighter neighbours (Ojala 2002, rotation invariant)."""
    signed = grey.astype(np.int16)
    centre = signed[1:-1, 1:-1]
    if centre.size == 0:
        return np.zeros(10)
    rows, columns = signed.shape
    ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
    above = [signed[dy : rows - 2 + dy, dx : columns - 2 + dx] > centre + 2 for dy, dx in ring]
    total = np.sum(above, axis=0, dtype=np.uint8)
    turns = np.sum([a != b for a, b in zip(above, above[1:] + above[:1], strict=True)], axis=0, dtype=np.uint8)
    code = np.where(turns <= 2, total, 9)
    return np.sqrt(np.bincount(code.ravel(), minlength=10)[:10] / code.size)


def _speckle(grey: Pixels) -> NDArray[Any]:
    """How far grains reach across and down, and how their strength goes with brightness.

    Autocorrelation of what is left after local means are taken away, at lags of 1 to 8 pixels, where the image is lit. The
    local coefficient of variation is nearly constant in fully developed speckle (Burckhardt 1978).
    """
    signed = grey.astype(np.float32)
    side = 9 if min(grey.shape) > 9 else 3
    mean = cv2.blur(signed, (side, side))
    left = np.where(mean > 16, signed - mean, 0).astype(np.float32)
    energy = float((left * left).mean()) + 1.0
    lags = [lag for lag in (1, 2, 4, 8) if lag < min(grey.shape)]
    across = [float((left[:, lag:] * left[:, :-lag]).mean()) / energy for lag in lags]
    down = [float((left[lag:] * left[:-lag]).mean()) / energy for lag in lags]
    deviation = np.sqrt(np.maximum(cv2.blur(left * left, (side, side)), 0))
    ratio = (deviation / (mean + 8))[::3, ::3]
    lit = ratio[mean[::3, ::3] > 16]
    spread = np.quantile(lit, [0.1, 0.5, 0.9]) if len(lit) > 8 else np.zeros(3)
    missing = [0.0] * (4 - len(lags))
    return np.array([*across, *missing, *down, *missing, *(4 * spread), np.log(energy) / 4])


def _spectrum(boxed: Pixels) -> NDArray[Any]:
    """Energy by spatial frequency in eight rings, and across against down."""
    windowed = boxed.astype(np.float32) * _WINDOW
    power = np.abs(np.fft.rfft2(windowed - windowed.mean())) ** 2
    rings = np.log(np.bincount(_RING.ravel(), power.ravel(), minlength=9)[:8] + 1)
    across, down = float(power[:8, 8:48].sum()), float(power[8:48, :8].sum())
    return np.concatenate([(rings - rings[0]) / 4, [rings[0] / 20, np.log((across + 1) / (down + 1)) / 2]])


_WINDOW = np.outer(np.hanning(128), np.hanning(128)).astype(np.float32)
_FREQUENCY = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.rfftfreq(128)[None, :])
_RING = np.clip((np.log2(np.maximum(_FREQUENCY, 1 / 256)) + 8), 0, 8).astype(np.int64)
_RING = np.minimum(_RING, 8)
_NOTHING = np.zeros((32, 32), np.uint8)
LENGTH = len(features(Uniform(_NOTHING, _NOTHING, 0.0, 0.0, 1.0, False)))
