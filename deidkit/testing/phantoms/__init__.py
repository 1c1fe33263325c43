"""Seeded phantoms: synthetic DICOM objects with burned-in text and planted identifiers whose places and values are known.

    phantom = make("us", seed=1)
    phantom.write(folder / "a.dcm")
    phantom.boxes(0, "phi")           # where the ink is
    leaks(released_bytes, phantom.planted)

Everybody in them is invented.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from deidkit.testing.phantoms import photographs, radiography, tomography, ultrasound
from deidkit.testing.phantoms.objects import assemble
from deidkit.testing.phantoms.people import Supply
from deidkit.testing.phantoms.planting import KEYWORDS
from deidkit.testing.phantoms.scene import Facts, Scene
from deidkit.testing.phantoms.truth import BurnedText, Phantom, Planted, leaks

SCENES: dict[str, Callable[[int, Facts], Scene]] = {
    "us": ultrasound.build,
    "cr": radiography.chest,
    "ct": tomography.abdomen,
    "mr": tomography.brain,
    "mg": radiography.mammogram,
    "es": photographs.endoscopy,
    "capture": photographs.capture,
}
NAMES = tuple(SCENES)

__all__ = ["KEYWORDS", "NAMES", "BurnedText", "Phantom", "Planted", "leaks", "make", "write_all"]


def make(name: str, seed: int = 0) -> Phantom:
    """The phantom called ``name``, one of ``NAMES``; equal seeds give equal bytes.

    Raises:
        KeyError: no such phantom.
    """
    supply = Supply(f"{name}-{seed}")
    facts = Facts(
        name=supply.person(),
        patient_id=supply.code(),
        birth_date=supply.day(1930, 1969),
        study_date=supply.day(),
        time=supply.time(),
        hospital=supply.hospital(),
        accession=supply.code("AC"),
    )
    return assemble(name, _scene(name, seed, facts), facts, supply)


@lru_cache(maxsize=2 * len(NAMES))
def _scene(name: str, seed: int, facts: Facts) -> Scene:
    scene = SCENES[name](zlib.crc32(f"{name}-{seed}".encode()), facts)
    scene.samples.flags.writeable = False
    return scene


def write_all(folder: Path, seed: int = 0, names: tuple[str, ...] = NAMES) -> dict[Path, Phantom]:
    """Writes one file per phantom, called ``NAME.dcm``, and says what went into each."""
    return {phantom.write(folder / f"{phantom.name}.dcm"): phantom for phantom in (make(name, seed) for name in names)}
