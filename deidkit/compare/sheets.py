"""What is known about one image that detectors are measured on."""

from __future__ import annotations

from dataclasses import dataclass, field

from deidkit.image import Box


@dataclass(frozen=True, slots=True)
class Instance:
    """One piece of text. ``counted`` is false for what nobody is asked to find: logos and what a person cannot read."""

    box: Box
    kind: str = "text"
    counted: bool = True
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One frame with its truth; ``name`` is its file's path relative to the folder that is compared on."""

    name: str = field(repr=False)
    instances: tuple[Instance, ...]
    frame: int = 0
    modality: str = "unknown"


def instance(
    corners: tuple[float, float, float, float], kind: str = "text", counted: bool = True, faint: bool = False
) -> Instance:
    """An instance from x0, y0, x1, y1 as others write them: fractions of pixels, corners in any order, a little off the image.

    Without any area it is not counted, since nothing can cover it.
    """
    across, down = sorted((round(corners[0]), round(corners[2]))), sorted((round(corners[1]), round(corners[3])))
    box = max(0, across[0]), max(0, down[0]), max(0, across[1]), max(0, down[1])
    return Instance(box, kind, counted and box[0] < box[2] and box[1] < box[3], faint)
