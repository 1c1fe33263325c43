"""What the output says about its own de-identification (PS3.15 E.1.1 items 6 and 7, CID 7050), true or not said."""

from __future__ import annotations

from functools import lru_cache

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence
from pydicom.tag import Tag

import deidkit
from deidkit.types import Context
from deidkit_ps315.scrub.plan import Plan
from deidkit_ps315.standard.values import put

CODES = {
    "basic": ("113100", "Basic Application Confidentiality Profile"),
    "clean_pixel_data": ("113101", "Clean Pixel Data Option"),
    "clean_recognizable_visual_features": ("113102", "Clean Recognizable Visual Features Option"),
    "clean_graphics": ("113103", "Clean Graphics Option"),
    "clean_structured_content": ("113104", "Clean Structured Content Option"),
    "clean_descriptors": ("113105", "Clean Descriptors Option"),
    "retain_long_full_dates": ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    "retain_long_modified_dates": ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    "retain_patient_characteristics": ("113108", "Retain Patient Characteristics Option"),
    "retain_device_identity": ("113109", "Retain Device Identity Option"),
    "retain_uids": ("113110", "Retain UIDs Option"),
    "retain_safe_private": ("113111", "Retain Safe Private Option"),
    "retain_institution_identity": ("113112", "Retain Institution Identity Option"),
}
TEMPORAL = {"remove": "REMOVED", "shift": "MODIFIED", "keep": "UNMODIFIED"}
REMOVED, METHOD, METHOD_CODES, BURNED_IN, TEMPORAL_MARK = 0x00120062, 0x00120063, 0x00120064, 0x00280301, 0x00280303
VISUAL, VISUAL_MARK = "clean_recognizable_visual_features", 0x00280302
PIXEL_MARKS = (0x00280010, 0x7FE00010)


def write(header: Dataset, plan: Plan, context: Context) -> None:
    """Replaces whatever the input claimed about itself."""
    seen = bool(context.detectors) and any(tag in header or tag in context.header for tag in PIXEL_MARKS)
    chosen = {"basic"} | plan.chosen
    if not seen:
        chosen -= {"clean_pixel_data", VISUAL}
    said = (f"deidkit {deidkit.__version__}"[:64], f"profile {context.profile}"[:64], f"PS3.15 2025e {plan.digest}")
    put(header, REMOVED, "CS", "YES")
    put(header, METHOD, "LO", "\\".join(said))
    _put_codes(header, frozenset(chosen & CODES.keys()))
    put(header, TEMPORAL_MARK, "CS", TEMPORAL[plan.options.dates])
    if seen:
        put(header, BURNED_IN, "CS", "NO")
    if VISUAL in chosen:
        put(header, VISUAL_MARK, "CS", "NO")


def _put_codes(header: Dataset, chosen: frozenset[str]) -> None:
    implicit, little = header.original_encoding
    if implicit is None or little is None:
        put(header, METHOD_CODES, "SQ", _items(chosen))
        return
    value = _encoded(chosen, implicit, little)
    header[METHOD_CODES] = RawDataElement(Tag(METHOD_CODES), "SQ", len(value), value, 0, implicit, little)


@lru_cache(maxsize=64)
def _encoded(chosen: frozenset[str], implicit: bool, little: bool) -> bytes:
    """The items as bytes: the same in every object of a run, and dear to make."""
    stream = DicomBytesIO()
    stream.is_implicit_VR, stream.is_little_endian = implicit, little
    write_sequence(stream, DataElement(METHOD_CODES, "SQ", Sequence(_items(chosen))), ["iso8859"])
    return stream.getvalue()


def _items(chosen: frozenset[str]) -> list[Dataset]:
    return [_item(*CODES[name]) for name in sorted(chosen, key=lambda name: CODES[name][0])]


def _item(value: str, meaning: str) -> Dataset:
    item = Dataset()
    put(item, 0x00080100, "SH", value)
    put(item, 0x00080102, "SH", "DCM")
    put(item, 0x00080104, "LO", meaning)
    return item
