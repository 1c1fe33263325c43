"""Boxes are spared only where nothing comes into view."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deidkit.imaging.boxes import rasterise
from deidkit.imaging.cine.plan import BUDGET
from deidkit.imaging.redundancy import MANY, RANGE, without_spare
from deidkit.item import reading, stages
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit.types import Action, Region

SHAPE = (60, 160)
LINES = {"tight": (8, 8, 70, 26), "second": (8, 30, 70, 48)}


@pytest.fixture
def page():
    drawn = np.full(SHAPE, 20, np.uint8)
    for x0, _, _, y1 in LINES.values():
        cv2.putText(drawn, "JOHN", (x0 + 3, y1 - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 250, 1, cv2.LINE_AA)
    return drawn


def region(box, action=Action.REDACT):
    return Region(box, 0.9, "stub", action=action)


def left(planes, *boxes):
    return [one.box for one in without_spare(planes, [region(box) for box in boxes])]


def test_a_loose_box_and_one_around_two_lines_go(page):
    loose, block = (2, 4, 90, 28), (4, 2, 80, 52)
    assert left([page], loose, LINES["tight"], block, LINES["second"]) == list(LINES.values())


def test_of_two_equal_boxes_one_stays(page):
    assert left([page], LINES["tight"], LINES["tight"]) == [LINES["tight"]]


def test_what_one_view_or_what_is_stored_alone_shows_stays_covered(page):
    faint = page.astype(np.uint16)
    faint[10:20, 80:90] += RANGE + 1
    loose = (2, 4, 96, 28)
    assert left([page], loose, LINES["tight"]) == [LINES["tight"]]
    assert left([page, faint], loose, LINES["tight"]) == [loose]


def test_ink_that_a_tight_box_cuts_keeps_the_loose_one(page):
    x0, y0, x1, y1 = LINES["tight"]
    assert left([page], (x0, y0, x1 - 35, y1), LINES["tight"]) == [LINES["tight"]]


def test_a_soft_letter_stays_covered_though_it_has_no_edge():
    soft = np.tile(np.linspace(60, 80, SHAPE[1]).astype(np.uint8), (SHAPE[0], 1))
    assert left([soft], (10, 10, 150, 50), (10, 10, 40, 20)) == [(10, 10, 150, 50)]


def test_the_edge_of_a_bar_in_boxes_does_not_free_its_middle():
    bar = np.full((100, 220), 20, np.uint8)
    bar[20:80, 20:200] = 230
    edges = [(14, 14, 26, 86), (194, 14, 206, 86), (14, 14, 206, 26), (14, 74, 206, 86)]
    assert (10, 10, 210, 90) in left([bar], (10, 10, 210, 90), *edges)


def test_a_box_by_itself_stays_and_one_that_is_kept_neither_goes_nor_hides(page):
    lone, loose, tight = (100, 30, 140, 50), region((2, 4, 90, 28)), region(LINES["tight"], Action.KEEP)
    assert left([page], lone) == [lone]
    assert without_spare([page], [loose, tight, region(lone)]) == (loose, tight, region(lone))


def test_of_very_many_boxes_all_stay(page):
    boxes = [LINES["tight"]] * MANY
    assert left([page], *boxes) == boxes


@pytest.mark.parametrize(("frames", "stay"), [(1, 1), (BUDGET, 1), (BUDGET + 1, 2)])
def test_superfluous_boxes_are_left_out_where_each_frame_was_looked_at(tmp_path, page, frames, stay):
    path = tmp_path / "pages.tiff"
    cv2.imwritemulti(str(path), [page] * frames)
    formats = {name: installed().build("format", name) for name in installed().names("format")}
    image = reading.read(path, formats, Limits())[1]
    decided = {0: (region((2, 4, 90, 28)), region(LINES["tight"]))}
    assert len(stages.clear(image, decided)[0]) == stay


BOX = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 12), st.integers(1, 12)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)
SPOTS = st.lists(st.tuples(BOX, st.integers(0, 12), st.integers(0, 2)), max_size=4)


@settings(deadline=None)
@given(boxes=st.lists(BOX, max_size=8), spots=SPOTS, colours=st.booleans())
def test_nothing_comes_into_view_but_one_value(boxes, spots, colours):
    view = np.zeros((32, 32, 3), np.uint8)
    for (x0, y0, x1, y1), level, channel in spots:
        view[y0:y1, x0:x1, channel if colours else slice(None)] += level
    planes = [view, view.astype(np.int16) * 300]
    before, after = (~rasterise(some, (32, 32)) for some in (boxes, left(planes, *boxes)))
    shown = after & ~before
    for y, x in np.argwhere(shown):
        near = np.zeros_like(shown)
        near[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = True
        values = view[near & after].astype(int)
        assert np.ptp(values, axis=0).max() == 0
