"""Hints count only together."""

from __future__ import annotations

from deidkit.agreement import corroborated
from deidkit.types import Region

BOX, NEAR, FAR = (10, 10, 50, 20), (12, 11, 48, 22), (80, 80, 120, 90)


def region(box, detector, hint=False):
    return Region(box, 0.5, detector, hint=hint)


def test_certain_regions_stay_whatever_others_say():
    found = [region(BOX, "one"), region(FAR, "other")]
    assert corroborated(found) == found


def test_a_hint_alone_is_dropped():
    assert corroborated([region(BOX, "one", hint=True), region(FAR, "other")]) == [region(FAR, "other")]


def test_two_hints_in_one_place_count():
    assert corroborated([region(BOX, "one", hint=True), region(NEAR, "other", hint=True)]) == [
        region(BOX, "one"),
        region(NEAR, "other"),
    ]


def test_a_detector_does_not_bear_itself_out():
    assert corroborated([region(BOX, "one", hint=True), region(NEAR, "one")]) == [region(NEAR, "one")]


def test_a_small_hint_inside_a_large_region_counts():
    inside = (20, 12, 26, 18)
    assert corroborated([region(inside, "one", hint=True), region(BOX, "other")])[0] == region(inside, "one")


def test_touching_is_not_agreement():
    beside = (48, 10, 90, 20)
    assert corroborated([region(BOX, "one", hint=True), region(beside, "other")]) == [region(beside, "other")]
