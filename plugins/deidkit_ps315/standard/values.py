"""Dummy values, valid for their VR (PS3.5 6.2), and how values are put into a data set."""

from __future__ import annotations

import base64
from typing import Any

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from deidkit.headers.raw_elements import TEXT_VRS, Codecs, encode, raw_element
from deidkit.keys import Keys
from deidkit_ps315.standard.addresses import keyword_of

UNCHECKED = 0
"""pydicom's mode that validates nothing: its warnings would quote the value."""

TEXT = "ANONYMIZED"
DUMMIES: dict[str, Any] = {
    "AE": TEXT,
    "AS": "000Y",
    "AT": 0,
    "CS": "ANONYMIZED",
    "DA": "19000101",
    "DS": "0",
    "DT": "19000101000000",
    "FD": 0.0,
    "FL": 0.0,
    "IS": "0",
    "LO": TEXT,
    "LT": TEXT,
    "PN": TEXT,
    "SH": TEXT,
    "SL": 0,
    "SS": 0,
    "ST": TEXT,
    "SV": 0,
    "TM": "000000",
    "UC": TEXT,
    "UL": 0,
    "UR": "urn:anonymized",
    "US": 0,
    "UT": TEXT,
    "UV": 0,
}
BY_TAG = {0x00080201: "+0000", 0x00100040: "O"}
DISTINCT = frozenset(
    {
        "ClinicalTrialSubjectID",
        "ClinicalTrialSubjectReadingID",
        "ContainerIdentifier",
        "FlowIdentifier",
        "PatientID",
        "SourceIdentifier",
        "SpecimenIdentifier",
        "TrackingID",
        "DeviceSerialNumber",
        "DetectorID",
        "XRayDetectorID",
        "XRaySourceID",
    }
)
"""Attributes whose dummies must tell one thing from another: they get a keyed digest of what they replace."""

FREE = frozenset({"LO", "SH", "UT"})
LONGEST = {"AE": 16, "CS": 16, "LO": 64, "LT": 10240, "PN": 64, "SH": 16, "ST": 1024}


def dummy(tag: int, vr: str, old: str, keys: Keys) -> Any:
    """A value that says nothing about ``old``; equal old values of a distinguishing attribute get equal new ones."""
    keyword = keyword_of(tag)
    if tag in BY_TAG:
        return BY_TAG[tag]
    if keyword in DISTINCT and vr in FREE and old:
        return base64.b32encode(keys.digest("identifier", keyword, old)).decode()[:12]
    if vr == "UI":
        return keys.uid(old)
    return DUMMIES.get(vr, b"\0\0")


def put(dataset: Dataset, tag: int, vr: str, value: Any) -> None:
    """Sets one element from scratch; ASCII text as bytes where the data set was read, which is far cheaper to write."""
    if isinstance(value, str) and value.isascii():
        implicit, little = dataset.original_encoding
        if implicit is not None and little is not None:
            dataset[Tag(tag)] = raw_text(tag, vr, value, implicit, little)
            return
    dataset[Tag(tag)] = DataElement(tag, vr, Sequence(value) if vr == "SQ" else value, validation_mode=UNCHECKED)


def raw_text(tag: int, vr: str, text: str, implicit: bool, little: bool) -> RawDataElement:
    """A raw element of ASCII text, padded to even length."""
    value = text.encode("ascii") + (b"\0" if vr == "UI" else b" ") * (len(text) % 2)
    return RawDataElement(Tag(tag), vr, len(value), value, 0, implicit, little)


def put_text(dataset: Dataset, element: DataElement | RawDataElement, vr: str, text: str, codecs: Codecs) -> None:
    """Replaces the text of an element, in the encoding it had; values are separated by backslashes as stored."""
    if isinstance(element, RawDataElement):
        own = element.VR if element.VR is None or element.VR in TEXT_VRS else vr
        dataset[element.tag] = raw_element(element.tag, own, encode(text, codecs), element)
        return
    value: Any = text if vr in {"LT", "ST", "UR", "UT"} else text.split("\\")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    dataset[element.tag] = DataElement(element.tag, vr, value, validation_mode=UNCHECKED)


def put_bytes(dataset: Dataset, element: DataElement | RawDataElement, value: bytes) -> None:
    """Replaces the bytes of an element, its VR unchanged."""
    if isinstance(element, RawDataElement):
        dataset[element.tag] = raw_element(element.tag, element.VR, value, element)
    else:
        dataset[element.tag] = DataElement(element.tag, element.VR, value, validation_mode=UNCHECKED)


def empty(dataset: Dataset, element: DataElement | RawDataElement, vr: str) -> bool:
    """Makes an element zero-length; says whether it was not already."""
    if vr == "SQ":
        had = bool(element.value)
        put(dataset, int(element.tag), "SQ", [])
        return had
    if not element.value and not isinstance(element.value, int | float):
        return False
    if isinstance(element, RawDataElement):
        dataset[element.tag] = raw_element(element.tag, element.VR or vr, b"", element)
    else:
        dataset[element.tag] = DataElement(element.tag, vr, None, validation_mode=UNCHECKED)
    return True
