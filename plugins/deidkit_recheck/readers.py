"""Who looks: detectors of another family first, each of which has to read a sample before it is trusted with a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from pydicom import Dataset

from deidkit.components import Parts
from deidkit.errors import EnvironmentFault, ItemError
from deidkit.interfaces import Detector
from deidkit.keys import KEY_BYTES, Keys
from deidkit.nn.weights_used import noted
from deidkit.types import Context, Deadline, Labels
from deidkit_recheck.looks import picture_frame

FAVOURED = ("rapidocr", "tesseract")
OPTIONS: Mapping[str, Mapping[str, object]] = {"rapidocr": {"side": 640, "glyphs": False}}
"""Lone characters are no evidence here, and a look near the stored size takes half the time of an enlarged one."""
SAMPLE = "SAMPLE 2468"
SAMPLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Eye:
    """One detector that may look, the family whose mistakes it shares, and its weights (file -> SHA-256)."""

    name: str
    family: str
    detector: Detector
    weights: Mapping[str, str]


class Eyes:
    """The detectors of this installation that can read, in the order in which they are asked.

    Args:
        parts: the registry; further detectors are built from it when the first fails.
        wanted: a detector's name, or auto.
        favoured: the names to ask first, where they are installed.

    Raises:
        EnvironmentFault: no detector that can read is installed, or the wanted one cannot.
    """

    def __init__(self, parts: Parts, wanted: str, favoured: Sequence[str] = FAVOURED) -> None:
        self._parts = parts
        self._favoured = favoured
        self._made: dict[str, Eye | None] = {}
        self._wanted = wanted
        if wanted != "auto":
            if self._eye(wanted) is None:
                raise EnvironmentFault(f"recheck: the detector {wanted!r} is not installed or cannot read a sample")
        elif not any(self._eye(name) for name in self._names()):
            raise EnvironmentFault("recheck: no detector that can read text is installed")

    def order(self, used: tuple[str, ...]) -> list[tuple[Eye, bool]]:
        """Detectors to ask one after the other, each with whether it is independent of the detectors ``used``."""
        families = {self._family(name) for name in used}
        names = self._names() if self._wanted == "auto" else [self._wanted, *self._names()]
        eyes = [eye for name in dict.fromkeys(names) if (eye := self._eye(name))]
        ranked = [(eye, eye.family not in families) for eye in eyes]
        if self._wanted == "auto":
            ranked.sort(key=lambda entry: not entry[1])
        return ranked

    def _names(self) -> list[str]:
        known = list(self._parts.names("detector"))
        return [*(name for name in self._favoured if name in known), *(name for name in known if name not in self._favoured)]

    def _family(self, name: str) -> str:
        component = self._parts.find("detector", name)
        return component.family if component else name

    def _eye(self, name: str) -> Eye | None:
        if name not in self._made:
            component = self._parts.find("detector", name)
            if component is None or self._parts.missing(component):
                self._made[name] = None
            else:
                self._made[name] = self._built(name, component.family)
        return self._made[name]

    def _built(self, name: str, family: str) -> Eye | None:
        try:
            with noted(onward=False) as weights:
                detector = self._parts.build("detector", name, dict(OPTIONS.get(name, {})))
        except EnvironmentFault:
            return None
        return Eye(name, family, detector, weights) if _reads_sample(detector) else None


def _reads_sample(detector: Any) -> bool:
    """Whether the detector finds and reads a word and a number in a plain picture: a broken one would pass every file."""
    picture = np.zeros((120, 420), np.uint8)
    cv2.putText(picture, SAMPLE, (40, 72), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 255, 3, cv2.LINE_AA)
    context = Context(Labels(), "sample", (), Keys(b"\0" * KEY_BYTES), Deadline.after(SAMPLE_SECONDS), Dataset())
    try:
        regions = detector.detect([picture_frame(picture, 0)], context)[0]
    except ItemError:
        return False
    return "2468" in "".join(region.text or "" for region in regions)
