"""Letters higher than any that the networks were trained on are seen from afar."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pydicom import Dataset

from deidkit.imaging.boxes import covered
from deidkit.keys import Keys
from deidkit.registry import installed
from deidkit.testing.images import frame_of
from deidkit.types import Context, Deadline, Labels

LEFT, TOP = 60, 400


def written(height):
    view, scale = np.full((1000, 1400), 40, np.uint8), height / 22
    thickness = int(2.5 * scale)
    (width, _), _ = cv2.getTextSize("DOE 47", cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    cv2.putText(view, "DOE 47", (LEFT, TOP + height), cv2.FONT_HERSHEY_SIMPLEX, scale, 180, thickness, cv2.LINE_AA)
    return view, (LEFT, TOP, min(1400, LEFT + width), TOP + height)


def found(name, view, **options):
    context = Context(Labels(), "test", (), Keys(bytes(32)), Deadline.after(60), Dataset())
    regions = installed().build("detector", name, options).detect([frame_of(view)], context)[0]
    return [region.box for region in regions]


@pytest.mark.parametrize("name", ["dbnet", "retinanet"])
@pytest.mark.parametrize("height", [70, 130, 180])
def test_high_letters_are_covered(name, height):
    view, box = written(height)
    assert covered(box, found(name, view)) > 0.9


@pytest.mark.parametrize("name", ["dbnet", "retinanet"])
def test_only_from_afar(name):
    view, box = written(180)
    assert covered(box, found(name, view, large=4000)) < 0.9
