"""Faint text of a cine whose range is wide: the default view does not show it, composites of the others do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from pydicom import Dataset
from test_dicom_temporal import COLUMNS, ROWS, Perfect, glyphs

from deidkit.image import Box, Frame
from deidkit.imaging.boxes import covered
from deidkit.imaging.cine.plan import detect_over_time
from deidkit.types import Region
from deidkit_dicom.display.lut import Display
from deidkit_dicom.display.views import Views
from deidkit_dicom.pixel_module import PixelModule

FRAMES = 24
MODULE = PixelModule(ROWS, COLUMNS, 1, "MONOCHROME2", 16, 16, 15, signed=False, planar=0, frames=FRAMES)
FAINT = 0.03


@dataclass
class WideCine:
    """Unsigned 16-bit frames over the whole range."""

    samples: np.ndarray

    @property
    def frame_count(self) -> int:
        return len(self.samples)

    def frame(self, index: int) -> Frame:
        def load() -> np.ndarray:
            return self.samples[index]

        return Frame(index, (ROWS, COLUMNS), load, Views(load, MODULE, Display(), Dataset()), lambda _: (0,))

    def frames(self) -> list[Frame]:
        return [self.frame(index) for index in range(self.frame_count)]


def wide(where: Sequence[int]) -> tuple[WideCine, Box]:
    """Bright tissue that moves, and text in its dark surround in the frames ``where``."""
    rng = np.random.default_rng(8)
    tissue = np.zeros((ROWS, COLUMNS), np.float32)
    tissue[120:, 60:260] = 40000 + 60000 * cv2.GaussianBlur(rng.normal(size=(120, 200)).astype(np.float32), (0, 0), 6)
    frames = [np.roll(tissue, index % 5, axis=1) + rng.integers(0, 60, tissue.shape) for index in range(FRAMES)]
    made = np.clip(np.stack(frames), 0, 65535).astype(np.uint16)
    made[:, -1, -1] = 65535
    ink = glyphs()
    box = (40, 30, 40 + ink.shape[1], 30 + ink.shape[0])
    for index in where:
        made[index, box[1] : box[3], box[0] : box[2]][ink > 127] = round(FAINT * 65535)
    return WideCine(made), box


class EveryView(Perfect):
    """Looks at all views of a picture, as detectors do, and needs some contrast."""

    def __call__(self, frame: Frame) -> Sequence[Region]:
        self.shown += 1
        return [region for name in frame.views for region in self.legible(frame.view(name))]

    def legible(self, picture: np.ndarray) -> list[Region]:
        found = self.find(np.ascontiguousarray(picture), glyphs())
        return [
            region for region in found if np.ptp(picture[region.box[1] : region.box[3], region.box[0] : region.box[2]]) > 24
        ]


@pytest.mark.parametrize("where", [range(FRAMES), range(14, 18), [9]], ids=["static", "for a while", "once"])
def test_faint_text_is_found_in_the_frames_that_have_it(where: Sequence[int]) -> None:
    made, box = wide(where)
    assert EveryView().legible(made.frame(where[0]).view()) == []
    found, shown = detect_over_time(made, EveryView())
    assert all(covered(box, [region.box for region in found.get(index, ())]) >= 0.85 for index in where)
    further = {name for frame in made.frames() for name in frame.views[1:]}
    assert shown <= 8 + 8 * len(further) <= 8 + 8 * 5


def test_faint_text_that_shows_once_is_not_spread_over_the_cine() -> None:
    found, _ = detect_over_time(wide([9])[0], EveryView())
    assert len(found) <= 8
