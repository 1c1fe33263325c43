"""Text in a cine: static, appearing, moving, blinking. A perfect detector is shown at most 8 pictures of 87 frames.

The detector knows the text's shape and nothing of time, so only what it is shown decides what is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from deidkit.image import Box, Frame
from deidkit.imaging.boxes import covered
from deidkit.imaging.cine.plan import detect_over_time, plan
from deidkit.types import Region

FRAMES, ROWS, COLUMNS = 87, 240, 320
TEXT, OTHER = "SMITH JOHN 1961", "MILLER ANN 1958"
SCALE = 0.6


def glyphs(text: str = TEXT) -> np.ndarray:
    (width, height), baseline = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, SCALE, 1)
    picture = np.zeros((height + baseline + 2, width), np.uint8)
    cv2.putText(picture, text, (0, height), cv2.FONT_HERSHEY_SIMPLEX, SCALE, 255, 1, cv2.LINE_AA)
    return picture


@dataclass
class Cine:
    """Moving tissue with speckle; ``truth`` is where text was drawn."""

    pictures: np.ndarray
    dark: bool
    truth: dict[int, list[Box]] = field(default_factory=dict)

    @property
    def frame_count(self) -> int:
        return len(self.pictures)

    def frame(self, index: int) -> Frame:
        samples = self.pictures[index]
        return Frame(index, (ROWS, COLUMNS), lambda: samples, {"default": np.asarray}, lambda _: (0,))

    def frames(self) -> list[Frame]:
        return [self.frame(index) for index in range(self.frame_count)]

    def write(self, index: int, x: int, y: int, text: str = TEXT) -> None:
        ink = glyphs(text)
        part = self.pictures[index, y : y + ink.shape[0], x : x + ink.shape[1]]
        part[:] = np.where(ink > 0, np.minimum(part, 255 - ink) if self.dark else np.maximum(part, ink), part)
        self.truth.setdefault(index, []).append((x, y, x + ink.shape[1], y + ink.shape[0]))


def cine(dark: bool = False) -> Cine:
    rng = np.random.default_rng(4)
    tissue = 80 + 500 * cv2.GaussianBlur(rng.normal(size=(ROWS, COLUMNS + 2 * FRAMES)).astype(np.float32), (0, 0), 12)
    speckle = [60 * cv2.GaussianBlur(rng.normal(size=(ROWS, COLUMNS)).astype(np.float32), (0, 0), 1.2) for _ in range(8)]
    made = [tissue[:, 2 * i : 2 * i + COLUMNS] + speckle[i % 8] + 100 * dark for i in range(FRAMES)]
    return Cine(np.clip(np.stack(made), 0 if not dark else 90, 170 if not dark else 255).astype(np.uint8), dark)


@dataclass
class Perfect:
    """Finds ``TEXT`` wherever it is legible in a picture, by correlation with its shape, in both polarities."""

    shown: int = 0

    def __call__(self, frame: Frame) -> Sequence[Region]:
        self.shown += 1
        return [region for text in (TEXT, OTHER) for region in self.find(np.ascontiguousarray(frame.view()), glyphs(text))]

    def find(self, picture: np.ndarray, ink: np.ndarray) -> list[Region]:
        score = np.abs(cv2.matchTemplate(picture, ink, cv2.TM_CCOEFF_NORMED))
        found: list[Region] = []
        while True:
            _, best, _, (x, y) = cv2.minMaxLoc(score)
            if best < 0.45:
                return found
            found.append(Region((x, y, x + ink.shape[1], y + ink.shape[0]), float(best), "perfect", text="name"))
            score[max(0, y - ink.shape[0]) : y + ink.shape[0], max(0, x - ink.shape[1]) : x + ink.shape[1]] = 0


def static(made: Cine) -> None:
    for index in range(FRAMES):
        made.write(index, 12, 30)


def appearing(made: Cine) -> None:
    made.write(40, 100, 150)


def staying_from_the_middle(made: Cine) -> None:
    for index in range(50, FRAMES):
        made.write(index, 60, 200)


def moving(made: Cine) -> None:
    for index in range(FRAMES):
        made.write(index, 2 + index * 150 // FRAMES, 100 + index // 3)


def moving_for_a_while(made: Cine) -> None:
    for index in range(24, 36):
        made.write(index, 10 + 5 * (index - 24), 60)


def blinking(made: Cine) -> None:
    for index in range(2, FRAMES, 5):
        made.write(index, 100, 20)


def two_at_once(made: Cine) -> None:
    static(made)
    made.write(71, 90, 120)


def changing_in_place(made: Cine) -> None:
    """As a clock does: every second frame has another text at the same place."""
    for index in range(FRAMES):
        made.write(index, 80, 200, TEXT if index % 2 else OTHER)


SCENES = [static, appearing, staying_from_the_middle, moving, moving_for_a_while, blinking, two_at_once, changing_in_place]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_all_text_is_covered_at_the_cost_of_eight_pictures(scene, dark: bool) -> None:
    made = cine(dark)
    scene(made)
    detector = Perfect()
    found, shown = detect_over_time(made, detector)
    assert shown == detector.shown <= 8
    for index, boxes in made.truth.items():
        for box in boxes:
            assert covered(box, [region.box for region in found.get(index, ())]) >= 0.85, f"frame {index}"
            assert all(region.text == "name" for region in found[index])


def test_a_cine_without_text_has_no_regions() -> None:
    found, shown = detect_over_time(cine(), Perfect())
    assert found == {}
    assert shown <= 8


def test_text_that_shows_once_is_not_spread_over_the_cine() -> None:
    made = cine()
    appearing(made)
    found, _ = detect_over_time(made, Perfect())
    assert len(found) <= 8


def test_short_images_are_looked_at_frame_by_frame() -> None:
    made = cine()
    made.pictures = made.pictures[:6]
    made.write(3, 50, 50)
    found, shown = detect_over_time(made, Perfect())
    assert shown == 6
    assert list(found) == [3]


def test_no_pixels_no_pictures() -> None:
    made = cine()
    made.pictures = made.pictures[:0]
    assert plan(made).probes == ()


def test_frames_full_of_new_strokes_are_each_looked_at_once() -> None:
    """Coarse speckle that is new in every frame: rows of glyphs are everywhere, and their cuttings would never end."""
    rng, made = np.random.default_rng(5), cine()
    for index in range(FRAMES):
        speckle = cv2.GaussianBlur(rng.normal(size=(ROWS, COLUMNS)).astype(np.float32), (0, 0), 1.5)
        made.pictures[index] = np.clip(90 + 500 * speckle, 0, 230)
    appearing(made)
    planned = plan(made)
    boxes = [box for doubtful in planned.doubts.values() for box in doubtful]
    assert max(map(len, planned.doubts.values())) < 20
    assert len(boxes) > FRAMES // 2
    detect = Perfect()
    found, shown = detect_over_time(made, detect)
    assert shown == detect.shown <= FRAMES + 8
    assert covered(made.truth[40][0], [region.box for region in found[40]]) > 0.9
