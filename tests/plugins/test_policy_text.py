"""Which text the policy keeps, and which it never keeps whatever the profile says."""

from __future__ import annotations

import pytest

from deidkit.testing.contracts import PolicyContract
from deidkit.types import Action, Identifier, Identifiers, Region
from deidkit_policy.options import PolicyOptions
from deidkit_policy.policy import TextPolicy

EVERYTHING = PolicyOptions(keep=("marker", "scale", "technical", "anatomy"))
LEFT_JOHN = Identifiers(
    frozenset(
        {
            Identifier("name", "PatientName", "Müller-Lüdenscheidt^Brigitte^Öre"),
            Identifier("name", "ReferringPhysicianName", "Left^John"),
            Identifier("id", "PatientID", "PX-40517823"),
            Identifier("id", "StudyID", "742"),
            Identifier("date", "PatientBirthDate", "19610412"),
            Identifier("institution", "InstitutionName", "Quellenhof General"),
        }
    )
)


def region(text, score=0.95, box=None):
    """A region whose box fits its text unless one is given."""
    return Region(box or (10, 10, 20 + 9 * len(text), 30), 0.9, "test", text=text, text_score=score)


def decide(context, *regions, options=EVERYTHING, identifiers=LEFT_JOHN):
    return TextPolicy(options).decide(regions, context(identifiers=identifiers))


class TestContract(PolicyContract):
    @pytest.fixture
    def component(self):
        return TextPolicy(EVERYTHING)


@pytest.mark.parametrize(
    "text",
    [
        "MULLER", "müller", "MU11ER", "MUELLER", "LUDENSCHE1DT", "Brigitte M.", "BRlGlTTE", "Lüdensch", "LUDE...", "ORE",
        "MULLERBRIGITTE", "B R I G I T T E", "ETTIGIRB", "MB", "PX40517823", "4O517823", "40517", "742", "SCAN 742",
        "12.04.1961", "12/04/61", "04-12-1961", "1961-04-12", "19610412", "12 Apr 1961", "APR 12, 1961", "l2.O4.l961",
        "LEFT", "left", "Quellenhof", "Left lateral",
    ],
)  # fmt: skip
def test_this_patient_is_recognised_in_every_disguise(context, text):
    answer = decide(context, region(text))[0]
    assert (answer.action, answer.kind) == (Action.REDACT, "identity")


@pytest.mark.parametrize(
    "text",
    [
        "L. R. Marker", "Dr. Hand", "Ms. Brain", "Prof Heart", "12.05.98 mm", "03/11/1948 cm", "120598 Hz", "19800312 dB",
        "J.Stone", "A.Canon", "12 04 61 mm", "Im 12 04 61", "W 555 1234", "M 0170 1234", "Adult 94", "Ser 4051 7823",
        "14:23:53", "2:56 PM", "3:49:52 pm", "9h04", "18 Jul 08", "Freitag 30.04.93", "WEDNESDAY, MARCH 29", "030Y", "M 26",
        "63/F", "45 yrs", "ID: A2", "Acc: C5", "DOB:", "J.B.", "5555 12 34 5", "a@b.org", "12975-20-2", "Clinic Chest",
        ":27:24 1993 3D", "24 1993 3D", "27:24 3D", "1993 CT", "MR 2018",
    ],
)  # fmt: skip
def test_what_would_identify_anybody_is_redacted(context, text):
    answer = decide(context, region(text), identifiers=Identifiers())[0]
    assert (answer.action, answer.kind) == (Action.REDACT, "identity")


@pytest.mark.parametrize(
    "text",
    [
        "49", "M", "F", "1234", "SMITH", "SMITH CHEST", "Hand Smith 5 mm", "****", "患者", "X Y", "MA LO", "Thi", "Power J",
        "Max Hand", "Hand, Max", "Max-Hand", "Max.Colon 45", "MAX HAND M", "Long Stone", "John II", "II", "V", "Hand J", "56",
    ],
)  # fmt: skip
def test_what_is_doubtful_is_redacted(context, text):
    assert decide(context, region(text), identifiers=Identifiers())[0].action is Action.REDACT


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("L", "laterality"), ("R", "laterality"), ("RT", "laterality"), ("Links", "laterality"), ("AP", "position"),
        ("Semi-Upright", "position"), ("L AP ERECT", "position"), ("16 cm", "scale"), ("16cm", "scale"), ("2.5 MHz", "scale"),
        ("64%", "scale"), ("-3.1 cm/s", "scale"), ("120 kVp", "scale"), ("TIS0.4 MI 1.4", "technical"), ("Gn 60", "technical"),
        ("C5-1", "technical"), ("DR 66 dB", "technical"), ("Power Doppler", "technical"), ("LA Max", "anatomy"),
        ("HU Max", "technical"),
        ("W: 400 L: 40", "technical"), ("Chest", "anatomy"),
        ("Asc Ao Diam 3.3 cm", "anatomy"), ("H4.25MHz", "technical"), ("DUA: 94%", "technical"), ("Tlb 0.7", "technical"),
        ("Flow Opt: Med V", "technical"), ("P5-3 A.Card/Gen", "technical"), ("3OCM", "scale"), ("PRF 2000 Hz", "technical"),
    ],
)  # fmt: skip
def test_each_class_stays_where_it_is_kept_and_only_there(context, text, kind):
    nobody = Identifiers()
    assert decide(context, region(text), identifiers=nobody)[0].kind == kind
    kept = decide(context, region(text), options=PolicyOptions(keep=(kind,)), identifiers=nobody)[0]
    others = {"laterality", "position", "scale", "technical", "anatomy"} - {kind}
    refused = decide(context, region(text), options=PolicyOptions(keep=tuple(sorted(others))), identifiers=nobody)[0]
    assert (kept.action, refused.action) == (Action.KEEP, Action.REDACT)
    assert decide(context, region(text), options=PolicyOptions(), identifiers=nobody)[0].action is Action.REDACT


def test_a_marker_read_with_little_confidence_goes(context):
    assert decide(context, region("L", score=0.4), identifiers=Identifiers())[0].kind == "unreadable"


def test_the_value_of_a_label_goes_though_it_is_an_anatomical_word(context):
    label, value = region("Name:", box=(10, 10, 60, 30)), region("HAND", box=(70, 10, 120, 30))
    below, far = region("BRAIN", box=(10, 36, 60, 56)), region("HAND", box=(400, 10, 450, 30))
    answer = decide(context, label, value, below, far, identifiers=Identifiers())
    assert [one.action for one in answer] == [Action.REDACT, Action.REDACT, Action.REDACT, Action.KEEP]


def test_a_word_that_runs_on_from_the_name_goes(context):
    name, rest = region("MULLER", box=(10, 10, 80, 30)), region("HEART", box=(88, 10, 140, 30))
    assert decide(context, name, rest)[1].kind == "identity"


def test_figures_of_a_ruler_stay_and_lone_numbers_go(context):
    ruler = [region(str(value), box=(600, 40 * value + 10, 620, 40 * value + 30)) for value in (0, 5, 10)]
    answer = decide(context, *ruler, region("49", box=(300, 300, 330, 320)), identifiers=Identifiers())
    assert [one.action for one in answer] == [Action.KEEP] * 3 + [Action.REDACT]
    uneven = [region(str(v), box=(600, y, 620, y + 20)) for v, y in ((12, 10), (54, 210), (61, 410))]
    assert {one.action for one in decide(context, *uneven, identifiers=Identifiers())} == {Action.REDACT}


@pytest.mark.parametrize(
    "name",
    ["Left^Anna", "Hand^Peter", "Brain^Olga", "Long^Erect", "Port^Ulla", "Gain^Mary", "Depth^Karl", "Zoom^Li", "Frame^Ti"],
)
def test_a_patient_whose_name_is_a_marker_or_an_organ(context, name):
    patient = Identifiers(frozenset({Identifier("name", "PatientName", name)}))
    surname, given = name.upper().split("^")
    shown = (surname, given, f"{given} {surname}", surname[::-1], f"{surname} 5 mm", f"{surname} LAT")
    assert {decide(context, region(text), identifiers=patient)[0].action for text in shown} == {Action.REDACT}


@pytest.mark.parametrize("text", ["RELLUM", "ETTIGIRB RELLUM", "ETT1G1RB", "Gn 60 ETTIGIRB"])
def test_a_mirrored_name_goes_though_it_was_read_backwards(context, text):
    assert decide(context, region(text))[0].action is Action.REDACT


def test_a_better_reading_of_the_same_place_settles_a_doubt(context):
    good, cut = region("Frq 6.5 MHz", 0.98, (10, 10, 110, 30)), region("Frg 6.5MHz", 0.95, (12, 11, 108, 29))
    unsure = region("~|;", 0.2, (12, 11, 108, 29))
    answer = decide(context, good, cut, unsure, identifiers=Identifiers())
    assert {one.action for one in answer} == {Action.KEEP}


@pytest.mark.parametrize("name", ["SMITH", "MULLER", "12.05.98"])
def test_a_better_reading_never_saves_a_name(context, name):
    around = region("Gn 60", 0.99, (10, 10, 110, 30))
    assert decide(context, around, region(name, 0.9, (12, 11, 108, 29)))[1].action is Action.REDACT
    wide = region("Gn 60", 0.99, (10, 10, 400, 30))
    assert decide(context, wide, region("?", 0.2, (200, 11, 300, 29)))[1].action is Action.REDACT


def test_a_number_before_its_unit_stays_and_one_before_a_name_goes(context):
    number, far = region("60", box=(10, 10, 30, 30)), region("60", box=(10, 300, 30, 320))
    unit, name = region("BPM", box=(36, 10, 80, 30)), region("SMITH", box=(36, 300, 80, 320))
    answer = decide(context, number, unit, far, name, identifiers=Identifiers())
    assert [one.action for one in answer] == [Action.KEEP, Action.KEEP, Action.REDACT, Action.REDACT]


def test_reasons_say_nothing_of_the_text(context):
    answer = decide(context, region("MÜLLER"), region("Brigitte"), region("SMITH"), region("742"))
    said = " ".join(f"{one.kind} {one.reason}" for one in answer) + repr(answer)
    assert not any(secret in said for secret in ("MÜLLER", "Brigitte", "SMITH", "742", "muller"))


def test_a_junk_box_over_lines_that_were_read_goes_with_them(context):
    lines = [region(text, 0.98, (10, y, 80, y + 20)) for text, y in (("Gn 60", 10), ("C 50", 32), ("P Low", 54))]
    junk = region("9910", 0.41, (8, 8, 82, 76))
    assert {one.action for one in decide(context, *lines, junk, identifiers=Identifiers())} == {Action.KEEP}
    larger = region("9910", 0.41, (8, 8, 82, 100))
    assert decide(context, *lines, larger, identifiers=Identifiers())[3].action is Action.REDACT
    named = region("PL0W SM1TH", 0.9, (8, 8, 82, 76))
    assert decide(context, *lines, named, identifiers=Identifiers())[3].action is Action.REDACT


def test_two_readings_of_one_marker(context):
    marker, digit = region("L", 0.99, (10, 10, 24, 34)), region("7", 0.73, (11, 11, 23, 33))
    assert {one.action for one in decide(context, marker, digit, identifiers=Identifiers())} == {Action.KEEP}
    weak, name = region("L", 0.75, (10, 10, 24, 34)), region("Ng", 0.99, (10, 10, 26, 34))
    assert decide(context, weak, name, identifiers=Identifiers())[1].action is Action.REDACT


@pytest.mark.parametrize("text", ["GAIN", "Depth", "Gain Mary", "MARY", "N1AG", "Depth 5 cm"])
def test_a_patient_named_like_a_setting(context, text):
    patient = Identifiers(
        frozenset({Identifier("name", "PatientName", "Gain^Mary"), Identifier("name", "OtherPatientNames", "Depth")})
    )
    assert decide(context, region(text), identifiers=patient)[0].action is Action.REDACT


def test_a_ruler_found_by_two_detectors_is_one_ruler(context):
    twice = [region(str(v), box=(600 + d, 40 * v + 10, 620 + d, 40 * v + 30)) for v in (10, 15, 20) for d in (0, 2)]
    assert {one.action for one in decide(context, *twice, identifiers=Identifiers())} == {Action.KEEP}
    spread = [region(str(v), box=(600, y, 620, y + 8)) for v, y in ((10, 10), (15, 52), (15, 66), (20, 110))]
    assert decide(context, *spread, identifiers=Identifiers())[1].action is Action.REDACT


def test_one_figure_stays_only_where_no_number_can_go_on(context):
    alone = region("5", box=(300, 300, 312, 320))
    assert decide(context, alone, identifiers=Identifiers())[0].action is Action.KEEP
    for beside in (region("12.0", box=(314, 300, 350, 320)), region("SMITH", box=(220, 302, 280, 322))):
        assert decide(context, alone, beside, identifiers=Identifiers())[0].action is Action.REDACT


def test_combined_directions_stay_only_with_their_opposites(context):
    left, right = region("LS", box=(490, 240, 515, 260)), region("R\u5de5", box=(8, 240, 30, 260))
    assert [one.kind for one in decide(context, left, right, identifiers=Identifiers())] == ["position"] * 2
    assert decide(context, left, identifiers=Identifiers())[0].action is Action.REDACT
    patient = Identifiers(frozenset({Identifier("name", "PatientName", "Simon^Laura")}))
    assert decide(context, left, right, identifiers=patient)[0].action is Action.REDACT


def test_a_number_above_its_unit_stays(context):
    number, unit = region("60", box=(570, 440, 595, 460)), region("BPM", box=(570, 461, 606, 477))
    assert decide(context, number, unit, identifiers=Identifiers())[0].kind == "scale"
    far = region("BPM", box=(570, 500, 606, 517))
    assert decide(context, number, far, identifiers=Identifiers())[0].action is Action.REDACT


def test_a_label_without_its_value_stays_and_the_value_goes(context):
    label, value = region("Sonographer: -", box=(10, 10, 120, 30)), region("HAND", box=(128, 10, 170, 30))
    answer = decide(context, label, value, identifiers=Identifiers())
    assert [one.action for one in answer] == [Action.KEEP, Action.REDACT]
    for text in ("Sonographer: Hand", "Patient:", "Name: -", "Sonographer"):
        assert decide(context, region(text), identifiers=Identifiers())[0].action is Action.REDACT


@pytest.mark.parametrize(
    "text", ["1.3 / 29Hz", "16.1cm/1.3/ 29Hz", "W: 3498 L: 2000", "6L3", "3.6.1", "[B]", "LnDens St", "zH 46"]
)
def test_settings_that_look_like_dates_or_were_read_backwards_stay(context, text):
    assert decide(context, region(text), identifiers=Identifiers())[0].action is Action.KEEP


@pytest.mark.parametrize(
    "text", ["12.05/98", "3.6.2001", "L: 2000", "3/6/98", "5.12-1998", "89.50.21", "W: 3498 L: 2000 SMITH", "B"]
)
def test_dates_with_mixed_separators_and_lone_letters_go(context, text):
    assert decide(context, region(text), identifiers=Identifiers())[0].action is Action.REDACT


def test_a_word_that_ends_like_a_label_announces_nothing(context):
    organ, below = region("Thyroid", box=(10, 10, 70, 30)), region("General", box=(10, 34, 70, 54))
    assert {one.action for one in decide(context, organ, below, identifiers=Identifiers())} == {Action.KEEP}
    glued = region("PatientID", box=(10, 10, 70, 30))
    assert decide(context, glued, below, identifiers=Identifiers())[1].action is Action.REDACT


@pytest.mark.parametrize("text", ["MAS", "Sam", "5AM", "1.2 MAS", "7B3", "3B7"])
def test_a_short_name_and_a_piece_of_a_number_are_known_backwards_too(context, text):
    patient = Identifiers(frozenset({Identifier("name", "PatientName", "Rossi^Sam"), Identifier("id", "PatientID", "PX-7B3")}))
    assert decide(context, region(text), identifiers=patient)[0].kind == "identity"
