"""Puts one line of text into an image and its truth into the maps."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from deidkit.image import Array, Box
from deidkit_synth.glyphs import STROKE_ALPHA, rotate
from deidkit_synth.looks import LUMA, Look

LEAST_CONTRAST = 9.0
LEAST_RATIO, USUAL, NOISE = 1.5, 12, 3.0
"""How far a line of ``USUAL`` pixels has to stand out; found by reading a few hundred planted lines over speckle, tissue, grids
and noise at two and a half times their size.
"""


@dataclass(frozen=True, slots=True)
class Instance:
    """One line of planted text. ``size`` is its height across the reading direction, in pixels; ``contrast`` the mean step
    between ink and what it covers as a share of the range; ``legible`` whether a person could read it.
    """

    box: Box
    kind: str
    size: int
    contrast: float
    angle: float
    mirrored: bool
    legible: bool
    text: str = field(repr=False, default="")


@dataclass(slots=True)
class Truth:
    """An image under construction, (rows, columns, 3) uint8 RGB, with its maps of 0 and 1, (rows, columns) uint8 each.

    ``region`` covers lines from ink to ink, ``core`` the inner part of each line, ``stroke`` the ink, ``ignore`` text that no
    person could read.
    """

    image: Array
    region: Array
    core: Array
    stroke: Array
    ignore: Array
    instances: list[Instance]
    grey: bool = False
    """Whether text is drawn in shades of grey alone, for images that have no colours."""

    alike: float = 0.0
    """Share of looks whose ink is as bright as what it covers."""

    ticked: float = 0.0
    """Share of rulers that have a tick beside each number."""

    seen: Array | None = None
    """The part of ``stroke`` that stands out of what lies around it: white letters end for everybody where bone begins."""

    @classmethod
    def of(cls, image: Array, grey: bool = False) -> Truth:
        region, core, stroke, ignore = (np.zeros(image.shape[:2], np.uint8) for _ in range(4))
        return cls(image, region, core, stroke, ignore, [], grey)


def _shrunk(height: int, width: int) -> Array:
    """The core of a line: a third of its height off above and below, some of its ends."""
    core = np.zeros((height, width), np.uint8)
    cut, side = (height + 1) // 4, min(height // 4, max(0, width // 2 - 1))
    core[cut : max(cut + 1, height - cut), side : width - side] = 1
    return core


def turned(alpha: Array, look: Look) -> tuple[Array, Array, Array]:
    """Alpha, region and core after mirroring and rotation, all of one shape."""
    region = np.ones(alpha.shape, np.uint8)
    core = _shrunk(*alpha.shape)
    if look.mirrored:
        alpha = alpha[:, ::-1]
    quarter = round(look.angle / 90)
    if look.angle and abs(look.angle - quarter * 90) < 1e-6:
        return tuple(np.rot90(m, quarter) for m in (alpha, region, core))  # type: ignore[return-value]
    if look.angle:
        scaled = (alpha, region * 255, core * 255)
        parts = [rotate(np.ascontiguousarray(m), look.angle) for m in scaled]
        return parts[0], (parts[1] >= STROKE_ALPHA).astype(np.uint8), (parts[2] >= STROKE_ALPHA).astype(np.uint8)
    return alpha, region, core


def _blend(part: Array, alpha: Array, look: Look) -> None:
    weight = alpha.astype(np.float32)[..., None] / 255
    target = np.asarray(look.ink, np.float32)
    below = part.astype(np.float32)
    if look.relative:
        low = cv2.blur(below, (15, 15)).reshape(below.shape)
        target = 0.5 * (below + low) + target
    part[:] = np.clip(below * (1 - weight) + target * weight + 0.5, 0, 255).astype(np.uint8)


def _surround(part: Array, alpha: Array, look: Look) -> None:
    """Box, halo and shadow, drawn before the ink."""
    if look.box is not None:
        part[:] = (part * (1 - look.box_alpha) + np.asarray(look.box) * look.box_alpha).astype(np.uint8)
    if look.halo:
        ring = cv2.dilate(alpha, np.ones((2 * look.halo + 1,) * 2, np.uint8))
        _blend(part, ring, Look((look.halo_ink,) * 3))
    if look.shadow:
        moved = np.zeros_like(alpha)
        moved[look.shadow :, look.shadow :] = alpha[: -look.shadow, : -look.shadow]
        _blend(part, moved, Look((look.halo_ink,) * 3))


def _seen(grounds: tuple[Array, ...], after: Array, ink: Array, size: int) -> tuple[float, bool]:
    """Contrast in the range 0 to 1 and whether a person could read it: its step, in robust deviations of what lies below it
    (each of ``grounds``: before halo and shadow were drawn, after; slopes aside), has to be the larger, the smaller it is (Rose
    1948).
    """
    if not ink.any():
        return 0.0, False
    near = cv2.dilate(ink, np.ones((5, 5), np.uint8)) > 0
    around = near & (ink == 0)
    if not around.any():
        return 0.0, False
    level = after[ink > 0].mean(0)
    ratios, steps = [], []
    for below in grounds:
        step = np.abs(level - below[around].mean(0))
        smooth = cv2.blur(below.astype(np.float32), (max(5, size),) * 2)
        texture = (below - smooth)[near]
        spread = 1.4826 * np.median(np.abs(texture - np.median(texture, 0)), 0)
        ratios.append(float((step / (spread + NOISE)).max()))
        steps.append(float(step.max()))
    readable = max(ratios) * (size / USUAL) ** 0.5 >= LEAST_RATIO and max(steps) >= LEAST_CONTRAST
    return steps[-1] / 255, readable


def _apart(grounds: tuple[Array, ...], after: Array, size: int) -> Array:
    """1 where the image differs by ``LEAST_CONTRAST`` from the mean of what lay around there before, else 0."""
    means = (cv2.blur(below.astype(np.float32), (max(5, size),) * 2) for below in grounds)
    return np.asarray(np.max([np.abs(after - mean).max(2) for mean in means], 0) >= LEAST_CONTRAST, np.uint8)


def _padded(mask: Array, pad: int, window: tuple[slice, slice]) -> Array:
    """The window of a mask with ``pad`` pixels of nothing around it."""
    canvas = np.zeros((mask.shape[0] + 2 * pad, mask.shape[1] + 2 * pad), mask.dtype)
    canvas[pad:-pad, pad:-pad] = mask
    return np.ascontiguousarray(canvas[window])


def plant(truth: Truth, alpha: Array, x: int, y: int, look: Look, kind: str, text: str) -> bool:
    """Draws a trimmed mask with its upper left corner at (x, y); False, and nothing drawn, where it does not fit."""
    size = min(alpha.shape[0], 1 << 14)
    look = look.in_grey() if truth.grey else look
    mask, region, core = turned(alpha, look)
    if not mask.size:
        return False
    pad = 3
    rows, columns = mask.shape[0] + 2 * pad, mask.shape[1] + 2 * pad
    x0, y0 = x - pad, y - pad
    full = truth.region.shape
    top, left, bottom, right = max(0, y0), max(0, x0), min(full[0], y0 + rows), min(full[1], x0 + columns)
    shown = (min(bottom, y + mask.shape[0]) - max(0, y)) * (min(right, x + mask.shape[1]) - max(0, x))
    if top >= bottom or left >= right or shown < 0.5 * mask.size or truth.region[top:bottom, left:right].any():
        return False
    window = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
    padded = [_padded(m, pad, window) for m in (mask, region, core)]
    if look.blur:
        padded[0] = cv2.GaussianBlur(padded[0], (0, 0), look.blur)
    part = truth.image[top:bottom, left:right]
    before = part.copy()
    if look.lift is not None and (padded[0] >= STROKE_ALPHA).any():
        look = look.as_bright_as(float((part[padded[0] >= STROKE_ALPHA] @ LUMA).mean()))
    _surround(part, padded[0], look)
    base = part.copy()
    _blend(part, padded[0], look)
    ink = (padded[0] >= STROKE_ALPHA).astype(np.uint8)
    grounds = (base,) if look.box or not (look.halo or look.shadow) else (before, base)
    contrast, legible = _seen(grounds, part, ink, size)
    if truth.seen is not None:
        truth.seen[top:bottom, left:right] |= ink & _apart(grounds, part, size)
    _record(truth, (left, top, right, bottom), padded, ink, legible)
    ys, xs = np.nonzero(padded[1])
    if ys.size:
        box = (left + int(xs.min()), top + int(ys.min()), left + int(xs.max()) + 1, top + int(ys.max()) + 1)
        truth.instances.append(Instance(box, kind, size, contrast, look.angle, look.mirrored, legible, text))
    return True


def _record(truth: Truth, box: Box, maps: list[Array], ink: Array, legible: bool) -> None:
    x0, y0, x1, y1 = box
    if not legible:
        truth.ignore[y0:y1, x0:x1] |= maps[1]
    truth.region[y0:y1, x0:x1] |= maps[1]
    truth.core[y0:y1, x0:x1] |= maps[2]
    truth.stroke[y0:y1, x0:x1] |= ink
