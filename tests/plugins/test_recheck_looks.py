"""Further looks of the recheck verifier: what they show, and where their boxes lie in the stored frame."""

from __future__ import annotations

import numpy as np
import pytest

from deidkit_recheck.looks import picture_frame, sights

PLACE = (400, 100, 420, 140)
"""Of a white mark in a dark picture."""


def marked():
    picture = np.full((300, 500), 20, np.uint8)
    picture[PLACE[1] : PLACE[3], PLACE[0] : PLACE[2]] = 250
    return picture


@pytest.mark.parametrize("look", ["enlarged", "reduced", "mirrored", "turned-22", "turned-45", "turned-67", "turned-90"])
def test_boxes_of_a_look_lie_where_the_stored_frame_shows_the_same(look):
    (sight,) = sights(picture_frame(marked(), 3), [look])
    rows, columns = np.nonzero(sight.frame.view() > 128)
    box = sight.stored((int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1))
    margin = 40 if look.startswith("turned") and look != "turned-90" else 4
    assert sight.frame.index == 3
    for told, true, sign in zip(box, PLACE, (1, 1, -1, -1), strict=True):
        assert -4 <= sign * (true - told) <= margin


def test_kept_text_is_blank_where_its_place_could_not_be_told():
    frame = picture_frame(marked(), 0)
    plain, turned = sights(frame, ["plain", "turned-45"], [PLACE])
    assert plain.frame.view().max() == 250 and turned.frame.view().max() < 128


def test_frames_too_small_to_hold_letters_are_not_reduced():
    assert not list(sights(picture_frame(np.zeros((100, 500), np.uint8), 0), ["reduced"]))
