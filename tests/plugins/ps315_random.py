"""Data sets drawn at random for hypothesis: elements of every VR, sequences, private blocks, character sets, and all options.

Values are of the form that their VR asks for, whatever they say: what is no value at all is malformed input, another subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from hypothesis import strategies as st
from ps315_corpus import ROOT, base, person
from pydantic import ValidationError
from pydicom import Dataset
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence
from pydicom.uid import MediaStorageDirectoryStorage

from deidkit_ps315.options import Clean, Ps315Options, Retain
from deidkit_ps315.scrub.walk import DESCRIPTION
from deidkit_ps315.standard.iod import sop_classes
from deidkit_ps315.standard.table import safe_private
from deidkit_ps315.standard.value_form import DOCUMENTS

WHO = person(5)
CHARACTER_SETS: dict[str, str] = {
    "ISO_IR 192": "Größe 肺野 Ελένη Лёгкое",
    "ISO_IR 100": "Größe côté niño",
    "ISO_IR 144": "лёгкое Снимок",
    "ISO_IR 126": "Ελένη πνεύμονας",
    "ISO_IR 13": "ｶﾞｿﾞｳ",
    "\\ISO 2022 IR 87": "胸部 Yamada",
    "\\ISO 2022 IR 149": "흉부 Chest",
    "GB18030": "胸部 扫描",
    "": "plain",
}
"""Specific Character Set -> a text that it can hold."""

HARMLESS = (
    "Chest", "CT Thorax w/o contrast", "T1w TSE sag", "ax 3mm B31f", "GTV-1", "SpinalCord", "left kidney, 12 mm",
    "func_rest_moco", "see note", "no change since", "5.000000", "V8.21ER003", "#ffff80", "1.2.840.10008.1.2.1", "Young",
    "Brown", "MAY", "x",
)  # fmt: skip
_BORN, _SEEN = WHO.born, WHO.seen
PERSONAL = (
    WHO.family, WHO.family.upper(), f"{WHO.family}^{WHO.given}", f"{WHO.given} {WHO.family}", f"{WHO.family}{WHO.given}",
    WHO.number, WHO.number.replace("-", ""), WHO.accession, WHO.phone, WHO.phone.replace(" ", ""), WHO.street, WHO.town,
    WHO.house, WHO.doctor, f"Dr. {WHO.doctor.split('^')[0]}", _BORN, f"{_BORN[6:]}.{_BORN[4:6]}.{_BORN[:4]}", _SEEN,
    f"{_SEEN[:4]}-{_SEEN[4:6]}-{_SEEN[6:]}", f"{ROOT}.{WHO.number.replace('-', '.')}.1",
)  # fmt: skip
FRAMES = ("{}", "{}", "x {} y", "seen by {}", "{}, stable", "A_{}_B", "MRN {}", "({})", "{};{}")
LENGTHS = {"AE": 16, "CS": 16, "LO": 64, "PN": 64, "SH": 16}
WORDS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _")
ENTRIES = sorted((tag, *entry[:2]) for tag, entry in DicomDictionary.items())
BASE = base(WHO)
CLASSES = [uid for uid in sop_classes() if uid != MediaStorageDirectoryStorage]
TAGS = [
    (tag, vr.split(" or ")[0], vm)
    for tag, vr, vm in ENTRIES
    if 8 <= tag >> 16 < 0x7FE0
    and tag & 0xFFFF
    and tag not in BASE
    and vr not in {"SQ", "NONE", "OB or OW"}
    and tag not in {0x00080005, *DESCRIPTION, *DOCUMENTS}
]
BY_VR: dict[str, list[tuple[int, str, str]]] = {}
for entry in TAGS:
    BY_VR.setdefault(entry[1], []).append(entry)
SEQUENCES = [tag for tag, vr, _ in ENTRIES if vr == "SQ" and 8 <= tag >> 16 < 0x5000]
SAFE = sorted(safe_private())
NUMBERS = {"SS": -7, "US": 12, "SL": -70_000, "UL": 90_000, "SV": -5, "UV": 5, "FL": 0.5, "FD": 2.25, "AT": 0x00100010}
DATES = (_BORN, _SEEN, "20190228", "19000101", "20240229", "")
TIMES = ("101500", "235959.25", "07", "")
FORMED: dict[str, tuple[str, ...]] = {
    "DA": DATES,
    "TM": TIMES,
    "DT": (_SEEN + "101500", _BORN, "20190228235959.5+0100", "2019", ""),
    "AS": ("045Y", "093Y", "003M", ""),
    "IS": ("12", "-3", WHO.number.replace("-", ""), ""),
    "DS": ("0.75", "5.000000", "-1e3", _SEEN, ""),
    "UI": (
        f"{ROOT}.{WHO.number.replace('-', '.')}.1",
        f"{ROOT}.4711.{_SEEN}.2",
        "1.2.840.10008.5.1.4.1.1.2",
        "1.2.3.4.5.6",
        "",
    ),
    "UR": ("urn:example:1", f"https://pacs.example.org/{WHO.family}", ""),
}


@dataclass(frozen=True)
class Drawn:
    """One case."""

    header: Dataset
    options: Ps315Options


def options() -> st.SearchStrategy[Ps315Options]:
    """Every combination of the options of PS3.15 and of the site that the model accepts."""
    flags = {
        "retain": st.lists(st.sampled_from(get_args(Retain)), unique=True),
        "clean": st.lists(st.sampled_from([name for name in get_args(Clean) if "visual" not in name]), unique=True),
        "dates": st.sampled_from(["remove", "shift", "keep"]),
        "doubt": st.sampled_from(["remove", "keep"]),
        "attributes": st.dictionaries(
            st.one_of(st.sampled_from(TAGS).map(_spelled), st.sampled_from(SAFE).map(_spelled_private)),
            st.sampled_from(["keep", "remove", "empty", "replace", "clean"]),
            max_size=3,
        ),
        "history": st.sampled_from(["replace", "keep"]),
        "age_cap": st.sampled_from([None, 80, 90]),
        "patient_id": st.sampled_from(["{}", "TRIAL7-{}"]),
        "patient_name": st.sampled_from(["{}", "Subject^{}"]),
    }
    return st.fixed_dictionaries(flags).map(_accepted)


def _accepted(chosen: dict[str, Any]) -> Ps315Options:
    """The options without what the model refuses beside the others."""
    if "patient_characteristics" not in chosen["retain"]:
        chosen["age_cap"] = None
    for address, action in list(chosen["attributes"].items()):
        try:
            Ps315Options(**{**chosen, "attributes": {address: action}})
        except ValidationError:
            del chosen["attributes"][address]
    return Ps315Options(**chosen)


def _spelled(entry: tuple[int, str, str]) -> str:
    return f"{entry[0] >> 16:04X},{entry[0] & 0xFFFF:04X}"


def _spelled_private(key: tuple[int, int, str]) -> str:
    return f"{key[0]:04X},xx{key[1]:02X} {key[2]}"


def texts(charset: str, personal: bool) -> st.SearchStrategy[str]:
    """Something that anybody may write; with ``personal`` also about the patient."""
    pool = (*HARMLESS, CHARACTER_SETS[charset], *(PERSONAL if personal else ()))
    return st.builds(lambda frame, word: frame.replace("{}", word), st.sampled_from(FRAMES), st.sampled_from(pool))


def value(vr: str, vm: str, charset: str, personal: bool = True) -> st.SearchStrategy[Any]:
    """A value of the form that the VR and, for numbers, the multiplicity ask for."""
    least = int(vm.split("-")[0])
    if vr in NUMBERS:
        return st.just([NUMBERS[vr]] * least if least > 1 else NUMBERS[vr])
    if vr in FORMED:
        one = st.sampled_from([text for text in FORMED[vr] if personal or not _tells(text)])
        return st.lists(one, min_size=least, max_size=least).map("\\".join) if least > 1 else one
    if vr in {"AE", "CS"}:
        return texts("", personal).map(lambda text: "".join(c for c in text.upper() if c in CAPITALS)[:16].strip())
    if vr in WORDS:
        return texts(charset, personal).map(lambda text: _fitting(text.replace("\\", "/"), vr))
    words = texts("", personal).map(lambda text: text.encode("ascii", "ignore"))
    filled = st.one_of(st.binary(max_size=12), words)
    step = {"OD": 8, "OV": 8, "OF": 4, "OL": 4}.get(vr, 2)
    return filled.map(lambda data: data + bytes(-len(data) % step))


def _tells(text: str) -> bool:
    return any(part in text for part in (WHO.family, WHO.number, WHO.number.replace("-", "")))


def _fitting(text: str, vr: str) -> str:
    return text[: LENGTHS.get(vr, 200)].strip()


def elements(charset: str, kept: frozenset[int]) -> st.SearchStrategy[DataElement]:
    """Standard elements, VRs drawn alike often. What the site keeps whatever it says, it keeps of nobody."""

    def of(entry: tuple[int, str, str]) -> st.SearchStrategy[DataElement]:
        tag, vr, vm = entry
        return value(vr, vm, charset, tag not in kept).map(lambda made: DataElement(tag, vr, made, validation_mode=0))

    drawn = st.sampled_from(sorted(BY_VR)).flatmap(lambda vr: st.sampled_from(BY_VR[vr])).flatmap(of)
    named = [entry for entry in TAGS if entry[0] in kept]
    return st.one_of(drawn, st.sampled_from(named).flatmap(of)) if named else drawn


Private = tuple[tuple[int, int, str], str, Any]


def private(charset: str, kept: frozenset[tuple[int, int, str]]) -> st.SearchStrategy[Private]:
    """A private element of a creator of Table E.3.10-1 or of nobody: its key, VR and value."""

    def of(key: tuple[int, int, str]) -> st.SearchStrategy[Private]:
        own = (safe_private().get(key) or "LO")[:2]
        vr = own if own != "SQ" else "LO"
        return value(vr, "1", charset, key not in kept).map(lambda made: (key, vr, made))

    strange = st.tuples(st.sampled_from([0x0009, 0x0029, 0x7FE1]), st.integers(0, 255), st.just("ACME PRIVATE"))
    known = [st.sampled_from(sorted(kept)).flatmap(of)] if kept else []
    return st.one_of(st.sampled_from(SAFE).flatmap(of), strange.flatmap(of), *known)


def datasets(charset: str, kept: frozenset[int], blocks: frozenset[tuple[int, int, str]]) -> st.SearchStrategy[Dataset]:
    """Data sets nested a few levels deep."""
    level = st.tuples(st.lists(elements(charset, kept), max_size=8), st.lists(private(charset, blocks), max_size=3)).map(_level)
    return st.recursive(
        level,
        lambda inner: st.tuples(level, st.sampled_from(SEQUENCES), st.lists(inner, max_size=2)).map(_nested),
        max_leaves=4,
    )


def _level(drawn: tuple[list[DataElement], list[Private]]) -> Dataset:
    made = Dataset()
    for element in drawn[0]:
        made[element.tag] = element
    for (group, low, creator), vr, data in drawn[1]:
        block = made.private_block(group, creator, create=True)
        made[block.get_tag(low)] = DataElement(block.get_tag(low), vr, data, validation_mode=0)
    return made


def _nested(drawn: tuple[Dataset, int, list[Dataset]]) -> Dataset:
    made, tag, items = drawn
    made[tag] = DataElement(tag, "SQ", Sequence(items))
    return made


@st.composite
def cases(draw: st.DrawFn) -> Drawn:
    """A header of a random SOP class and character set under random options."""
    chosen = draw(options())
    charset = draw(st.sampled_from(sorted(CHARACTER_SETS)))
    addresses = [name for name, action in chosen.attributes.items() if action == "keep"]
    kept = frozenset(int(name.replace(",", ""), 16) for name in addresses if "xx" not in name)
    blocks = frozenset((int(name[:4], 16), int(name[7:9], 16), name[10:]) for name in addresses if "xx" in name)
    header = base(WHO, draw(st.sampled_from(CLASSES)))
    if charset:
        header.SpecificCharacterSet = charset
    else:
        del header.SpecificCharacterSet
    header.update(draw(datasets(charset, kept, blocks)))
    return Drawn(header, chosen)
