"""Character sets: single, with escapes, GB18030, UTF-8, wrong or not declared; names go and the rest can still be read."""

from __future__ import annotations

import io
from pathlib import Path

import pydicom
import pytest
from ps315_corpus import base, person
from ps315_running import CLEAN, failures, scrubbed, swept, written
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from deidkit.headers.raw_elements import decode, encodings_of

CASES = (
    ("ISO_IR 100", "Bücheler^Jörg", "Bücheler, Jörg: Röntgen Thorax", "Röntgen Thorax"),
    ("ISO_IR 101", "Wiśniewska^Żaneta", "WIŚNIEWSKA thorax", "thorax"),
    ("ISO_IR 144", "Достоевский^Фёдор", "Достоевский CT", "CT"),
    ("ISO_IR 126", "Παπαδόπουλος^Νίκος", "CT chest Παπαδόπουλος", "CT chest"),
    ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ", "CT ﾔﾏﾀﾞ chest", "chest"),
    (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "山田太郎 胸部CT 単純", "胸部CT 単純"),
    (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동", "홍길동 흉부 CT", "흉부 CT"),
    ("GB18030", "Wang^XiaoDong=王^小东", "王小东 胸部 平扫", "胸部 平扫"),
    ("GBK", "Wang^XiaoDong=王^小东", "王小东 胸部 平扫", "胸部 平扫"),
    ("ISO_IR 192", "Nguyễn^Thị Ánh", "Nguyễn Thị Ánh CT chest", "CT chest"),
)


def raw_header(charset: str | list[str], name: str, text: str) -> Dataset:
    header = base(person(70))
    header.SpecificCharacterSet = charset
    header.PatientName, header.ImageComments, header.WindowCenterWidthExplanation = name, text, text[:60]
    return pydicom.dcmread(io.BytesIO(written(header)))


@pytest.mark.parametrize(("charset", "name", "text", "stays"), CASES)
def test_names_go_in_every_character_set(charset: str | list[str], name: str, text: str, stays: str, tmp_path: Path) -> None:
    before = raw_header(charset, name, text)
    after, changes = scrubbed(before, clean=CLEAN)
    read = pydicom.dcmread(io.BytesIO(written(after)))
    assert stays in read.ImageComments
    for part in name.replace("=", "^").split("^"):
        assert part not in read.ImageComments or part in stays
        assert part not in str(read.WindowCenterWidthExplanation) or part in stays
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("declared", ["", "ISO_IR 100", "ISO_IR 6", "nonsense", "ISO_IR 192"])
@pytest.mark.parametrize("used", ["utf-8", "latin-1"])
def test_a_wrong_declaration_hides_nobody(declared: str, used: str, tmp_path: Path) -> None:
    header = base(person(71))
    header.SpecificCharacterSet = "ISO_IR 100"
    header.PatientName, header.ImageComments = "PLACEHOLD1^JORG", "PLACEHOLD1 chest pain"
    name = "Bücheler ".encode(used).ljust(10)[:10]
    raw = written(header).replace(b"PLACEHOLD1", name).replace(b"ISO_IR 100", declared.ljust(10).encode())
    before = pydicom.dcmread(io.BytesIO(raw))
    after, changes = scrubbed(before, clean=CLEAN)
    out = written(after)
    assert "ücheler".encode(used) not in out
    assert b"chest pain" in out
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("escapes", [True, False])
def test_chinese_with_and_without_its_escapes(escapes: bool) -> None:
    header = base(person(73))
    header.SpecificCharacterSet = ["", "ISO 2022 IR 58"]
    mark = b"\x1b$)A" if escapes else b""
    name = mark + "张".encode("gb2312") + b"^" + mark + "小东".encode("gb2312")
    text = mark + "张小东 胸部".encode("gb2312")
    for tag, vr, raw in ((0x00100010, "PN", name), (0x00204000, "LT", text)):
        raw += b" " * (len(raw) % 2)
        header[tag] = RawDataElement(Tag(tag), vr, len(raw), raw, 0, False, True)
    header.set_original_encoding(False, True, ["iso8859", "iso_ir_58"])
    after, _ = scrubbed(header, clean=CLEAN)
    out = written(after)
    assert "张".encode("gb2312") not in out
    assert "胸部".encode("gb2312") in out
    if escapes:
        assert pydicom.dcmread(io.BytesIO(out)).ImageComments.endswith("[NAME] 胸部")


def test_items_with_their_own_character_set_are_read_in_it() -> None:
    header, item = base(person(72)), Dataset()
    header.PatientName = "Достоевский^Фёдор"
    item.SpecificCharacterSet, item.ImageComments = "ISO_IR 144", "CT Достоевский"
    header.DerivationImageSequence = [item]
    after, _ = scrubbed(pydicom.dcmread(io.BytesIO(written(header))), clean=CLEAN)
    assert after.DerivationImageSequence[0].ImageComments == "CT [NAME]"


def test_decoding_never_fails() -> None:
    for raw in (b"\x1b$B\xff\xff", b"\xff\xfe", bytes(range(256)), b"\x1b$)C\xb1"):
        for declared in ("ISO 2022 IR 87", "GB18030", "ISO_IR 192", "x"):
            header = Dataset()
            header.SpecificCharacterSet = declared
            assert isinstance(decode(raw, encodings_of(header))[0], str)
