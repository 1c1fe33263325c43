"""Turned views: boxes of a slanting line cover it and little else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deidkit.imaging.boxes import rasterise
from deidkit.nn.turned import turn

SHAPE = (120, 200)


def band(degrees: float, box: tuple[int, int, int, int]):
    """A box of the turned canvas as a mask of the view, and the boxes that stand for it."""
    turned = turn(np.zeros(SHAPE, np.uint8), degrees)
    x0, y0, x1, y1 = box
    corners = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) @ turned.back.T
    mask = np.zeros(SHAPE, np.uint8)
    cv2.fillConvexPoly(mask, np.floor(corners).astype(np.int32), 1)
    return mask > 0, list(turned.chain(box))


@given(st.floats(1, 89), st.integers(0, 180), st.integers(0, 180), st.integers(1, 150), st.integers(1, 40))
def test_every_pixel_of_a_slanting_box_is_covered_and_nothing_outside_the_view(degrees, x, y, width, height):
    mask, boxes = band(degrees, (x, y, x + width, y + height))
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    assert rasterise(boxes, SHAPE)[inner].all()
    assert all(0 <= x0 < x1 <= SHAPE[1] and 0 <= y0 < y1 <= SHAPE[0] for x0, y0, x1, y1 in boxes)


@pytest.mark.parametrize("degrees", [22.5, 45.0, 67.5])
def test_a_chain_covers_little_but_its_line(degrees):
    mask, boxes = band(degrees, (60, 105, 180, 119))
    around = cv2.dilate(mask.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    told = rasterise(boxes, SHAPE)
    assert mask.sum() > 1000 and not (told & ~around).any()
    assert told.sum() < 1.8 * mask.sum()


@pytest.mark.parametrize("degrees", [22.5, 45.0, 67.5])
def test_places_on_the_canvas_are_places_of_the_view(degrees):
    view = np.zeros(SHAPE, np.uint8)
    view[50:53, 120:123] = 255
    turned = turn(view, degrees)
    y, x = np.unravel_index(int(turned.look.argmax()), turned.look.shape)
    assert np.abs(turned.back @ [x + 0.5, y + 0.5, 1] - [121.5, 51.5]).max() < 2
