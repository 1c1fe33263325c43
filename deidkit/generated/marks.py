"""Marks objects whose pixels were partly invented, so that nobody reads a diagnosis from them unknowingly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.types import Edit, HeaderChange

if TYPE_CHECKING:
    from pydicom import Dataset

GROUP, CREATOR = 0x0075, "DEIDKIT GENERATED PIXELS"
SOURCE = "generated pixels"
DESCRIPTION = "Regions replaced by generated pixels, not for diagnosis"
CODES = (
    ("113047", "DCM", "Pixel by pixel mask"),
    ("generated-pixels", "99DEIDKIT", "Regions replaced by generated pixels"),
)
MOST_TEXT = 1024


def mark_generated(header: Dataset, edits: Sequence[Edit]) -> list[HeaderChange]:
    """Changes ``header`` in place when any of the edits was generated; headers of raster files stay empty.

    Image Type value 1 becomes DERIVED (PS3.3 C.7.6.1.1.2), Derivation Description and Derivation Code Sequence (C.7.6.1.1.3,
    CID 7203 and a code of our own) say what was done, Burned In Annotation becomes NO, and a private block in group 0075 holds
    one row of frame, x0, y0, x1, y1 (SL, frame from 0, pixels half open) for each generated patch, and the methods (LO).
    Patches are whole regions, so that their outline spells nothing.
    """
    made = [edit for edit in edits if edit.generated]
    if not made or "SOPClassUID" not in header:
        return []
    old = header.get("ImageType") or []
    values = [old] if isinstance(old, str) else list(old)
    header.ImageType = ["DERIVED", *(values[1:] or ["SECONDARY"])]
    methods = sorted({edit.method for edit in made})
    before = str(header.get("DerivationDescription") or "")
    header.DerivationDescription = f"{DESCRIPTION} ({', '.join(methods)}). {before}".strip()[:MOST_TEXT]
    header.DerivationCodeSequence = [*(header.get("DerivationCodeSequence") or []), *map(_code, CODES)]
    header.BurnedInAnnotation = "NO"
    block = header.private_block(GROUP, CREATOR, create=True)
    block.add_new(0x01, "SL", [value for edit in made for patch in edit.patches for value in (edit.frame, *patch.box)])
    block.add_new(0x02, "LO", [method[:64] for method in methods])
    tags = ("(0008,0008)", "(0008,2111)", "(0008,9215)", "(0028,0301)", f"({GROUP:04x},1001)", f"({GROUP:04x},1002)")
    return [HeaderChange(tag, "added" if "0075" in tag else "D", SOURCE) for tag in tags]


def _code(code: tuple[str, str, str]) -> Dataset:
    from pydicom import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code
    return item
