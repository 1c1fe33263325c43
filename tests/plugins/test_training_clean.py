"""The score from which on an answer counts is the lowest that keeps clean images clean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deidkit_training.clean import DIRTY, NEVER, least_score, score_and_hint

answers = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.02)), max_size=5)


def test_few_dirty_images_and_little_area_are_allowed():
    images = [[(0.6, 0.003)], [(0.4, 0.003)], [(0.2, 0.001)], []]
    assert least_score(images, 1.0, 1.0, 0.05) == pytest.approx(0.05)
    assert least_score(images, 1.0, 0.25, 0.05) == pytest.approx(0.41, abs=0.011)
    assert least_score(images, 0.0, 1.0, 0.05) == pytest.approx(0.61, abs=0.011)
    assert least_score([[(1.0, 0.5)]], 0.0, 0.0, 0.05) == NEVER > 1
    assert least_score([], 0.0, 0.0, 0.3) == pytest.approx(0.3)


@given(st.lists(answers, min_size=1, max_size=8), st.floats(0, 0.01), st.floats(0, 1))
def test_what_is_allowed_is_kept(images, area, share):
    limit = least_score(images, area, share, 0.05)
    covered = [sum(part for score, part in one if score >= limit) for one in images]
    assert sum(covered) / len(covered) <= area + 1e-12
    assert sum(c > DIRTY for c in covered) / len(covered) <= share + 1e-12


@given(st.lists(answers, max_size=8))
def test_a_hint_never_needs_more_than_what_counts_alone(images):
    score, hint = score_and_hint(images, 0.05, 0.3, 0.7)
    assert hint <= score
    assert images or score == 0.7
