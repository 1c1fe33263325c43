"""How profiles name an attribute: by keyword, by tag, or by private block and creator."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_keyword, dictionary_VR, tag_for_keyword

TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),\s*([0-9A-Fa-fxX]{4})\)?(?:\s+(.+))?")
CLASS_UID = re.compile(
    r"SOPClass|TransferSyntax|CodingScheme|MappingResource|ContextUID|ImplementationClass|StoredInstanceTransfer"
)
PROSE = re.compile(r"(?:Description|Comments?|Notes)(?:Trial)?$")


@dataclass(frozen=True, slots=True)
class Address:
    """A standard tag, or a private element by group, low byte and creator."""

    tag: int
    creator: str = ""

    @property
    def keyword(self) -> str:
        return keyword_of(self.tag) if not self.creator else ""

    @property
    def vr(self) -> str | None:
        return standard_vr(self.tag) if not self.creator else None

    @property
    def is_class_uid(self) -> bool:
        return is_class_uid(self.tag)


@cache
def keyword_of(tag: int) -> str:
    try:
        return dictionary_keyword(tag)
    except KeyError:
        return ""


@cache
def standard_vr(tag: int) -> str | None:
    try:
        return dictionary_VR(tag)[:2]
    except KeyError:
        return None


@cache
def is_class_uid(tag: int) -> bool:
    """Whether the UID names a kind of thing (a SOP class, a transfer syntax, a coding scheme), not one thing."""
    return CLASS_UID.search(keyword_of(tag)) is not None


@cache
def is_prose(tag: int, vr: str) -> bool:
    """Whether an attribute holds sentences by its VR or keyword, or is retired, so that nobody says what stands in its text."""
    if vr in {"LT", "ST", "UT"} or (vr in {"LO", "SH", "UC"} and PROSE.search(keyword_of(tag))):
        return True
    return vr in {"LO", "SH", "UC"} and tag in DicomDictionary and DicomDictionary[tag][3] == "Retired"


@cache
def _keywords() -> list[str]:
    return [entry[4] for entry in DicomDictionary.values() if entry[4]]


def parse_address(text: str) -> Address:
    """Reads ``StudyDescription``, ``0008,1030``, ``(0008,1030)`` or ``0019,10xx GEMS_PARM_01`` / ``0019,xx9E GEMS_ACQU_01``.

    In ``0019,10xx CREATOR`` every element of that creator is meant; it is kept with the low byte -1.

    Raises:
        ValueError: not an attribute; the message names the nearest ones.
    """
    match = TAG.fullmatch(text.strip())
    if match:
        return _from_tag(text, *match.groups())
    tag = tag_for_keyword(text.strip())
    if tag is None:
        near = difflib.get_close_matches(text, _keywords(), 3)
        raise ValueError(f"attributes: {text!r} is no attribute" + (f"; near: {', '.join(near)}" if near else ""))
    return Address(int(tag))


def _from_tag(text: str, group: str, element: str, creator: str | None) -> Address:
    number = int(group, 16)
    if number % 2:
        if not creator:
            raise ValueError(f"attributes: {text!r}: a private element needs its creator after the tag")
        low = element[2:].lower()
        return Address(number << 16 | (0xFFFF if low == "xx" else int(low, 16)), creator.strip())
    if "x" in element.lower() or creator:
        raise ValueError(f"attributes: {text!r}: only private elements have a block and a creator")
    return Address(number << 16 | int(element, 16))
