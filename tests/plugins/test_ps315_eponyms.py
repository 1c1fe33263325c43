"""Names that stand for a thing stay where they do, and go where they stand for a person."""

from __future__ import annotations

import pytest
from test_ps315_texts import cleaner

from deidkit_ps315.text.vocabulary import clinical, eponyms, names

RARE = sorted(word for word in eponyms() if word not in names() and word not in clinical() and len(word) > 3)


@pytest.mark.parametrize("form", ["{}", "known {}", "R/O {}", "{} disease", "{}'s sign, left"])
def test_rare_eponyms_stay(form: str) -> None:
    texts = [form.format(word.upper() if form.isupper() else word.capitalize()) for word in RARE]
    clean = cleaner()
    lost = [text for text in texts if clean.clean(text) != text]
    assert len(lost) <= len(texts) * 0.02, lost


@pytest.mark.parametrize(
    "text",
    [
        "known Wilson disease",
        "WILSON'S DISEASE",
        "Gartner duct cyst, left",
        "old Smith fracture",
        "Hampton's hump in the right lower lobe",
        "CHURG-STRAUSS",
        "Fazekas 2",
        "ASA 3",
    ],
)
def test_common_surnames_stay_before_their_noun(text: str) -> None:
    assert cleaner().clean(text) == text
    assert cleaner(doubts=False).clean(text) == text


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("James Wilson disease free", "James"),
        ("seen by Wilson today", "Wilson"),
        ("Dr. Smith fracture clinic", "Smith"),
        ("Mr Brenner tumor board", "Brenner"),
        ("read by T. Quorvanezem", "Quorvanezem"),
        ("PELVIS AP Ostujorru Brithzem NO FRACTURE", "Ostujorru"),
        ("Findings told to Ostujorru Brithzem.", "Brithzem"),
        ("3 VIEWS 10.206.140.115", "10.206.140.115"),
        ("reviewed 12.3.20", "12.3.20"),
        ("Acc. No. 5952C69495", "5952C69495"),
    ],
)
def test_people_and_numbers_go_in_either_kind_of_doubt(text: str, gone: str) -> None:
    for doubts in (True, False):
        assert gone not in cleaner(doubts=doubts).clean(text)


@pytest.mark.parametrize("text", ["syngo CT 5.4.1", "V 11.2.20", "rev 1.2.19", "software 4.3.12", "version: 10.1.2.3"])
def test_versions_are_neither_dates_nor_addresses(text: str) -> None:
    assert cleaner().clean(text) == text


def test_a_name_ends_with_its_sentence() -> None:
    cleaned = cleaner().clean("Reported by Anita Deshmukh. Ovaries unremarkable.")
    assert cleaned == "Reported by [NAME]. Ovaries unremarkable."
