"""Black boxes: grown, clipped, and in an order that does not depend on the detector."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from deidkit.image import Frame
from deidkit.types import Region
from deidkit_blackbox.options import BlackboxOptions
from deidkit_blackbox.redactor import Blackbox

FRAME = Frame(4, (50, 80), lambda: np.zeros((50, 80), np.uint8), {"default": np.asarray}, lambda _: (0,))


def boxes(margin: int, *given: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    edit = Blackbox(BlackboxOptions(margin_px=margin)).redact(FRAME, [Region(box, 1.0, "test") for box in given], None)
    assert (edit.frame, edit.method, edit.generated) == (4, "blackbox", False)
    assert all(patch.samples is None for patch in edit.patches)
    return [patch.box for patch in edit.patches]


def test_boxes_grow_and_stay_inside() -> None:
    assert boxes(3, (10, 10, 20, 20)) == [(7, 7, 23, 23)]
    assert boxes(3, (0, 0, 5, 5), (70, 45, 80, 50)) == [(0, 0, 8, 8), (67, 42, 80, 50)]
    assert boxes(0, (1, 2, 3, 4)) == [(1, 2, 3, 4)]


def test_the_order_of_regions_does_not_matter() -> None:
    given = [(40, 1, 50, 9), (2, 20, 30, 30), (2, 3, 9, 9), (2, 3, 9, 9)]
    assert boxes(1, *given) == boxes(1, *given[::-1])
    assert len(boxes(1, *given)) == 3


@pytest.mark.parametrize("margin", [-1, 201, "3"])
def test_margins_that_make_no_sense(margin: object) -> None:
    with pytest.raises(ValidationError):
        BlackboxOptions(margin_px=margin)
