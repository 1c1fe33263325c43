"""A name known from the header is found in text of every character set that DICOM knows, with and without its marks."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pydicom
import pytest
from ps315_corpus import base, person
from ps315_running import CLEAN, failures, scrubbed, swept, written
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from deidkit.headers.raw_elements import LATER_TERMS
from deidkit.identity.folding import fold
from deidkit.identity.names import name_tokens, spellings
from deidkit.types import Identifier, Identifiers
from deidkit_ps315.text.known_identifiers import known_of
from deidkit_ps315.text.tokens import tokens_of

GREEK, RUSSIAN, ARABIC = "Παπαδόπουλος^Νίκος", "Достоевский^Фёдор", "قباني^لنزار"
HEBREW, THAI, LATIN = "שרון^דבורה", "สุนทรวิภาต^กิ่งแก้ว", "Bücheler^Jörg"
JAPANESE, KOREAN = "Yamada^Tarou=山田^太郎=やまだ^たろう", "Hong^Gildong=洪^吉洞=홍^길동"
SINGLE = {
    "ISO_IR 100": LATIN, "ISO_IR 101": "Wiśniewska^Żaneta", "ISO_IR 109": "Ĉapekov^Ħamid", "ISO_IR 110": "Bērziņš^Jānis",
    "ISO_IR 144": RUSSIAN, "ISO_IR 127": ARABIC, "ISO_IR 126": GREEK, "ISO_IR 138": HEBREW, "ISO_IR 148": "Çavuşoğlu^İpek",
    "ISO_IR 13": "ﾔﾏﾀﾞ^ﾀﾛｳ", "ISO_IR 166": THAI, "ISO_IR 192": "Nguyễn^Thị Ánh", "GB18030": "Wang^XiaoDong=王^小东",
    "GBK": "Wang^XiaoDong=王^小东",
}  # fmt: skip
ESCAPED = {
    "\\ISO 2022 IR 87": JAPANESE, "ISO 2022 IR 13\\ISO 2022 IR 87": "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    "\\ISO 2022 IR 159": "Seki^Jo=丂丄^丅丌", "\\ISO 2022 IR 149": KOREAN, "ISO 2022 IR 6\\ISO 2022 IR 166": THAI,
    "ISO 2022 IR 6\\ISO 2022 IR 144": RUSSIAN, "ISO 2022 IR 6\\ISO 2022 IR 127": ARABIC,
    "ISO 2022 IR 6\\ISO 2022 IR 138": HEBREW,
    "ISO 2022 IR 100\\ISO 2022 IR 126": GREEK, "ISO 2022 IR 6\\ISO 2022 IR 101": "Wiśniewska^Żaneta",
    "ISO 2022 IR 6\\ISO 2022 IR 109": "Ĉapekov^Ħamid", "ISO 2022 IR 6\\ISO 2022 IR 110": "Bērziņš^Jānis",
    "ISO 2022 IR 6\\ISO 2022 IR 148": "Çavuşoğlu^İpek", "ISO 2022 IR 6\\ISO 2022 IR 100": LATIN,
}  # fmt: skip
STYLES = ({}, {"clean": CLEAN}, {"clean": CLEAN, "doubt": "keep"})
PLACES = ("WindowCenterWidthExplanation", "ImageComments", "ProtocolName")


def parts_of(name: str) -> list[str]:
    return [part for part in name.replace("=", "^").replace(" ", "^").split("^") if len(part) > 2 or not part.isascii()]


def stored(declared: str, name: str) -> Dataset:
    """The name in the header, and each of its longer parts in running text."""
    header = base(person(70))
    header.SpecificCharacterSet = declared.split("\\")
    header.PatientName = name
    for keyword, part in zip(PLACES, parts_of(name) * 3, strict=False):
        setattr(header, keyword, f"x {part} y"[:60])
    before = pydicom.dcmread(io.BytesIO(written(header)))
    if declared == "ISO_IR 13":  # pydicom writes question marks for it
        for keyword, part in zip(PLACES, parts_of(name) * 3, strict=False):
            raw = f"x {part} y".encode("shift_jis")
            before[keyword] = before.get_item(keyword)._replace(value=raw, length=len(raw))
    return before


@pytest.mark.parametrize(("declared", "name"), (SINGLE | ESCAPED).items())
def test_known_names_go_in_every_character_set(declared: str, name: str, tmp_path: Path) -> None:
    before = stored(declared, name)
    assert str(before.PatientName) == name
    assert all(f"x {part} y"[:60] == before[place].value for place, part in zip(PLACES, parts_of(name) * 3, strict=False))
    for style in STYLES:
        after, changes = scrubbed(before, **style)
        read = pydicom.dcmread(io.BytesIO(written(after)))
        left = [(place, part) for place in PLACES for part in parts_of(name) if part in str(read.get(place, ""))]
        assert left == []
        assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize(("declared", "name"), (SINGLE | ESCAPED).items())
def test_the_sweep_sees_a_name_in_the_bytes_of_every_character_set(declared: str, name: str, tmp_path: Path) -> None:
    before = stored(declared, name)
    after, changes = scrubbed(before, clean=CLEAN)
    raw = before.get_item("ImageComments").value
    after[0x00142016] = RawDataElement(Tag(0x00142016), "LT", len(raw), raw, 0, False, True)
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) != []


@pytest.mark.parametrize(("term", "codec"), LATER_TERMS.items())
def test_latin_9_is_read_though_the_library_does_not_know_it(term: str, codec: str, tmp_path: Path) -> None:
    declared = term if "2022" not in term else f"ISO 2022 IR 6\\{term}"
    escape = b"\x1b-b" if "2022" in term else b""
    before = stored("ISO_IR 100", "PLACEHOLD1^JORG")
    raw = written(before).replace(b"ISO_IR 100", declared.encode().ljust(10 if "2022" not in term else 30))
    raw = raw.replace(b"PLACEHOLD1", (escape + "Œuvrardiž".encode(codec)).ljust(10)[:10])
    before = pydicom.dcmread(io.BytesIO(raw)) if "2022" not in term else before
    for style in STYLES:
        after, changes = scrubbed(before, **style)
        assert b"uvrardi" not in written(after)
        assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (THAI, "ผู้ป่วยสุนทรวิภาตมาตรวจ"),
        (THAI, "x กิงแกว y"),
        (LATIN, unicodedata.normalize("NFD", "seen: Bücheler")),
        (LATIN, "seen: BUECHELER"),
        ("Mueller^Jo", "seen: Müller"),
        (LATIN, "seen: Bü\u00adche\u200bler"),
        (ARABIC, "x قَبَانِي y"),
        (ARABIC, "x قـبـانـي y"),
        ("שָׁרוֹן^דבורה", "x שרון y"),
        (RUSSIAN, "x ДОСТОЕВСКИЙ y"),
        ("Пётр^А", "x ПЕТР y"),
        (GREEK, "x ΠΑΠΑΔΟΠΟΥΛΟΣ y"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ", "頭部ヤマダ様"),
        ("ヤマダ^タロウ", "頭部ﾔﾏﾀﾞ様"),
        ("Kowalczyk?ski^Jo", "x kowalczyk?ski y"),
        ("Ångström^Jo", "x Aangstroem y"),
    ],
)
def test_marks_and_spellings_do_not_hide_a_name(known: str, text: str) -> None:
    found = known_of(Identifiers(frozenset({Identifier("name", "PatientName", known)}))).find(text)
    assert found, text
    covered = {position for span in found for position in range(span.start, span.end)}
    token = max(tokens_of(text), key=lambda token: len(token.raw))
    assert len(covered) >= min(len(token.raw), 3)
    assert any(span.kind == "name" for span in found)


def test_vowels_that_are_marks_tell_names_apart() -> None:
    assert fold("สุน") != fold("สน")
    assert fold("แก้ว") == fold("แกว")
    assert [token.text for token in tokens_of("กิ่งแก้ว สุนทร")] == list(name_tokens("กิ่งแก้ว^สุนทร"))
    assert spellings("Bücheler") == {"buecheler"} and spellings("Maier") == frozenset()
