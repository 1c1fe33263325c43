"""What is known about a phantom because it was put there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.image import Array, Box

if TYPE_CHECKING:
    from pydicom import Dataset

SHORTEST_NEEDLE = 5


@dataclass(frozen=True, slots=True)
class BurnedText:
    """Text drawn into the pixels of ``frames``. ``box`` is the extent of its ink; ``kind`` phi, marker or technical."""

    box: Box
    kind: str
    frames: tuple[int, ...]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Planted:
    """An identifier put into the file outside the pixels: ``where`` names the place, for instance a tag path."""

    where: str
    kind: str
    value: str = field(repr=False)

    @property
    def needles(self) -> tuple[str, ...]:
        """Strings none of which may occur in any released byte; parts of names count from five letters on."""
        parts = self.value.split("^") if self.kind == "name" else [self.value]
        return tuple(part for part in parts if len(part) >= SHORTEST_NEEDLE)


@dataclass(frozen=True, slots=True)
class Phantom:
    """A synthetic DICOM object with its truth. ``samples`` are (frames, rows, columns[, 3]), as stored."""

    name: str
    dataset: Dataset = field(repr=False)
    samples: Array = field(repr=False)
    texts: tuple[BurnedText, ...]
    planted: tuple[Planted, ...] = field(repr=False)

    @property
    def frame_count(self) -> int:
        return len(self.samples)

    def boxes(self, frame: int = 0, *kinds: str) -> tuple[Box, ...]:
        """Boxes of the text in one frame, of the given kinds or of all."""
        return tuple(text.box for text in self.texts if frame in text.frames and (not kinds or text.kind in kinds))

    def write(self, path: Path) -> Path:
        """Writes the object as a DICOM file, preamble included, and returns the path."""
        self.dataset.save_as(path, enforce_file_format=True)
        return path


def leaks(data: bytes, planted: Iterable[Planted]) -> tuple[Planted, ...]:
    """The planted values that ``data`` holds in any case, as UTF-8, Latin-1 or UTF-16."""
    lowered = data.lower()
    return tuple(item for item in planted if any(form in lowered for needle in item.needles for form in _forms(needle)))


def _forms(needle: str) -> set[bytes]:
    text = needle.lower()
    either_utf_16 = text.encode("utf-16-le").rstrip(b"\0")
    return {either_utf_16, text.encode("utf-8"), text.encode("latin-1", "ignore")}
