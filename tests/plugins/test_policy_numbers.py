"""Numbers: rulers and settings stay, and what may be somebody's age, date or number goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_policy_text import decide, region

from deidkit.types import Action, Identifiers


def test_pieces_of_a_number_that_lie_on_a_scale_by_chance_go(context):
    whole, pieces = (
        region("0721", box=(72, 35, 147, 68)),
        (region("721", box=(70, 34, 146, 86)), region("7", box=(74, 36, 114, 64))),
    )
    figures = (*pieces, region("21", box=(105, 36, 144, 64)), region("49", box=(155, 36, 194, 63)))
    answer = decide(context, whole, *figures, identifiers=Identifiers())
    assert all(one.action is Action.REDACT for one in answer)


def test_figures_of_other_heights_are_on_no_ruler(context):
    lines = [region(str(value), box=(600, 40 * n + 10, 620, 40 * n + 30)) for n, value in enumerate((10, 15, 20))]
    assert all(one.action is Action.KEEP for one in decide(context, *lines, identifiers=Identifiers()))
    lines[2] = region("20", box=(600, 80, 620, 120))
    assert all(one.action is Action.REDACT for one in decide(context, *lines, identifiers=Identifiers()))


@pytest.mark.parametrize("text", ["M721", "M721 49", "B721", "B72", "X0721", "M1234"])
def test_a_letter_and_a_number_may_be_somebody(context, text):
    wanted = Action.KEEP if text == "B72" else Action.REDACT
    assert decide(context, region(text), identifiers=Identifiers())[0].action is wanted


@pytest.mark.parametrize("text", ["W400 L40", "C50 W350", "b1000", "b 800", "b50", "M2 C5"])
def test_windows_b_values_and_dials_stay(context, text):
    assert decide(context, region(text), identifiers=Identifiers())[0].action is Action.KEEP


def column(*values, step=40, height=20):
    return [region(value, box=(600, step * n + 10, 640, step * n + 10 + height)) for n, value in enumerate(values)]


def row(*values, step=60, width=30):
    return [region(value, box=(step * n + 10, 10, step * n + 10 + width, 30)) for n, value in enumerate(values)]


def kept(context, regions):
    answer = decide(context, *regions, identifiers=Identifiers())
    return sum(one.action is Action.KEEP for one in answer)


@pytest.mark.parametrize(
    "chance",
    [
        column("49", "31", "13"),
        column("49", "30", "11"),
        row("12", "09", "06"),
        row("04", "05", "06"),
        row("10", "20", "30", step=32),
        [region("O7ZI", box=(72, 35, 147, 63)), *row("70", "21", "49")],
    ],
)
def test_numbers_that_are_linear_by_chance_go(context, chance):
    assert kept(context, chance) == 0


@pytest.mark.parametrize("more", ["{}-", "{}.", "{}", "{}cm", "-{}"])
@pytest.mark.parametrize(
    "lines", [column("10", "15", "20", "25"), row("10", "20", "30"), column("4", "8", "12"), column("25", "50", "75")]
)
def test_a_ruler_that_is_read_again_with_its_ticks_stays(context, lines, more):
    again = [replace(one, text=more.format(one.text), detector="other") for one in lines[1:2]]
    answer = decide(context, *lines, *again, identifiers=Identifiers())
    assert all(one.action is Action.KEEP for one in answer[: len(lines)])


@pytest.mark.parametrize(
    "text", ["0721M", "721M", "6M", "0721T", "4471C", "M 4471", "CT 49", "49 CT", "CT4471", "C0412", "ADULT 49"]
)
def test_a_number_at_a_word_that_says_nothing_of_it_goes(context, text):
    assert decide(context, region(text), identifiers=Identifiers())[0].action is Action.REDACT


@pytest.mark.parametrize("text", ["3T", "2.5x", "Se 4 Im 12", "CT Abdomen 5 mm", "12cm", "0.5s", "CT 120 kV"])
def test_settings_with_units_and_series_stay(context, text):
    assert decide(context, region(text), identifiers=Identifiers())[0].action is Action.KEEP


def test_a_number_beside_a_modality_goes_and_beside_a_setting_stays(context):
    number = region("49", box=(60, 10, 85, 30))
    assert decide(context, region("CT", box=(10, 10, 50, 30)), number, identifiers=Identifiers())[1].action is Action.REDACT
    assert decide(context, region("Gain", box=(10, 10, 50, 30)), number, identifiers=Identifiers())[1].action is Action.KEEP


@pytest.mark.parametrize("pieces", [("04", "-12", "-61"), ("12.0", "4.6", "1"), ("+49", "171")])
def test_pieces_of_a_date_or_a_number_with_sign_or_point_go(context, pieces):
    assert kept(context, row(*pieces, step=36)) == 0


def test_readings_that_stand_apart_or_are_read_twice_stay(context):
    assert kept(context, row("+7.7", "-7.7", step=90)) == 2
    assert kept(context, [region("12.5"), replace(region("12.5"), detector="other")]) == 2
