"""PS3.15 Tables E.1-1, E.3.10-1 and E.3.4-1 and deidkit's supplement, as committed in ``tables/``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydicom.datadict import tag_for_keyword

TABLES = Path(__file__).parent / "tables"
OPTIONS = (
    "retain_safe_private",
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_long_full_dates",
    "retain_long_modified_dates",
    "clean_descriptors",
    "clean_structured_content",
    "clean_graphics",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the attribute, what the basic profile does, and what each option does instead."""

    tag: str
    name: str
    basic: str
    options: dict[str, str]
    source: str

    def tags(self) -> Iterator[int]:
        """The tags it stands for; repeating groups are spelled out (PS3.5 7.6), the row of private attributes gives none."""
        if self.tag.startswith("gggg"):
            return
        if "xx" not in self.tag[:4]:
            yield int(self.tag, 16)
            return
        for group in range(0, 0x100, 2):
            if "xx" not in self.tag[4:]:
                yield int(self.tag.replace("xx", f"{group:02X}"), 16)


@cache
def rows() -> tuple[Row, ...]:
    """Table E.1-1, all 655 rows."""
    return tuple(
        Row(line["tag"], line["name"], line["basic_profile"], {name: line[name] for name in OPTIONS if line[name]}, "E.1-1")
        for line in _lines("e1_1.tsv")
    )


@cache
def beyond() -> tuple[Row, ...]:
    """Attributes outside E.1-1 that can identify."""
    return tuple(
        Row(
            f"{tag_for_keyword(line['keyword']) or 0:08X}",
            line["keyword"],
            line["basic_profile"],
            dict(pair.split("=") for pair in (line["options"] or "").split()),
            "beyond E.1-1",
        )
        for line in _lines("beyond.tsv")
    )


@cache
def safe_private() -> dict[tuple[int, int, str], str]:
    """(group, low byte, creator) -> VR of Table E.3.10-1."""
    return {
        (int(line["Data Element"][1:5], 16), int(line["Data Element"][8:10], 16), line["Private Creator"]): line["VR"]
        for line in _lines("safe_private.tsv")
    }


SR_OPTIONS = {
    "Rtn. UIDs Opt.": "retain_uids",
    "Rtn. Dev. Id. Opt.": "retain_device_identity",
    "Rtn. Inst. Id. Opt.": "retain_institution_identity",
    "Rtn. Pat. Chars. Opt.": "retain_patient_characteristics",
    "Rtn. Long. Full Dates Opt.": "retain_long_full_dates",
    "Rtn. Long. Modif. Dates Opt.": "retain_long_modified_dates",
    "Clean Desc. Opt.": "clean_descriptors",
}


@cache
def concepts() -> dict[tuple[str, str, str], Row]:
    """(code value, coding scheme, value type) -> row of Table E.3.4-1."""
    return {
        (line["Code Value"], line["Coding Scheme Designator"], line["Value Type"]): Row(
            line["Code Value"],
            line["Code Meaning"],
            line["Basic Prof."],
            {option: line[column] for column, option in SR_OPTIONS.items() if line[column]},
            "E.3.4-1",
        )
        for line in _lines("sr_concepts.tsv")
    }


def _lines(name: str) -> Iterator[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
