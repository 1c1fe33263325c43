"""Numbers, dates and names that no header announces go by their form; rows of measurements stay."""

from __future__ import annotations

import pytest

from deidkit.identity.folding import fold
from deidkit.types import Identifier, Identifiers
from deidkit_ps315.text.cleaner import Style, TextCleaner
from deidkit_ps315.text.known_identifiers import known_of

SEEN = Identifier("date", "StudyDate", "20190823")
NAME = Identifier("name", "PatientName", "Thorvaldsen^Ingunn")
HOUSE = Identifier("institution", "InstitutionName", "Vallmora Regional Hospital")
HOME = Identifier("place", "PatientAddress", "17 Willowmere Close, Kestrelford KF4 9QT")
PHONE = Identifier("contact", "PatientTelephoneNumbers", "+44 1632 960417")
NOBODY: Identifiers = Identifiers(frozenset())


def cleaned(text: str, *known: Identifier, doubts: bool = True, days: int | None = None) -> str:
    everything = Identifiers(frozenset(known))
    return TextCleaner.of(everything, known_of(everything), Style(days, doubts), lambda uid: uid).clean(text)


NUMBERS = [
    "020 7946 0991",
    "06 12 34 56 78",
    "98765 43210",
    "078 05 1120",
    "046 454 286",
    "2 85 05 78 006 084 91",
    "2345 6789 0123",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "390.533.447-05",
    "23.456.789",
    "756.1234.5678.97",
    "070848-1234",
    "19481107-2384",
    "900101-1234567",
    "44051401359",
    "1EG4-TE5-MK73",
    "S19-4421",
    "2022/11903",
    "123-45-6789A",
    "H/2019/10442",
    "XK99213B",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "fe80::1ff:fe23:4567:890a",
    "K1A 0B1",
    "48.20849, 16.37208",
]
LABELLED = [
    "inmate 8841-X",
    "badge 77120",
    "Postfach 1120",
    "plate 7ABC123",
    "bed 12-B",
    "room 412B",
    "Hosp No: H 88231",
    "Fall Nr. 4400123",
    "Member ID W2345 67890",
    "plate B-MW 4471",
    "ext. 4471",
    "tech JQW",
]


@pytest.mark.parametrize("text", [*NUMBERS, *LABELLED])
@pytest.mark.parametrize("doubts", [True, False])
def test_numbers_go_by_their_form(text: str, doubts: bool) -> None:
    identifying = text.split(" ", 1)[1] if text in LABELLED else text
    left = cleaned(f"CT of the chest, {text} , no effusion", doubts=doubts)
    assert identifying not in left
    assert left.startswith("CT of the chest, ")
    assert left.endswith(" , no effusion")


MEASURED = [
    "TE 12 24 36 48",
    "b 0 500 1000 1500",
    "matrix 512 512",
    "512x512x180",
    "kVp 80 100 120 140",
    "TR/TE 4500/102",
    "W400/L40",
    "T10-T11-T12",
    "Lu-177-PSMA-617",
    "EPI-b50-b400-b800",
    "voxel 1.0x1.0x1.0 mm",
    "RAO 30 CRA 25",
    "CT 350 400 450 mAs",
    "FoV 240 280 320",
]


@pytest.mark.parametrize("text", MEASURED)
def test_rows_of_measurements_stay(text: str) -> None:
    assert cleaned(text) == text


DATES = [
    "2019. 8. 23.",
    "23·08·2019",
    "23 / 08 / 2019",
    "23 VIII 2019",
    "23. srpna 2019",
    "23 sierpnia 2019",
    "23 августа 2019",
    "23 ağustos 2019",
    "23. augusti 2019",
    "令和元年8月23日",
    "23 ΑΥΓΟΎΣΤΟΥ 2019",
    "AĞUSTOS 23, 2019",
    "190823",
    "082319",
]


@pytest.mark.parametrize("date", DATES)
def test_dates_of_other_languages_and_forms(date: str) -> None:
    assert cleaned(f"as on {date} stable", SEEN, doubts=False) in {f"as on {mark} stable" for mark in ("[DATE]", "[DATE].")}


def test_moved_dates_keep_their_form() -> None:
    moved = cleaned("23 VIII 2019, 23 sierpnia 2019, 23 / 08 / 2019", SEEN, days=30)
    assert moved == "24 VII 2019, 24 lipca 2019, 24 / 07 / 2019"


KNOWN = [
    "T H O R V A L D S E N",
    "T.h.o.r.v.a.l.d.s.e.n",
    "Thorvald-\nsen",
    "Thor/valdsen",
    "Valmora",
    "KF49QT",
    "01632 960417",
    "01632-960-417",
    "960417",
    "2960417",
]


@pytest.mark.parametrize("text", KNOWN)
def test_known_identifiers_in_pieces(text: str) -> None:
    left = cleaned(f"CT of the chest, {text}, no effusion", NAME, HOUSE, HOME, PHONE, doubts=False)
    assert fold(text) not in fold(left)
    assert "no effusion" in left


AGES = {
    "a 092Y man": "a 90+Y man",
    "ninety-four-year-old": "90+-year-old",
    "ninety years": "90+ years",
    "91-jährige": "90+-jährige",
    "45 years": "45 years",
}


@pytest.mark.parametrize("text", AGES)
def test_great_ages(text: str) -> None:
    assert cleaned(text) == AGES[text]


EPONYMS = [
    "Arnold-Chiari malformation",
    "Virchow-Robin spaces",
    "Kawasaki disease",
    "Baker's cyst",
    "Roux-en-Y",
    "Ebstein anomaly",
    "Gilbert syndrome",
    "Head^Brain_General",
    "Abdomen^Routine",
    "TE 4.6 ms, BW 490",
    "anastomotic leak",
    "fracture metacarpophalangeal",
    "emphysème, calcificaciones, benignas, enterografia",
    "Smith fracture of the wrist",
    "haemangiomata",
]


@pytest.mark.parametrize("text", EPONYMS)
def test_eponyms_protocols_and_word_forms_stay(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize("text", ["Dr. Miller disease board", "Gilbert, Anna syndrome", "Haverstock^Anna", "MILLER^THORAX"])
def test_names_are_not_saved_by_what_follows(text: str) -> None:
    assert not {"miller", "gilbert", "haverstock"} & set(fold(cleaned(text)).replace("^", " ").split())
