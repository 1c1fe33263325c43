"""Attributes that say what a stored sample means (PS3.3 C.7.6.3, C.11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

KEYWORDS = (
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "RescaleSlope",
    "RescaleIntercept",
    "RedPaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
)
PHOTOMETRIC = "PhotometricInterpretation"
COLOUR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "XYB"})


def altered(before: Dataset, after: Dataset) -> list[str]:
    """Keywords whose values differ."""
    return [keyword for keyword in (*KEYWORDS, PHOTOMETRIC) if _plain(before, keyword) != _plain(after, keyword)]


def _plain(header: Dataset, keyword: str) -> object:
    value = header.get(keyword)
    if isinstance(value, int | float):
        return float(value)
    return value if isinstance(value, bytes) else str("" if value is None else value).strip()
