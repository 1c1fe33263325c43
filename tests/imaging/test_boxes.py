import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deidkit.imaging import boxes as regions
from deidkit.nn import looks

SHAPE = (40, 50)
boxes = st.tuples(st.integers(-5, 48), st.integers(-5, 38), st.integers(1, 20), st.integers(1, 20)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(boxes)
def test_clip_is_the_part_inside(box):
    clipped = regions.clip(box, SHAPE)
    inside = regions.rasterise([box], SHAPE)
    assert (clipped is None and not inside.any()) or (regions.rasterise([clipped], SHAPE) == inside).all()


def test_whole_pixels_around_a_box_cover_at_least_it_and_stay_inside():
    assert regions.around((0, 0, 10, 10), 2, 3, (21, 30)) == (0, 0, 25, 21)
    assert regions.around((3, 3, 5, 5), 1.3, 0, (21, 30)) == (3, 3, 7, 7)
    assert regions.around(np.array([-5.0, 2.0, 8.0, 6.0]), 1, 2, (20, 30)) == (0, 0, 11, 9)
    assert regions.around(np.array([50.0, 2.0, 60.0, 6.0]), 1, 2, (20, 30)) is None


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
        ([(10, 10, 1010, 30)], False),
        ([(13, 13, 1007, 27)], False),
        ([(10, 10, 1000, 30)], True),
        ([(10, 15, 1010, 25)], True),
        ([(10, 10, 600, 30), (600, 8, 1030, 32)], False),
        ([(2000, 10, 3000, 30)], True),
    ],
)
def test_a_box_adds_what_lies_beyond_known_ones_but_for_a_narrow_edge(known, more):
    assert looks.adds((10, 10, 1010, 30), known, 2.0) is more


@given(boxes)
def test_no_box_is_so_thin_that_nothing_is_left_to_compare(box):
    assert looks.adds(box, [], 1.0) and not looks.adds(box, [box], 1.0)


@pytest.mark.parametrize(
    ("height", "factor", "shape", "may"),
    [
        (23, 4.0, (1000, 1200), False),
        (24, 4.0, (1000, 1200), True),
        (250, 4.0, (1000, 1200), True),
        (251, 4.0, (1000, 1200), False),
        (160, 4.0, (200, 3000), True),
        (161, 4.0, (200, 3000), False),
        (3, 2.0, (1000, 1200), True),
        (900, 0.5, (1000, 1200), True),
    ],
)
def test_from_afar_only_letters_too_large_for_near_looks_are_looked_for(height, factor, shape, may):
    assert looks.plausible((10, 10, 600, 10 + height), factor, shape) is may
    assert looks.plausible((10, 10, 10 + height, 600), factor, shape) is may or height > 590


@pytest.mark.parametrize(("end", "more"), [(10, True), (170, True), (180, False), (200, False)])
def test_from_afar_a_box_adds_what_nearer_looks_left_a_part_of(end, more):
    assert looks.adds((10, 10, 200, 40), [(10, 10, end, 40)], 4.0) is more
