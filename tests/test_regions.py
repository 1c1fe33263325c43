import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deidkit import regions

SHAPE = (40, 50)
boxes = st.tuples(st.integers(-5, 48), st.integers(-5, 38), st.integers(1, 20), st.integers(1, 20)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(boxes)
def test_clip_is_the_part_inside(box):
    clipped = regions.clip(box, SHAPE)
    inside = regions.rasterise([box], SHAPE)
    assert (clipped is None and not inside.any()) or (regions.rasterise([clipped], SHAPE) == inside).all()


@given(st.lists(boxes, max_size=6))
def test_merge_never_uncovers(given_boxes):
    before, after = regions.rasterise(given_boxes, SHAPE), regions.rasterise(regions.merge(given_boxes), SHAPE)
    assert not (before & ~after).any()


@example([(0, 0, 1, 2), (0, 1, 2, 2), (1, 0, 2, 1)])
@given(st.lists(boxes, max_size=6))
def test_merged_boxes_do_not_overlap(given_boxes):
    merged = regions.merge(given_boxes)
    assert all(not regions.intersection(a, b) for i, a in enumerate(merged) for b in merged[i + 1 :])


@given(boxes, st.lists(boxes, max_size=4))
def test_covered_is_the_share_of_the_union(box, others):
    box = regions.clip(box, SHAPE) or (0, 0, 1, 1)
    mask = regions.rasterise(others, SHAPE)[box[1] : box[3], box[0] : box[2]]
    assert regions.covered(box, others) == np.mean(mask)


@pytest.mark.parametrize(
    ("known", "more"),
    [
        ([], True),
        ([(10, 10, 110, 22)], False),
        ([(13, 12, 107, 20)], False),
        ([(10, 10, 90, 22)], True),
        ([(10, 10, 60, 22), (60, 8, 130, 22)], False),
        ([(200, 10, 300, 22)], True),
    ],
)
def test_a_box_adds_what_lies_beyond_known_ones_but_for_its_edges(known, more):
    assert regions.adds((10, 10, 110, 22), known, 3) is more


def test_a_thin_box_keeps_an_inside_under_any_slack():
    assert regions.adds((10, 10, 11, 12), [], 50)
    assert not regions.adds((10, 10, 11, 12), [(0, 0, 20, 20)], 50)
