"""Boxes are spared only where nothing comes into view."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deidkit.regions import rasterise
from deidkit.spare import LEAST_STEP, REACHES, without_spare
from deidkit.types import Region

SHAPE = (60, 160)
LINES = {"tight": (8, 8, 70, 26), "second": (8, 30, 70, 48)}


@pytest.fixture
def page():
    drawn = np.full(SHAPE, 20, np.uint8)
    for x0, _, _, y1 in LINES.values():
        cv2.putText(drawn, "JOHN", (x0 + 3, y1 - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 250, 1, cv2.LINE_AA)
    return drawn


def region(box, text=None):
    return Region(box, 0.9, "stub", text=text)


def left(views, *boxes):
    return [one.box for one in without_spare(views, [region(box) for box in boxes])]


def test_a_loose_box_and_one_around_two_lines_go(page):
    loose, block = (2, 4, 90, 28), (4, 2, 80, 52)
    assert left([page], loose, LINES["tight"], block, LINES["second"]) == list(LINES.values())


def test_of_two_equal_boxes_one_stays(page):
    assert left([page], LINES["tight"], LINES["tight"]) == [LINES["tight"]]


def test_what_one_view_alone_shows_stays_covered(page):
    faint = np.full(SHAPE, 20, np.uint8)
    faint[10:20, 80:90] += LEAST_STEP + 1
    loose = (2, 4, 96, 28)
    assert left([page], loose, LINES["tight"]) == [LINES["tight"]]
    assert left([page, faint], loose, LINES["tight"]) == [loose]


def test_ink_that_a_tight_box_cuts_keeps_the_loose_one(page):
    x0, y0, x1, y1 = LINES["tight"]
    cut = (x0, y0, x1 - 35, y1)
    assert left([page], cut, LINES["tight"]) == [LINES["tight"]]


def test_a_box_by_itself_and_one_that_was_read_stay(page):
    lone, loose, read = (100, 30, 140, 50), region((2, 4, 90, 28)), region((2, 4, 90, 28), text="JOHN")
    assert left([page], lone) == [lone]
    assert without_spare([page], [loose, read]) == [read]


BOX = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 12), st.integers(1, 12)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
SPOTS = st.lists(st.tuples(BOX, st.integers(0, 12), st.integers(0, 2)), max_size=4)


@settings(deadline=None)
@given(boxes=st.lists(BOX, max_size=8), spots=SPOTS, colours=st.booleans())
def test_no_difference_comes_into_view(boxes, spots, colours):
    view = np.zeros((32, 32, 3), np.uint8)
    for (x0, y0, x1, y1), level, channel in spots:
        view[y0:y1, x0:x1, channel if colours else slice(None)] += level
    before, after = (~rasterise(some, (32, 32)) for some in (boxes, left([view], *boxes)))
    for axis in (0, 1):
        for reach in REACHES:
            values = np.moveaxis(view, axis, 0).astype(int)
            differs = (np.abs(values[reach:] - values[:-reach]) > LEAST_STEP).any(axis=2)
            was, now = (np.moveaxis(bare, axis, 0) for bare in (before, after))
            assert not (differs & now[reach:] & now[:-reach] & ~(was[reach:] & was[:-reach])).any()
