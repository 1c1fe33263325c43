"""Lines of text as alpha masks: outline and bitmap fonts by FreeType, Hershey strokes by OpenCV."""

from __future__ import annotations

import unicodedata
from typing import Any

import cv2
import numpy as np

from deidkit.image import Array
from deidkit_synth.fonts import FontBank, has_all, script_of

Random = np.random.Generator
STROKE_ALPHA = 96
TRIES = 40
HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)


def trim(alpha: Array) -> Array:
    """The part of a mask that holds ink; an empty array when there is none."""
    rows = np.flatnonzero(alpha.max(1) >= STROKE_ALPHA) if alpha.size else np.empty(0, int)
    if not rows.size:
        return np.zeros((0, 0), np.uint8)
    columns = np.flatnonzero(alpha.max(0) >= STROKE_ALPHA)
    return alpha[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def hershey(rng: Random, text: str, height: int) -> Array:
    """``text`` drawn with one of OpenCV's stroke fonts, about ``height`` pixels tall; its plain ASCII part only."""
    plain = text.encode("ascii", "ignore").decode() or "X"
    face = HERSHEY[int(rng.integers(len(HERSHEY)))]
    thick = 1 if height < 14 else int(rng.integers(1, 2 + height // 12))
    size = max(0.3, height / (11.0 if face == cv2.FONT_HERSHEY_PLAIN else 22.0))
    (width, tall), base = cv2.getTextSize(plain, face, size, thick)
    canvas = np.zeros((tall + base + 2 * thick + 4, width + 2 * thick + 4), np.uint8)
    smooth = cv2.LINE_AA if rng.random() < 0.5 else cv2.LINE_8
    cv2.putText(canvas, plain, (thick + 2, tall + thick + 2), face, size, 255, thick, smooth)
    return trim(canvas)


def outline(font: Any, text: str, smooth: bool) -> Array:
    """``text`` in a loaded font, anti-aliased when ``smooth``."""
    mask = font.getmask(text, mode="L" if smooth else "1")
    width, height = mask.size
    if not width or not height:
        return np.zeros((0, 0), np.uint8)
    return trim(np.array(mask, np.uint8).reshape(height, width))


def _resize(alpha: Array, fx: float, fy: float, smooth: bool) -> Array:
    size = (max(2, round(alpha.shape[1] * fx)), max(2, round(alpha.shape[0] * fy)))
    way = (cv2.INTER_AREA if fx * fy < 1 else cv2.INTER_LINEAR) if smooth else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(alpha, size, interpolation=way))


def line(rng: Random, bank: FontBank, text: str, script: str, height: int) -> Array:
    """One line as a trimmed uint8 alpha mask (rows, columns), about ``height`` pixels from ascender to descender.

    Empty where ``bank.whole`` asks for letters that no font has. Some lines are bitmap fonts enlarged by whole factors, as on
    older ultrasound machines, and some are stretched.
    """
    if bank.whole and not text.isascii():
        return _whole(rng, bank, text, height)
    roll = rng.random()
    if script == "latin" and roll < 0.10:
        return hershey(rng, text, height)
    smooth = rng.random() < 0.7
    if roll < 0.2 and height >= 14:
        factor = 2 if height < 32 or rng.random() < 0.6 else 3
        font = bank.draw(rng, script, max(6, height // factor))
        if font is not None:
            alpha = outline(font, text, False)
            return np.repeat(np.repeat(alpha, factor, 0), factor, 1)
    font = bank.draw(rng, script, height)
    if font is None:
        return hershey(rng, text, height)
    alpha = outline(font, text, smooth)
    if alpha.size and roll > 0.88:
        alpha = trim(_resize(alpha, float(rng.uniform(0.75, 1.35)), float(rng.uniform(0.85, 1.15)), smooth))
    return alpha


def _whole(rng: Random, bank: FontBank, text: str, height: int) -> Array:
    """A line in a font that has every character of ``text``; an empty array where this machine has none."""
    text = unicodedata.normalize("NFC", text)
    for _ in range(TRIES):
        font = bank.draw(rng, script_of(text), height)
        if font is not None and has_all(font, text):
            return outline(font, text, rng.random() < 0.7)
    return np.zeros((0, 0), np.uint8)


def rotate(alpha: Array, degrees: float) -> Array:
    """The mask turned counter-clockwise about its centre on a canvas that holds all of it."""
    height, width = alpha.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    wide, tall = int(height * sin + width * cos) + 3, int(height * cos + width * sin) + 3
    matrix[0, 2] += wide / 2 - width / 2
    matrix[1, 2] += tall / 2 - height / 2
    return np.asarray(cv2.warpAffine(alpha, matrix, (wide, tall)))
