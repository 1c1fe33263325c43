"""What stands beside or around a text decides with it, and never for a name."""

from __future__ import annotations

import pytest
from test_policy_text import LEFT_JOHN, decide, region

from deidkit.types import Action, Identifiers


def test_a_short_number_stays_among_technical_words_alone(context):
    gain, number = region("Gain", box=(10, 10, 60, 30)), region("62", box=(68, 10, 98, 30))
    assert decide(context, gain, number, identifiers=Identifiers())[1].kind == "technical"
    for text in ("Mill", "12.05.1998", "14", "742"):
        beside = region(text, box=(106, 10, 140, 30))
        assert decide(context, gain, number, beside, identifiers=LEFT_JOHN)[1].action is Action.REDACT, text
    for text in ("012", "107", "94"):
        assert (
            decide(context, gain, region(text, box=(68, 10, 98, 30)), region("14", box=(104, 10, 120, 30)))[1].kind == "other"
        )


def test_feet_stay_where_the_head_is_marked_and_a_sex_goes(context):
    feet, head = region("F", box=(262, 970, 278, 998)), region("H", box=(720, 8, 741, 33))
    assert decide(context, feet, head, identifiers=Identifiers())[0].kind == "position"
    assert decide(context, feet, region("R", box=(5, 235, 24, 258)), identifiers=Identifiers())[0].action is Action.REDACT


def test_a_tall_marker_does_not_run_on_from_a_low_line(context):
    name = region("MULLER", box=(500, 40, 600, 60))
    assert decide(context, name, region("L", box=(604, 30, 660, 120)))[1].kind == "laterality"
    assert decide(context, name, region("L", box=(604, 38, 620, 62)))[1].kind == "identity"


def test_one_letter_of_a_side_needs_less_confidence_unless_its_box_is_wider(context):
    assert decide(context, region("L", 0.55, box=(10, 10, 30, 40)))[0].kind == "laterality"
    assert decide(context, region("L", 0.55, box=(10, 10, 90, 40)))[0].kind == "unreadable"
    assert decide(context, region("L", 0.45, box=(10, 10, 30, 40)))[0].kind == "unreadable"


def test_what_a_doomed_line_alone_explains_goes_with_it(context):
    name = region("Dr. SMITH HAMBURG", 0.99, box=(8, 12, 112, 49))
    town, depth = region("HAMBURG", box=(8, 31, 112, 49)), region("16 cm", box=(8, 48, 112, 70))
    assert [one.action for one in decide(context, name, town, depth)[:2]] == [Action.REDACT, Action.REDACT]


@pytest.mark.parametrize("score", [0.3, 0.6, 0.85])
@pytest.mark.parametrize("height", [8, 12])
def test_a_low_line_under_a_tall_one_is_not_covered_by_it(context, score, height):
    settings = region("Gain 60 dB Depth 12 cm", 0.99, box=(5, 8, 260, 32))
    assert decide(context, region("Anna Lee", score, box=(10, 30, 90, 30 + height)), settings)[0].action is Action.REDACT


def test_one_letter_in_the_box_of_a_turned_word_goes(context):
    for score in (0.55, 0.99):
        assert decide(context, region("L", score, box=(10, 10, 30, 210)))[0].action is Action.REDACT
        assert decide(context, region("R", score, box=(10, 10, 210, 30)))[0].action is Action.REDACT


def test_a_word_beside_a_box_of_two_lines_runs_on_from_the_name_in_it(context):
    name, word = region("Dr. SMITH 2nd line", box=(10, 10, 110, 61)), region("Stone", box=(112, 30, 160, 50))
    assert decide(context, name, word)[1].action is Action.REDACT


@pytest.mark.parametrize("label", ["Born:", "Geb.:", "Birth:"])
def test_what_stands_beside_a_label_of_birth_goes(context, label):
    born, value = region(label, box=(10, 10, 70, 30)), region("12.4", box=(76, 10, 110, 30))
    assert decide(context, born, value, identifiers=Identifiers())[1].action is Action.REDACT
