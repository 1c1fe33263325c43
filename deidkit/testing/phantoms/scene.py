"""What a scene gives: pictures, their DICOM description and the text that was drawn into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deidkit.image import Array
from deidkit.testing.phantoms.lettering import draw
from deidkit.testing.phantoms.truth import BurnedText


@dataclass(frozen=True, slots=True)
class Facts:
    """What a modality burns into its pictures. ``name`` is a PN value; dates are DA values, ``time`` is a TM value."""

    name: str
    patient_id: str
    birth_date: str
    study_date: str
    time: str
    hospital: str
    accession: str

    @property
    def shown_name(self) -> str:
        return self.name.replace("^", ", ").upper()

    @property
    def clock(self) -> str:
        return f"{self.time[:2]}:{self.time[2:4]}:{self.time[4:6]}"

    @staticmethod
    def european(day: str) -> str:
        return f"{day[6:]}.{day[4:6]}.{day[:4]}"

    @staticmethod
    def iso(day: str) -> str:
        return f"{day[:4]}-{day[4:6]}-{day[6:]}"

    @staticmethod
    def american(day: str) -> str:
        return f"{day[4:6]}/{day[6:]}/{day[:4]}"


@dataclass(slots=True)
class Scene:
    """``samples`` are (frames, rows, columns[, 3]) in their stored dtype; ``ink`` is the stored value of full ink."""

    modality: str
    sop_class: str
    samples: Array
    photometric: str
    bits_stored: int
    ink: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)
    signed: bool = False
    implicit: bool = False
    texts: list[BurnedText] = field(default_factory=list)

    def write(
        self, text: str, corner: tuple[int, int], size: int, kind: str = "phi", *, right: bool = False, ink: Any = None
    ) -> None:
        """Draws the same text at the same place of every frame."""
        value = self.ink if ink is None else ink
        boxes = [draw(frame, text, corner, size, value, right=right) for frame in self.samples]
        self.texts.append(BurnedText(boxes[0], kind, tuple(range(len(boxes))), text))

    def write_frame(self, index: int, text: str, corner: tuple[int, int], size: int, kind: str = "phi") -> None:
        """Draws the text into one frame alone."""
        box = draw(self.samples[index], text, corner, size, self.ink)
        self.texts.append(BurnedText(box, kind, (index,), text))
