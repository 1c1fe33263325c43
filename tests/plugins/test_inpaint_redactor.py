from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from pydicom import Dataset

from deidkit.image import Array, Box
from deidkit.imaging.boxes import rasterise
from deidkit.testing.contracts.redactor import RedactorContract
from deidkit.testing.images import apply, frame_of
from deidkit.types import Action, Context, Region
from deidkit_inpaint.fillers import FILLERS
from deidkit_inpaint.options import InpaintOptions
from deidkit_inpaint.redactor import Inpaint
from deidkit_inpaint.strokes import stroke_mask

BOX: Box = (40, 30, 200, 52)
GROWN: Box = (37, 27, 203, 55)
SHAPE = (96, 256)


def smooth_background(dtype: type, colour: bool = False) -> Array:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float64)
    values = 60 + columns / 4 + rows / 3
    if dtype is np.int16:
        values = values * 10 - 1500
    elif dtype is np.uint16:
        values = values * 30
    plane = np.rint(values).astype(dtype)
    return np.stack([plane, plane[::-1], plane[:, ::-1]], axis=-1) if colour else plane


def with_text(samples: Array, text: str = "MILLER ANNA") -> Array:
    ink = np.zeros(SHAPE, np.uint8)
    cv2.putText(ink, text, (44, 48), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 2)
    made = samples.copy()
    made[ink > 0] = 255 if samples.dtype == np.uint8 else 4095
    return made


def regions(*boxes: Box, kind: str = "identity") -> list[Region]:
    return [Region(box, 0.9, "toy", kind, Action.REDACT, "toy") for box in boxes]


def filled(samples: Array, found: Sequence[Region], context: Context, **options: Any) -> Array:
    frame = frame_of(samples)
    return apply(Inpaint(InpaintOptions(**options)).redact(frame, found, context), frame)


@pytest.mark.parametrize("model", FILLERS)
@pytest.mark.parametrize(("dtype", "colour"), [(np.uint8, False), (np.uint8, True), (np.int16, False), (np.uint16, False)])
def test_background_comes_back_in_stored_units(context: Callable[..., Context], model: str, dtype: type, colour: bool) -> None:
    clean = smooth_background(dtype, colour)
    made = filled(with_text(clean), regions(BOX), context(), model=model)
    outside = ~rasterise([GROWN], SHAPE)
    assert np.array_equal(made[outside], with_text(clean)[outside])
    error = np.abs(made.astype(np.float64) - clean)[~outside].mean() / np.ptp(clean.astype(np.float64))
    assert error < 0.06
    assert made.dtype == clean.dtype


@pytest.mark.parametrize("model", FILLERS)
def test_conditioned_filling_is_the_same_whatever_stood_there(context: Callable[..., Context], model: str) -> None:
    clean = smooth_background(np.uint16)
    one, other = (filled(with_text(clean, text), regions(BOX), context(), model=model) for text in ("MILLER ANNA", "X"))
    assert np.array_equal(one, other)


def test_neighbouring_regions_do_not_see_each_others_text(context: Callable[..., Context]) -> None:
    clean = smooth_background(np.uint8)
    boxes: tuple[Box, ...] = ((44, 30, 120, 52), (118, 30, 200, 52))
    made = filled(with_text(clean), regions(*boxes), context())
    assert int(made[24:60, 30:210].max()) < 200


def test_what_was_generated_says_so(context: Callable[..., Context]) -> None:
    edit = Inpaint(InpaintOptions(model="navier_stokes", mode="visible")).redact(
        frame_of(with_text(smooth_background(np.uint8))), regions(BOX), context()
    )
    assert edit.generated and edit.method == "inpaint:navier_stokes:visible:box"
    assert [patch.box for patch in edit.patches] == [GROWN]


@pytest.mark.parametrize("fields", [{"PhotometricInterpretation": "PALETTE COLOR"}, {"BitsAllocated": 1}])
def test_samples_that_cannot_be_mixed_are_blanked(context: Callable[..., Context], fields: dict[str, Any]) -> None:
    header = Dataset()
    for keyword, value in fields.items():
        setattr(header, keyword, value)
    edit = Inpaint(InpaintOptions()).redact(frame_of(smooth_background(np.uint8)), regions(BOX), context(header))
    assert not edit.generated and all(patch.samples is None for patch in edit.patches)


def test_a_frame_that_is_all_text_is_blanked(context: Callable[..., Context]) -> None:
    edit = Inpaint(InpaintOptions()).redact(frame_of(smooth_background(np.uint8)), regions((0, 0, 256, 96)), context())
    assert not edit.generated and edit.patches[0].samples is None


def test_strokes_spare_what_lies_between_them_but_never_for_identity(context: Callable[..., Context]) -> None:
    rng = np.random.default_rng(2)
    clean = (smooth_background(np.uint8) + rng.integers(0, 4, SHAPE)).astype(np.uint8)
    text = with_text(clean)
    options: dict[str, Any] = {"mask": "strokes", "stroke_kinds": ("technical",)}
    spared = filled(text, regions(BOX, kind="technical"), context(), **options)
    whole = filled(text, regions(BOX), context(), **options)
    x0, y0, x1, y1 = BOX
    kept = [(made == text)[y0:y1, x0:x1].mean() for made in (spared, whole)]
    assert kept[0] > 0.25 > kept[1] + 0.05
    assert int(spared.max()) < 220, "ink is left between the strokes"


def test_strokes_of_a_blank_region_are_all_of_it() -> None:
    assert stroke_mask(np.full((20, 40), 7, np.uint8)).all()


@pytest.mark.parametrize(
    "options", [{"mask": "strokes"}, {"stroke_kinds": ("scale",)}, {"mask": "strokes", "stroke_kinds": ("identity",)}]
)
def test_stroke_options_that_could_spell_a_name_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        InpaintOptions(**options)


@pytest.mark.parametrize("model", FILLERS)
def test_a_large_masked_area_is_filled_from_afar(context: Callable[..., Context], model: str) -> None:
    samples = smooth_background(np.uint8)
    samples[10:90, 20:240] = 255
    made = filled(samples, regions((20, 10, 240, 90)), context(), model=model, context_px=4)
    assert int(made.max()) < 200


class TestContract(RedactorContract):
    @pytest.fixture(params=["telea", "navier_stokes", "harmonic", "unet"])
    def component(self, request: pytest.FixtureRequest) -> Inpaint:
        return Inpaint(InpaintOptions(model=request.param))
