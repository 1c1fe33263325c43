"""Box arithmetic of the retinanet detector, apart from torch and from weights."""

from __future__ import annotations

import numpy as np
import pytest

from deidkit_retinanet import detector
from deidkit_retinanet.anchors import PER_PLACE, STRIDES, anchors_at, bases, decode, overlaps, place, settle
from deidkit_retinanet.detector import boxes_of
from deidkit_retinanet.options import RetinaNetOptions


def test_places_follow_the_strides():
    levels = place(128, 192)
    assert [len(level) for level in levels] == [128 // s * (192 // s) * PER_PLACE for s in STRIDES]
    first = levels[0][0]
    assert (first[0] + first[2]) / 2 == pytest.approx(2.0) and (first[1] + first[3]) / 2 == pytest.approx(2.0)


def test_no_step_gives_the_anchor_and_known_steps_move_it():
    anchors = bases(1)
    np.testing.assert_allclose(decode(np.zeros_like(anchors), anchors), anchors, rtol=1e-5)
    moved = decode(np.array([[0.5, 0, np.log(2), 0]], np.float32), np.array([[0, 0, 10, 4]], np.float32))
    np.testing.assert_allclose(moved, [[0, 0, 20, 4]], rtol=1e-5)


@pytest.mark.parametrize(("width", "height"), [(12, 12), (60, 12), (150, 12), (240, 14), (12, 40), (100, 40)])
def test_lines_of_every_shape_have_an_anchor(width, height):
    anchors = np.concatenate(place(256, 256))
    line = np.array([128 - width / 2, 128 - height / 2, 128 + width / 2, 128 + height / 2])
    assert overlaps(line, anchors).max() >= 0.45


def test_the_best_of_those_that_overlap_stays_with_the_sides_that_most_give_it():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 14, 10], [1, 0, 11, 10], [30, 0, 40, 10]], float)
    settled, scores = settle(boxes, np.array([0.6, 0.7, 0.7, 0.3]), 0.4, 0.15)
    assert settled.tolist() == [[1, 0, 11, 10], [30, 0, 40, 10]] and scores.tolist() == [0.7, 0.3]
    assert len(settle(boxes, np.array([0.6, 0.7, 0.7, 0.1]), 0.4, 0.15)[0]) == 1


def test_no_boxes_are_settled_as_none():
    settled, scores = settle(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.4, 0.15)
    assert settled.shape == (0, 4) and settled.dtype == scores.dtype == np.float32


def test_many_who_are_hardly_sure_do_not_outvote_one_who_is():
    boxes = np.array([[0, 0, 100, 10], *[[0, 0, 60, 10]] * 20], float)
    weak, strong = (np.array([0.9, *[score] * 20]) for score in (0.12, 0.6))
    assert settle(boxes, weak, 0.4, 0.3)[0].tolist() == [[0, 0, 100, 10]]
    assert settle(boxes, strong, 0.4, 0.3)[0].tolist() == [[0, 0, 60, 10]]


def test_a_line_stays_whole_where_its_words_have_the_votes():
    boxes = np.array([[0, 0, 100, 10], *[[0, 0, 45, 10]] * 8], float)
    assert settle(boxes, np.full(9, 0.6), 0.4, 0.15)[0].tolist() == [[0, 0, 100, 10]]


def test_what_the_votes_take_off_a_line_stays_where_another_box_tells_of_it():
    boxes = np.array([[0, 0, 100, 10], *[[0, 0, 55, 10]] * 3, [45, 0, 100, 10]], float)
    settled, _ = settle(boxes, np.array([0.5, 0.45, 0.45, 0.45, 0.2]), 0.4, 0.15)
    assert settled[0].tolist() == [0, 0, 55, 10] and settled[:, 2].max() == 100


@pytest.mark.parametrize("seed", range(8))
def test_votes_know_no_side(seed):
    rng = np.random.default_rng(seed)
    low, size = rng.integers(0, 20, (30, 2)), rng.integers(20, 60, (30, 2))
    boxes, scores = np.hstack([low, low + size]).astype(float), rng.choice([0.2, 0.5, 0.5, 0.9], 30)
    turned = 100 - boxes[:, [2, 3, 0, 1]]
    np.testing.assert_array_equal(
        settle(turned, scores, 0.4, 0.3)[0], 100 - settle(boxes, scores, 0.4, 0.3)[0][:, [2, 3, 0, 1]]
    )


def test_boxes_too_weak_to_be_told_have_a_say(monkeypatch):
    boxes = np.array([[0, 0, 100, 10], [0, 0, 60, 10], [0, 0, 60, 10]], float)
    scores = np.array([0.31, 0.29, 0.29])
    given = []
    monkeypatch.setattr(detector, "boxes_of", lambda *arguments: given.append(arguments[3]) or (boxes, scores))
    settled, told = detector.lines_of(boxes, boxes, (64, 64), 0.3, RetinaNetOptions())
    assert given == [detector.VOICE] and settled.tolist() == [[0, 0, 60, 10]] and told.tolist() == [0.31]


def test_only_sure_places_become_boxes():
    count = sum(len(level) for level in place(64, 64))
    logits, steps = np.full((count, 1), -9.0, np.float32), np.zeros((count, 4), np.float32)
    logits[7] = 3.0
    boxes, scores = boxes_of(logits, steps, (64, 64), 0.5, 10)
    np.testing.assert_allclose(boxes, place(64, 64)[0][7:8], rtol=1e-5)
    assert scores[0] == pytest.approx(1 / (1 + np.exp(-3.0)), rel=1e-4)


@pytest.mark.parametrize("shape", [(64, 64), (128, 192), (448, 320)])
def test_anchors_by_number_are_those_of_the_whole(shape):
    whole = np.concatenate(place(*shape))
    numbers = np.random.default_rng(1).permutation(len(whole))
    assert np.array_equal(anchors_at(numbers, *shape), whole[numbers])
    assert anchors_at(numbers[:0], *shape).shape == (0, 4)
