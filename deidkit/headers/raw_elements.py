"""Text of DICOM elements straight from their stored bytes, without pydicom's decoding of the whole element.

Decoding every element of a header costs more than reading and writing it. Character sets follow PS3.3 C.12.1.1.2 and PS3.5 6.1;
a declaration that is wrong or missing is survived: bytes that are valid UTF-8 are taken as UTF-8, the rest as Latin-1.
"""

from __future__ import annotations

import re
import warnings
from functools import cache, lru_cache
from typing import Any

from pydicom import Dataset
from pydicom.charset import decode_bytes, encode_string, python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag
from pydicom.valuerep import TEXT_VR_DELIMS, PersonName

CHARACTER_SET = 0x00080005
TEXT_VRS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"})
CHARSET_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
SINGLE_VALUE_VRS = frozenset({"LT", "ST", "UR", "UT"})
UNDECLARED = ("iso8859",)
ESCAPE = b"\x1b"
SHORT = 128
LATER_TERMS = {"ISO_IR 203": "iso8859_15", "ISO 2022 IR 203": "iso8859_15"}
"""Defined terms of PS3.3 C.12.1.1.2 that pydicom may not know yet."""
GB2312, DESIGNATE_GB2312 = "iso_ir_58", b"\x1b$)A"

LEFT_OVER = re.compile(r"\x1b[ -/]+[0-~]")
"""An escape sequence that pydicom leaves in the text."""

Codecs = tuple[str, ...]


@cache
def _codecs(declared: tuple[str, ...]) -> Codecs:
    encoding = LATER_TERMS | python_encoding
    known = tuple(encoding[term] for term in declared if term in encoding)
    return known or UNDECLARED


def encodings_of(dataset: Dataset, parent: Codecs = UNDECLARED) -> Codecs:
    """Python codec names for the character sets that ``dataset`` declares, ``parent`` when it declares none (PS3.5 6.1.2.5)."""
    element = dataset.get_item(CHARACTER_SET)
    if element is None or not element.value:
        return parent
    value: Any = element.value
    terms = value.decode("ascii", "replace").split("\\") if isinstance(value, bytes) else value
    terms = [terms] if isinstance(terms, str) else terms
    return _codecs(tuple(str(term).strip(" \0") for term in terms))


@lru_cache(maxsize=65536)
def dictionary_vr(tag: int) -> str | None:
    """The VR that the data dictionary gives ``tag``; the first of several; None for unknown and private tags."""
    try:
        return dictionary_VR(tag)[:2]
    except KeyError:
        return None


def elements_of(dataset: Dataset) -> list[DataElement | RawDataElement]:
    """The elements of one level as they are kept, raw ones not decoded, in the order they were read."""
    return [
        element if element.value is not None or not element.is_raw else dataset.get_item(element.tag) or element
        for element in dataset.values()
    ]


def vr_of(element: DataElement | RawDataElement) -> str:
    """The VR to treat ``element`` as: its own, or the dictionary's where it is implicit or UN. ``UN`` when nobody knows."""
    own = element.VR
    return own if own is not None and own != "UN" else effective_vr(int(element.tag), own)


def effective_vr(tag: int, own: str | None) -> str:
    """The VR to treat an element of this tag as that carries the VR ``own``."""
    return own if own is not None and own != "UN" else dictionary_vr(tag) or "UN"


def decode(raw: bytes, encodings: Codecs) -> tuple[str, Codecs]:
    """The text and the codecs that give ``raw`` back when the text is encoded again."""
    if ESCAPE in raw:
        return _decode_escaped(raw, encodings), encodings
    if raw.isascii():
        return raw.decode("ascii"), encodings
    for codec in _candidates(encodings):
        try:
            return raw.decode(codec), (codec,)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), ("latin-1",)


def _candidates(encodings: Codecs) -> Codecs:
    """Codecs to try for bytes without escapes, the likeliest first.

    ASCII as the first of several (PS3.3 C.12.1.1.2: an empty first value) has no such bytes: whoever wrote them left the
    escapes out and meant one of the others. A single declaration is doubted first, because valid UTF-8 hardly ever means
    anything else.
    """
    if len(encodings) == 1:
        return ("utf-8", *encodings)
    return (*encodings[1:], "utf-8") if encodings[0] == UNDECLARED[0] else (encodings[0], "utf-8")


def _decode_escaped(raw: bytes, encodings: Codecs) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return LEFT_OVER.sub("", decode_bytes(raw, list(encodings), set(TEXT_VR_DELIMS)))
        except (UnicodeError, LookupError, ValueError):
            return raw.decode("latin-1")


def encode(text: str, codecs: Codecs) -> bytes:
    """``text`` in the first of ``codecs`` that can hold it, with escapes where several are declared.

    Characters that none of them knows become ``?``.
    """
    if text.isascii():
        return text.encode("ascii")
    if len(codecs) == 1 and "2022" not in codecs[0]:
        return text.encode(codecs[0], "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            raw = encode_string(text, list(codecs))
            return _with_escapes(raw) if GB2312 in codecs[1:] and ESCAPE not in raw else raw
        except (UnicodeError, LookupError, ValueError):
            return text.encode(codecs[0], "replace")


def _with_escapes(raw: bytes) -> bytes:
    """GB 2312 with its designation before each part that uses it (PS3.5 6.1.2.5.3), which pydicom leaves out."""
    parts = re.split(rb"([\r\n\f\t\\^=])", raw)
    return b"".join(part if part.isascii() else DESIGNATE_GB2312 + part for part in parts)


def text_of(element: DataElement | RawDataElement, encodings: Codecs) -> str:
    """The whole text of an element, values joined by backslashes, padding removed. Empty for sequences and numbers."""
    value: Any = element.value
    if isinstance(value, bytes):
        return _stripped(value, encodings) if len(value) <= SHORT else decode(value, encodings)[0].strip(" \0")
    if value is None:
        return ""
    if isinstance(value, str | PersonName):
        return str(value).strip(" \0")
    if isinstance(value, list | tuple) or (hasattr(value, "__iter__") and element.VR != "SQ"):
        return "\\".join(str(one) for one in value)
    return "" if element.VR == "SQ" else str(value)


@lru_cache(maxsize=16384)
def _stripped(raw: bytes, encodings: Codecs) -> str:
    """Short values repeat from object to object of a series."""
    return decode(raw, encodings)[0].strip(" \0")


def values_of(element: DataElement | RawDataElement, encodings: Codecs) -> list[str]:
    """Its values one by one; VRs that hold a single value are never split at a backslash (PS3.5 6.4)."""
    return split_values(text_of(element, encodings), vr_of(element) in SINGLE_VALUE_VRS)


def split_values(text: str, single: bool) -> list[str]:
    """The values of a text, which is one where its VR holds a ``single`` one."""
    if single:
        return [text] if text else []
    return [value for value in (part.strip(" \0") for part in text.split("\\")) if value]


def raw_element(tag: BaseTag, vr: str | None, value: bytes, like: RawDataElement) -> RawDataElement:
    """A raw element in the encoding of ``like``, padded to even length (PS3.5 6.2)."""
    padding = b"\0" if effective_vr(int(tag), vr) in {"UI", "OB", "UN"} else b" "
    padded = value + padding * (len(value) % 2)
    return RawDataElement(tag, vr, len(padded), padded, 0, like.is_implicit_VR, like.is_little_endian)
