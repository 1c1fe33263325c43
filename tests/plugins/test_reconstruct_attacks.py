from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from deidkit.image import Array, Box, Frame
from deidkit.testing.contracts.verifier import VerifierContract, failed
from deidkit.testing.images import frame_of
from deidkit.types import Action, Case, Check, Context, Region, Status
from deidkit_reconstruct.attack import leakage
from deidkit_reconstruct.attack.leakage import auc, measure
from deidkit_reconstruct.attack.reading import alike
from deidkit_reconstruct.attack.strokes import strokes
from deidkit_reconstruct.attack.verifier import Reconstruct
from deidkit_reconstruct.options import ReconstructOptions

TEXT = "MILLER, ANNA 1961"
BOX: Box = (20, 20, 220, 48)
SHAPE = (96, 256)


def background(seed: int, dtype: type = np.uint8) -> Array:
    rng = np.random.default_rng(seed)
    smooth = cv2.GaussianBlur(rng.normal(size=SHAPE), (0, 0), 12)
    values = 90 + 60 * smooth / smooth.std() / 3 + rng.normal(0, 4, SHAPE)
    scale = 1 if dtype is np.uint8 else 12
    return (np.clip(values, 0, 200) * scale - (400 if dtype is np.int16 else 0)).astype(dtype)


def written(seed: int = 0, dtype: type = np.uint8) -> Array:
    ink = np.zeros(SHAPE, np.uint8)
    cv2.putText(ink, TEXT, (24, 42), cv2.FONT_HERSHEY_SIMPLEX, 0.65, 255, 2, cv2.LINE_AA)
    base = background(seed, dtype).astype(np.float32)
    top = 240.0 if dtype is np.uint8 else 2600.0
    return (base + (top - base) * (ink / 255)).astype(dtype)


def within(make: Callable[[Array], Array]) -> Callable[[Array], Array]:
    def redact(samples: Array) -> Array:
        x0, y0, x1, y1 = BOX
        made = samples.copy()
        made[y0:y1, x0:x1] = make(samples[y0:y1, x0:x1])
        return made

    return redact


def mosaic(part: Array) -> Array:
    small = part[:24, :200].reshape(6, 4, 50, 4).mean((1, 3)).astype(part.dtype)
    return np.pad(np.repeat(np.repeat(small, 4, 0), 4, 1), ((0, part.shape[0] - 24), (0, 0)), mode="edge")


def from_outside(samples: Array) -> Array:
    x0, y0, x1, y1 = BOX
    mask = np.zeros(SHAPE, np.uint8)
    mask[y0:y1, x0:x1] = 1
    blanked = samples.copy()
    blanked[mask > 0] = 0
    return np.asarray(cv2.inpaint(blanked, mask, 3, cv2.INPAINT_TELEA))


LEAKY: dict[str, Callable[[Array], Array]] = {
    "untouched": lambda samples: samples,
    "95 percent opacity": within(lambda part: (part * 0.05).astype(part.dtype)),
    "one grey level left": within(lambda part: (part > part.mean() + 40).astype(part.dtype)),
    "lowest bit left": within(lambda part: ((part & 1) | 64).astype(part.dtype)),
    "blur": within(lambda part: cv2.GaussianBlur(part, (0, 0), 2.0)),
    "mosaic": within(mosaic),
    "half a box left": lambda samples: _halved(samples),
    "strokes blurred away one by one": lambda samples: _by_strokes(samples),
}


def _halved(samples: Array) -> Array:
    made = samples.copy()
    made[BOX[1] : BOX[3], BOX[0] : (BOX[0] + BOX[2]) // 2] = 0
    return made


def _by_strokes(samples: Array) -> Array:
    x0, y0, x1, y1 = BOX
    mask = np.zeros(SHAPE, np.uint8)
    found = strokes(samples[y0:y1, x0:x1])
    assert found is not None
    mask[y0:y1, x0:x1] = cv2.dilate(found.astype(np.uint8), np.ones((3, 3)))
    return np.asarray(cv2.inpaint(samples, mask, 3, cv2.INPAINT_TELEA))


@pytest.fixture
def case(context: Callable[..., Context]) -> Callable[..., Case]:
    def make(before: Sequence[Array], after: Sequence[Array], redacted: Sequence[int] = (0,), **more: Any) -> Case:
        region = Region(BOX, 0.9, "toy", "identity", Action.REDACT, "toy", TEXT, 0.9)
        images = [
            SimpleNamespace(frame_count=len(f), frame=lambda i, f=f: frame_of(f[i], i), header=None) for f in (before, after)
        ]
        fields: dict[str, Any] = {
            "regions": dict.fromkeys(redacted, (region,)),
            "masks": dict.fromkeys(redacted, (BOX,)),
        } | more
        return Case(images[0], images[1], path=None, changes=(), context=context(), **fields)  # type: ignore[arg-type]

    return make


def verify(case: Case, **options: Any) -> dict[str, Check]:
    checks = Reconstruct(ReconstructOptions(**options)).verify(case)
    assert TEXT not in repr(checks)
    return {check.name: check for check in checks}


@pytest.mark.parametrize("name", LEAKY)
def test_what_still_tells_the_text_is_caught(case: Callable[..., Case], name: str) -> None:
    before = written()
    assert failed(list(verify(case([before], [LEAKY[name](before)])).values()))


@pytest.mark.parametrize("dtype", [np.int16, np.uint16])
def test_faint_rests_in_deep_images_are_caught(case: Callable[..., Case], dtype: type) -> None:
    before = written(1, dtype)
    x0, y0, x1, y1 = BOX
    after = before.copy()
    after[y0:y1, x0:x1] = 7 + (before[y0:y1, x0:x1] > 1800)
    assert verify(case([before], [after]))["reconstruct-views"].status is Status.FAILED


@pytest.mark.parametrize("seed", range(4))
def test_filling_that_never_saw_the_text_passes(case: Callable[..., Case], seed: int) -> None:
    before = written(seed)
    checks = verify(case([before], [from_outside(before)]))
    assert not failed(list(checks.values()))
    assert checks["reconstruct-views"].measured["regions_attacked"] == 1


def test_a_black_box_costs_nothing_to_attack(case: Callable[..., Case]) -> None:
    before = written()
    checks = verify(case([before], [within(np.zeros_like)(before)]))
    assert not failed(list(checks.values()))
    assert checks["reconstruct-views"].measured["regions_of_one_value"] == 1


def test_text_left_in_the_next_frame_is_caught(case: Callable[..., Case]) -> None:
    clip = [written(seed) for seed in range(3)]
    cleaned = [from_outside(samples) for samples in clip]
    assert not failed(list(verify(case(clip, cleaned, (0, 1, 2))).values()))
    forgotten = verify(case(clip, [cleaned[0], clip[1], cleaned[2]], (0, 2)))
    assert forgotten["reconstruct-neighbours"].status is Status.FAILED
    clean = [background(seed) for seed in (5, 6)]
    assert not failed(list(verify(case([clip[0], *clean], [cleaned[0], *clean], (0,))).values()))


def test_masks_that_draw_letters_are_caught(case: Callable[..., Case]) -> None:
    before = written()
    slices = tuple((x, BOX[1], x + 10, BOX[3]) for x in range(BOX[0], BOX[2], 10))
    checks = verify(case([before], [from_outside(before)], masks={0: slices}))
    assert checks["reconstruct-shape"].status is Status.FAILED


def test_stroke_edits_pass_the_shape_check_only_for_kinds_that_allow_it(case: Callable[..., Case]) -> None:
    before = written()
    edited = case([before], [_by_strokes(before)])
    assert verify(edited)["reconstruct-shape"].status is Status.FAILED
    technical = {0: (replace(edited.regions[0][0], kind="technical"),)}
    assert verify(replace(edited, regions=technical))["reconstruct-shape"].status is Status.FAILED
    allowed = verify(replace(edited, regions=technical), strokes_allowed=("technical",))
    assert allowed["reconstruct-shape"].status is Status.PASSED


def test_a_reader_that_gets_the_text_fails_the_item_and_says_nothing(case: Callable[..., Case]) -> None:
    class Oracle:
        def __init__(self, text: str) -> None:
            self.text = text

        def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
            return [[Region((0, 0, 5, 5), 0.9, "oracle", text=self.text)] for _ in frames]

    before = written()
    told = case([before], [from_outside(before)])
    for text, expected in (("Miller Anna", Status.FAILED), ("wholly other", Status.PASSED)):
        checks = Reconstruct(ReconstructOptions(), Oracle(text)).verify(told)
        assert checks[-1].name == "reconstruct-reading" and checks[-1].status is expected
        assert TEXT not in repr(checks) and "Miller" not in repr(checks)


def test_area_under_the_curve() -> None:
    truth = np.array([[True, True, False, False]])
    assert auc(np.array([[9, 8, 7, 6]], np.uint8), truth) == 1.0
    assert auc(np.array([[6, 7, 8, 9]], np.uint8), truth) == 0.0
    assert auc(np.array([[5, 5, 5, 5]], np.uint8), truth) == 0.5
    assert auc(np.array([[9, 7, 8, 6]], np.uint8), truth) == 0.75


def test_similarity_of_texts() -> None:
    assert alike("Miller Anna", "MILLERANNA") == 1.0
    assert alike("abcd", "abxd") == 0.75
    assert alike("", "abc") == 0.0


@pytest.mark.parametrize("times", [1, 2, 20])
def test_a_long_region_is_compared_with_no_more_rolled_strokes_than_a_short_one(times: int, monkeypatch: Any) -> None:
    asked: list[int] = []
    areas = leakage._areas
    monkeypatch.setattr(leakage, "_areas", lambda views, truths: asked.append(len(truths)) or areas(views, truths))
    line = np.tile(written()[20:48, 20:220], (1, times))
    measure(line, np.random.default_rng(0).integers(0, 255, line.shape, np.uint8))
    assert asked and 2 < asked[0] <= 1 + 2 * leakage.NULLS


class TestContract(VerifierContract):
    catches = frozenset({"text-left", "frame-left", "half-a-box-left", "faint-text-left"})

    @pytest.fixture
    def component(self) -> Reconstruct:
        return Reconstruct(ReconstructOptions())
