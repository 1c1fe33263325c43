"""Frames and images for tests, read by pydicom alone, so that a component can be tested without any other plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deidkit.image import Array, Frame
from deidkit.imaging.samples import are_a_picture
from deidkit.types import Edit

if TYPE_CHECKING:
    from pydicom import Dataset


def frame_of(samples: Array, index: int = 0, *, negative: bool = False, window: tuple[float, float] | None = None) -> Frame:
    """A frame over ``samples``, (rows, columns) or (rows, columns, 3).

    Args:
        negative: MONOCHROME1, so that the largest value is black.
        window: (centre, width) of the display view; the whole range when None.
    """

    def display(stored: Array) -> Array:
        if stored.ndim == 3:
            return np.asarray(stored, np.uint8)
        low, high = float(stored.min()), float(stored.max())
        if window is not None:
            low, high = window[0] - window[1] / 2, window[0] + window[1] / 2
        grey = np.clip((stored.astype(np.float32) - low) / max(high - low, 1e-9), 0, 1) * 255
        return np.asarray(np.rint(255 - grey if negative else grey), np.uint8)

    def black(stored: Array) -> tuple[int, ...]:
        if stored.ndim == 3:
            return (0,) * int(stored.shape[2])
        info = np.iinfo(stored.dtype)
        return (int(info.max if negative else info.min),)

    return Frame(index, (samples.shape[0], samples.shape[1]), lambda: samples, {"display": display}, black)


class PlainImage:
    """An uncompressed DICOM file as ``deidkit.image.Image``."""

    def __init__(self, path: Path) -> None:
        from pydicom import dcmread

        self.path = path
        self._dataset = dcmread(path)
        self._array: Array | None = None
        self.carriers: tuple[str, ...] = ()
        self.contradictions: tuple[str, ...] = ()
        self.is_picture = are_a_picture(self._dataset)
        self.frame_count = int(self._dataset.get("NumberOfFrames", 1)) if "PixelData" in self._dataset else 0

    @property
    def header(self) -> Dataset:
        from pydicom import Dataset

        made = Dataset({element.tag: element for element in self._dataset if element.tag < 0x7FE00000})
        made.file_meta = self._dataset.file_meta
        return made

    def frame(self, index: int) -> Frame:
        if self._array is None:
            self._array = self._dataset.pixel_array if self.frame_count > 1 else self._dataset.pixel_array[None]
        dataset: Any = self._dataset
        window = (float(dataset.WindowCenter), float(dataset.WindowWidth)) if "WindowWidth" in dataset else None
        negative = dataset.PhotometricInterpretation == "MONOCHROME1"
        return frame_of(self._array[index], index, negative=negative, window=window)

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))


def apply(edit: Edit, frame: Frame) -> Array:
    """The frame's samples with the edit's patches in them."""
    samples = frame.samples.copy()
    for patch in edit.patches:
        x0, y0, x1, y1 = patch.box
        black = frame.black if frame.samples.ndim == 3 else frame.black[0]
        samples[y0:y1, x0:x1] = black if patch.samples is None else patch.samples
    return samples
