"""Hints count only together."""

from __future__ import annotations

from deidkit.imaging.fusion import corroborated
from deidkit.types import Region

SHAPE = (400, 500)
BOX, NEAR, FAR = (10, 10, 50, 20), (12, 11, 48, 22), (80, 80, 120, 90)


def region(box, detector, hint=False):
    return Region(box, 0.5, detector, hint=hint)


def test_certain_regions_stay_whatever_others_say():
    found = [region(BOX, "one"), region(FAR, "other")]
    assert corroborated(found, SHAPE) == found


def test_a_hint_alone_is_dropped():
    assert corroborated([region(BOX, "one", hint=True), region(FAR, "other")], SHAPE) == [region(FAR, "other")]


def test_two_hints_in_one_place_count():
    assert corroborated([region(BOX, "one", hint=True), region(NEAR, "other", hint=True)], SHAPE) == [
        region(BOX, "one"),
        region(NEAR, "other"),
    ]


def test_a_detector_does_not_bear_itself_out():
    assert corroborated([region(BOX, "one", hint=True), region(NEAR, "one")], SHAPE) == [region(NEAR, "one")]


def test_a_small_hint_inside_a_large_region_counts():
    inside = (20, 12, 26, 18)
    assert corroborated([region(inside, "one", hint=True), region(BOX, "other")], SHAPE)[0] == region(inside, "one")


def test_touching_is_not_agreement():
    beside = (48, 10, 90, 20)
    assert corroborated([region(BOX, "one", hint=True), region(beside, "other")], SHAPE) == [region(beside, "other")]


def letter(x, y=300, side=14):
    return region((x, y, x + side, y + side - 3), "one", hint=True)


def test_a_lone_hint_of_the_size_of_a_letter_counts():
    assert corroborated([letter(30)], (480, 640)) == [region((30, 300, 44, 311), "one")]
    assert corroborated([letter(30, side=22)], (480, 640)) == []


def test_what_is_a_letter_depends_on_the_frame():
    assert corroborated([letter(30)], (400, 300)) == []


def test_many_of_them_are_a_texture():
    few, many = ([letter(20 * n) for n in range(count)] for count in (10, 11))
    assert len(corroborated(few, (480, 640))) == 10
    assert corroborated([*many, region(FAR, "other")], (480, 640)) == [region(FAR, "other")]
