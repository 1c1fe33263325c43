"""What a header claims: SOP class first, Modality, Image Type, Conversion Type. Contradictions are told, not settled."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import EnhancedMRColorImageStorage

from deidkit.types import MODALITIES, Label, Labels
from deidkit_modality.manufacturers import normalise
from deidkit_modality.sop_classes import Meaning, meaning_of

RETIRED = {
    "CD": "US",
    "CF": "RF",
    "DD": "US",
    "DF": "RF",
    "DS": "XA",
    "EC": "US",
    "FA": "OP",
    "MA": "MR",
    "MS": "MR",
    "ST": "NM",
    "VF": "RF",
}
"""Retired Defined Terms of Modality and where they belong now (PS3.3 C.7.3.1.1.1)."""

_CONVERSIONS = frozenset({"DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN"})
_CAPTURED = ("SCREEN", "CAPTURE", "REPORT", "PROTOCOL", "DOSE_INFO", "DOSE INFO")
_GREY = frozenset({"CR", "CT", "DX", "MR", "PT"})
"""Modalities whose image classes allow MONOCHROME1 and MONOCHROME2 alone (image modules in PS3.3 C.8)."""
_BOTH = 1.0
_ONE = 0.9


def words(header: Dataset, keyword: str) -> list[str]:
    """The upper-case values of an element, empty when it is missing or cannot be read."""
    try:
        value = header.get(keyword)
        many = [] if value is None else [value] if isinstance(value, str) else list(value)
        return [str(item).strip().upper() for item in many]
    except Exception:
        return []


def header_labels(header: Dataset, *, has_pixels: bool = True) -> Labels:
    """Modality, kind and manufacturer as the header has them; all unsure for an empty header, as raster files have.

    The kind is that of the SOP class; without one it stays unsure. An image is a ``capture`` when Image Type or Conversion Type
    says so, and a ``label`` when it is a slide's label or overview (PS3.3 C.8.12.4.1.1).
    """
    sop = _sop_classes(header)
    meaning = meaning_of(sop[0]) if sop else Meaning("")
    kind = meaning.bare if meaning.bare and not has_pixels else _kind(header, meaning)
    stated = _stated(header)
    makers = [normalise(text) for text in words(header, "Manufacturer")]
    maker = next((word for word in makers if word), None)
    return Labels(
        modality=Label(None) if _is_localiser(header, stated) else _modality(stated, meaning, _is_off_colour(header, meaning)),
        kind=Label(kind, _BOTH) if kind else Label(None),
        manufacturer=Label(maker, _BOTH if maker else 0.0),
        conflict=len(sop) > 1 or _contradicts(stated, meaning),
    )


def _is_localiser(header: Dataset, stated: str | None) -> bool:
    """A localiser of a CT (PS3.3 C.8.2.1.1.1) is a projection with lines and figures drawn in: neither slice nor radiograph."""
    return stated == "CT" and "LOCALIZER" in words(header, "ImageType")


def _sop_classes(header: Dataset) -> list[str]:
    """The different SOP classes that the data set and its file meta information state; one in an honest file."""
    meta = getattr(header, "file_meta", None)
    stated = words(header, "SOPClassUID")[:1]
    stated += words(meta, "MediaStorageSOPClassUID")[:1] if isinstance(meta, Dataset) else []
    return list(dict.fromkeys(uid for uid in stated if uid))


def _stated(header: Dataset) -> str | None:
    for word in words(header, "Modality")[:1]:
        term = RETIRED.get(word, word)
        return term if term in MODALITIES else None
    return None


def _is_off_colour(header: Dataset, meaning: Meaning) -> bool:
    """Whether the samples are coloured where the SOP class allows grey alone, as those of a captured screen are."""
    by_class = meaning.modalities[:1]
    if not _GREY.intersection(by_class) or words(header, "SOPClassUID")[:1] == [EnhancedMRColorImageStorage]:
        return False
    return any(not word.startswith("MONOCHROME") for word in words(header, "PhotometricInterpretation")[:1])


def _modality(stated: str | None, meaning: Meaning, off_colour: bool) -> Label:
    by_class = meaning.modalities[0] if meaning.modalities else None
    if stated in (None, "OT") and by_class is not None:
        return Label(by_class, _ONE)
    if stated is None or (stated == "OT" and meaning.kind == "capture"):
        return Label(None)
    return Label(stated, _BOTH if by_class is not None and not off_colour else _ONE)


def _contradicts(stated: str | None, meaning: Meaning) -> bool:
    return stated not in (None, "OT") and bool(meaning.modalities) and stated not in meaning.modalities


def _kind(header: Dataset, meaning: Meaning) -> str:
    kinds = words(header, "ImageType")
    if "SM" in meaning.modalities and {"LABEL", "OVERVIEW"} & set(kinds):
        return "label"
    if meaning.kind != "image":
        return meaning.kind
    captured = any(mark in word for word in kinds for mark in _CAPTURED)
    converted = bool(_CONVERSIONS & set(words(header, "ConversionType")))
    return "capture" if captured or converted else "image"
