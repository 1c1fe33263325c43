"""Scores on cases whose answer is known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from deidkit.compare.measure import Measured, Prediction
from deidkit.compare.score import score
from deidkit.compare.sheets import Instance, Sheet
from deidkit.compare.statistics import in_words, interval

SHAPE = (100, 200)
TEXT = Sheet("t", (Instance((0, 0, 20, 10), "phi"), Instance((50, 50, 90, 62)), Instance((0, 80, 9, 99), counted=False)))
CLEAN = Sheet("c", ())


def judged(text_boxes, clean_boxes=(), scores=None):
    scores = scores or (1.0,) * len(text_boxes)
    predictions = (Prediction(text_boxes, scores, SHAPE, 0.5), Prediction(clean_boxes, (1.0,) * len(clean_boxes), SHAPE, 0.5))
    return score(Measured("d", predictions, 7), [TEXT, CLEAN], {}).record()


def test_recall_counts_boxes_covered_by_85_percent():
    assert judged(((0, 0, 17, 10), (50, 50, 83, 62)))["recall"]["all"]["found"] == 1
    assert judged(((0, 0, 10, 10), (10, 0, 20, 10)))["recall"]["kind phi"]["found"] == 1


def test_what_nobody_is_asked_to_find_is_left_out_but_is_no_mistake():
    record = judged(((0, 80, 9, 99),))
    assert record["recall"]["all"]["of"] == 2 and record["recall"]["all"]["found"] == 0
    assert record["precision"]["found"] == record["precision"]["of"] == 1


def test_groups_by_height():
    recall = judged(())["recall"]
    assert recall["height <= 10 px"]["of"] == 1 and recall["height 11-16 px"]["of"] == 1


def test_clean_area_and_leaks():
    record = judged(((0, 0, 20, 10),), ((0, 0, 20, 10),))
    assert record["clean_area_covered"] == pytest.approx(0.01)
    assert record["clean_images_over_0.2_percent"] == 1
    assert record["leaks"] == {"t": 1}


def test_the_curve_falls_where_scores_do():
    points = judged(((0, 0, 20, 10), (50, 50, 90, 62)), scores=(0.9, 0.3))["curve"]
    assert [round(point["recall"], 2) for point in points if round(point["threshold"], 2) in (0.0, 0.5)] == [1.0, 0.5]


def test_an_image_that_could_not_be_read_finds_nothing():
    predictions = (Prediction(reason="format-unknown: nobody"), Prediction(shape=SHAPE))
    record = score(Measured("d", predictions), [TEXT, CLEAN], {}).record()
    assert record["failures"] == {"format-unknown": 1} and record["recall"]["all"]["found"] == 0
    predictions = (Prediction(shape=SHAPE), Prediction(reason="format-unknown: nobody"))
    assert score(Measured("d", predictions), [TEXT, CLEAN], {}).record()["clean_images"] == 0


def test_frames_of_one_file_are_scored_each_with_its_own_ink():
    first, second = Sheet("f", TEXT.instances[:1]), Sheet("f", TEXT.instances[1:2], 1)
    ink = {0: [np.ones((10, 20), bool)], 1: [np.ones((12, 40), bool)]}
    predictions = (Prediction(shape=SHAPE), Prediction(((50, 50, 90, 62),), (1.0,), SHAPE))
    record = score(Measured("d", predictions), [first, second], ink).record()
    assert record["recall"]["by strokes"]["found"] == 1 and record["recall"]["by strokes"]["of"] == 2
    assert record["leaks"] == {"f": 1}


def test_mistakes_on_clean_images_count_in_table_and_curve():
    record = judged(((0, 0, 20, 10),), ((0, 0, 20, 10),))
    assert record["precision"]["share"] == 0.5 and record["curve"][0]["precision"] == 0.5


def test_strokes_are_scored_beside_boxes():
    ink = np.zeros((10, 20), bool)
    ink[:, :4] = True
    predictions = (Prediction(((0, 0, 5, 10),), (1.0,), SHAPE), Prediction(shape=SHAPE))
    recall = score(Measured("d", predictions), [TEXT, CLEAN], {0: [ink]}).record()["recall"]
    assert recall["by strokes"]["found"] == 1 and recall["kind phi"]["found"] == 0


def test_the_rule_of_three_speaks_where_nothing_was_missed():
    assert in_words(300, 300) == "0 of 300 missed: at most 1.0 % at 95 %"
    assert in_words(288, 300) == "12 of 300 missed"
    assert interval([(150, 150), (150, 150)]) == (0.99, 1.0)
    assert interval([]) == (0.0, 1.0)


def test_the_interval_holds_the_share_and_narrows_with_images():
    assert interval([(10, 20)]) == pytest.approx((0.299, 0.701), abs=1e-3), "one image says nothing of how images differ"
    few, many = interval([(9, 10), (5, 10)] * 3), interval([(9, 10), (5, 10)] * 300)
    assert few[0] < 0.7 < few[1] and many[1] - many[0] < few[1] - few[0]
