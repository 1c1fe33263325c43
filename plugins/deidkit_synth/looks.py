"""How a line of text is drawn: ink, ground, outline, turn."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

Random = np.random.Generator
LUMA = np.array((0.299, 0.587, 0.114))
"""ITU-R BT.601."""

LIFTS = (10.0, 40.0)
"""Standard deviations, in grey levels, between ink and ground: where hue tells them apart, and where the ground has texture."""

DARKEST = 20.0
"""Below this luminance no hue tells from black."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a line is drawn. ``ink`` is an RGB colour or a step relative to what lies below it."""

    ink: tuple[float, float, float]
    relative: bool = False
    halo: int = 0
    halo_ink: float = 0.0
    box: tuple[int, int, int] | None = None
    box_alpha: float = 1.0
    shadow: int = 0
    angle: float = 0.0
    mirrored: bool = False
    blur: float = 0.0
    lift: float | None = None
    """Where given, the ink keeps its hue only and is by this much brighter than what the line covers."""

    def as_bright_as(self, ground: float) -> Look:
        """The same look with ink of the luminance ``ground`` + ``lift``, in grey levels; paler where no such hue is."""
        if ground < DARKEST:
            return replace(self, lift=None)
        level = float(np.clip(ground + (self.lift or 0.0), 0, 255))
        red, green, blue = (np.asarray(self.ink) * (level / max(1.0, float(LUMA @ self.ink)))).clip(0, 255).tolist()
        dim = float(LUMA @ (red, green, blue))
        pale = max(0.0, level - dim) / max(1.0, 255 - dim)
        red, green, blue = (value + pale * (255 - value) for value in (red, green, blue))
        return replace(self, ink=(red, green, blue), lift=None)

    def in_grey(self) -> Look:
        """The same look by luminance."""
        level, below = float(LUMA @ self.ink), None if self.box is None else round(float(LUMA @ self.box))
        return replace(self, ink=(level,) * 3, box=None if below is None else (below,) * 3)


VENDOR = (
    (255, 255, 255),
    (255, 255, 0),
    (0, 255, 255),
    (0, 255, 0),
    (255, 165, 0),
    (255, 80, 80),
    (120, 200, 255),
    (180, 180, 180),
    (255, 220, 160),
    (80, 80, 255),
    (255, 0, 255),
)


def _ink(rng: Random, boxed: bool) -> tuple[tuple[float, float, float], bool]:
    roll = rng.random()
    if roll < 0.42:
        level = float(rng.uniform(150, 256))
        return (level, level, level), False
    if roll < 0.66 and not boxed:
        step = float(rng.uniform(14, 70)) * (1 if rng.random() < 0.75 else -1)
        return (step, step, step), True
    if roll < 0.78:
        level = float(rng.uniform(0, 150))
        return (level, level, level), False
    chosen = VENDOR[int(rng.integers(len(VENDOR)))]
    dim = float(rng.uniform(0.5, 1.0))
    return (chosen[0] * dim, chosen[1] * dim, chosen[2] * dim), False


def draw_look(rng: Random, alike: float = 0.0) -> Look:
    """A look at random: mostly plain white or grey, else faint, dark, coloured, boxed, outlined, shadowed.

    A share of ``alike`` is none of these but hardly brighter or darker than what it covers.
    """
    if alike and rng.random() < alike:
        hue = VENDOR[int(rng.integers(len(VENDOR)))] if rng.random() < 0.5 else (255, 255, 255)
        return Look(ink=hue, lift=float(rng.normal(0, LIFTS[int(rng.integers(2))])))
    box: tuple[int, int, int] | None = None
    if rng.random() < 0.12:
        level = int(rng.choice([0, 0, 255, int(rng.integers(256))]))
        box = (
            (level, level, level)
            if rng.random() < 0.7
            else (int(rng.integers(256)), int(rng.integers(256)), int(rng.integers(256)))
        )
    ink, relative = _ink(rng, box is not None)
    roll = rng.random()
    return Look(
        ink=ink,
        relative=relative,
        halo=int(rng.integers(1, 3)) if roll < 0.12 and not relative else 0,
        halo_ink=0.0 if sum(ink) > 300 else 255.0,
        box=box,
        box_alpha=1.0 if rng.random() < 0.7 else float(rng.uniform(0.3, 0.9)),
        shadow=int(rng.integers(1, 3)) if 0.12 < roll < 0.2 else 0,
        blur=float(rng.uniform(0.3, 0.8)) if rng.random() < 0.2 else 0.0,
    )
