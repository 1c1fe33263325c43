from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import grow
from deidkit.testing.contracts.verifier import VerifierContract, failed
from deidkit.testing.images import frame_of
from deidkit.types import Action, Case, Check, Context, Region, Status
from deidkit_reconstruct.equality.verifier import Equality, count_changes
from deidkit_reconstruct.options import EqualityOptions

BOXES: tuple[Box, ...] = ((20, 12, 90, 30), (60, 40, 110, 58))
KINDS = {"grey": np.uint8, "signed": np.int16, "deep": np.uint16, "colour": np.uint8}


class Toy:
    """Frames in memory."""

    def __init__(self, frames: list[Array], header: Dataset | None = None) -> None:
        self.path = Path("toy")
        self.header = header if header is not None else Dataset()
        self.carriers: tuple[str, ...] = ()
        self.contradictions: tuple[str, ...] = ()
        self.frame_count = len(frames)
        self._frames = frames

    def frame(self, index: int) -> Frame:
        return frame_of(self._frames[index], index)

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))


def original(kind: str, frames: int = 2) -> list[Array]:
    rng = np.random.default_rng(3)
    shape = (80, 128, 3) if kind == "colour" else (80, 128)
    made = []
    for _ in range(frames):
        samples = rng.integers(30, 60, shape).astype(KINDS[kind])
        for x0, y0, x1, y1 in BOXES:
            samples[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4 : 5] = 220
        made.append(samples - 90 if kind == "signed" else samples)
    return made


def blank(samples: Array, boxes: tuple[Box, ...], opacity: float = 1.0) -> Array:
    made = samples.copy()
    for x0, y0, x1, y1 in boxes:
        part = made[y0:y1, x0:x1]
        made[y0:y1, x0:x1] = (part * (1 - opacity)).astype(made.dtype)
    return made


def moved(boxes: tuple[Box, ...], by: int) -> tuple[Box, ...]:
    return tuple((x0 + by, y0, x1 + by, y1) for x0, y0, x1, y1 in boxes)


Broken = Callable[[list[Array]], list[Array]]


def one_grey_level(frames: list[Array]) -> list[Array]:
    made = [blank(samples, BOXES) for samples in frames]
    for old, new in zip(frames, made, strict=True):
        for x0, y0, x1, y1 in BOXES:
            new[y0:y1, x0:x1] += (old[y0:y1, x0:x1] > old.mean() + 20).astype(new.dtype)
    return made


SABOTAGE: dict[str, Broken] = {
    "box skipped": lambda frames: [blank(samples, BOXES[:1]) for samples in frames],
    "shifted by 5 px": lambda frames: [blank(samples, moved(BOXES, 5)) for samples in frames],
    "95 percent opacity": lambda frames: [blank(samples, BOXES, 0.95) for samples in frames],
    "frame left out": lambda frames: [blank(frames[0], BOXES), frames[1]],
    "one grey level left": one_grey_level,
    "one pixel touched elsewhere": lambda frames: [_touched(blank(samples, BOXES)) for samples in frames],
    "frame lost": lambda frames: [blank(frames[0], BOXES)],
    "another type": lambda frames: [blank(samples, BOXES).astype(np.int32) for samples in frames],
    "frames swapped": lambda frames: [blank(samples, BOXES) for samples in reversed(frames)],
    "a row lost": lambda frames: [blank(samples, BOXES)[:-1] for samples in frames],
}


def _touched(samples: Array) -> Array:
    samples[79, 127] += 1
    return samples


@pytest.fixture
def case(context: Callable[..., Context]) -> Callable[..., Case]:
    def make(before: list[Array], after: list[Array], masks: Mapping[int, tuple[Box, ...]] | None = None, **more: Any) -> Case:
        regions = {
            index: tuple(Region(box, 0.9, "toy", "identity", Action.REDACT, "toy", "DOE^JANE") for box in BOXES)
            for index in range(len(before))
        }
        grown = tuple(box for box in (grow(box, 3, (80, 128)) for box in BOXES) if box)
        told = masks if masks is not None else dict.fromkeys(range(len(before)), grown)
        fields: dict[str, Any] = {"regions": regions} | more
        old, new = Toy(before), Toy(after)
        return Case(old, new, new.path, told, changes=(), context=context(), **fields)

    return make


def verify(case: Case, **options: Any) -> list[Check]:
    return Equality(EqualityOptions(**options)).verify(case)


@pytest.mark.parametrize("kind", KINDS)
def test_an_honest_box_passes_and_is_counted(case: Callable[..., Case], kind: str) -> None:
    before = original(kind)
    checks = {check.name: check for check in verify(case(before, [blank(samples, BOXES) for samples in before]))}
    assert not failed(list(checks.values()))
    assert checks["equality-outside"].measured["pixels_outside"] == 0
    assert checks["equality-outside"].measured["pixels_inside"] > 3000
    assert checks["equality-inside"].measured["regions"] == 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SABOTAGE)
def test_sabotage_is_caught_whatever_the_format_claims(case: Callable[..., Case], kind: str, name: str) -> None:
    before = original(kind)
    checks = verify(case(before, SABOTAGE[name](before)))
    assert failed(checks), name
    assert "DOE" not in repr(checks)


@pytest.mark.parametrize("name", ["box skipped", "shifted by 5 px", "frame left out"])
def test_sabotage_is_caught_when_the_format_reports_what_it_really_did(case: Callable[..., Case], name: str) -> None:
    before = original("grey")
    honest = {"box skipped": BOXES[:1], "shifted by 5 px": moved(BOXES, 5), "frame left out": BOXES}[name]
    masks = {0: honest} if name == "frame left out" else {0: honest, 1: honest}
    found = {check.name: check.status for check in verify(case(before, SABOTAGE[name](before), masks))}
    assert found["equality-inside"] is Status.FAILED


def test_a_mask_over_everything_hides_nothing_within_reach(case: Callable[..., Case]) -> None:
    before = original("grey", 1)
    after = [_touched(blank(before[0], BOXES))]
    everything = {0: ((0, 0, 128, 80),)}
    assert not failed(verify(case(before, after, everything)))
    assert failed(verify(case(before, after, everything), reach_px=8))


def test_generated_pixels_may_vary_but_not_follow_the_old_ones(case: Callable[..., Case]) -> None:
    before = original("grey", 1)
    invented = before[0].copy()
    for x0, y0, x1, y1 in BOXES:
        invented[y0:y1, x0:x1] = np.random.default_rng(9).integers(30, 60, (y1 - y0, x1 - x0))
    assert failed(verify(case(before, [invented])))
    assert not failed(verify(case(before, [invented]), inside="unlike"))
    assert failed(verify(case(before, [blank(before[0], BOXES, 0.95)]), inside="unlike"))
    assert failed(verify(case(before, SABOTAGE["box skipped"](before)), inside="unlike"))


def test_changed_meaning_of_samples_is_caught(case: Callable[..., Case]) -> None:
    before = original("grey", 1)
    good = case(before, [blank(before[0], BOXES)])
    good.before.header.RescaleIntercept = good.after.header.RescaleIntercept = "-1024"
    good.before.header.PhotometricInterpretation = good.after.header.PhotometricInterpretation = "MONOCHROME2"
    assert not failed(verify(good))
    good.after.header.PhotometricInterpretation = "MONOCHROME1"
    assert failed(verify(good))
    good.after.header.PhotometricInterpretation = "MONOCHROME2"
    good.after.header.RescaleIntercept = "0"
    assert failed(verify(good))


def test_regions_that_were_kept_need_not_change(case: Callable[..., Case]) -> None:
    before = original("grey", 1)
    kept = {0: (Region(BOXES[0], 0.9, "toy", "marker", Action.KEEP, "side"),)}
    assert not failed(verify(case(before, before, {}, regions=kept)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["95 percent opacity", "one grey level left", "one pixel touched elsewhere"])
def test_two_files_without_known_edits(case: Callable[..., Case], kind: str, name: str) -> None:
    before = original(kind)
    unknown: dict[str, Any] = {"masks": {}, "regions": {}, "edits_known": False}
    assert not failed(verify(case(before, before, **unknown)))
    assert not failed(verify(case(before, [blank(samples, BOXES) for samples in before], **unknown)))
    assert failed(verify(case(before, SABOTAGE[name](before), **unknown)))


def test_strokes_blackened_one_by_one_are_no_blank(case: Callable[..., Case]) -> None:
    before = original("grey", 1)
    strokes = before[0].copy()
    strokes[strokes > 200] = 0
    assert failed(verify(case(before, [strokes], {}, regions={}, edits_known=False)))


def test_strips_count_as_one_frame_would(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    before = rng.integers(0, 3, (57, 33, 3), np.uint8)
    after = rng.integers(0, 3, (57, 33, 3), np.uint8)
    whole = count_changes(before, after, BOXES)
    monkeypatch.setattr("deidkit_reconstruct.equality.verifier.STRIP_SAMPLES", 500)
    assert count_changes(before, after, BOXES) == whole
    assert sum(whole) == np.count_nonzero((before != after).any(axis=2))


class TestContract(VerifierContract):
    catches = frozenset({"text-left", "frame-left", "half-a-box-left", "faint-text-left", "samples-changed-elsewhere"})

    @pytest.fixture
    def component(self) -> Equality:
        return Equality(EqualityOptions())
