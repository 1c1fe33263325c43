"""Whether a written object still holds what its IOD requires (PS3.3): nothing required may have gone missing on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement

from deidkit.headers.raw_elements import UNDECLARED, elements_of, text_of, vr_of
from deidkit.types import Check, Status
from deidkit_ps315.standard.iod import Level, level_of

SOP_CLASS = 0x00080016
PIXEL_GROUP = 0x7FE0
METHOD_CODES = 0x00120064
"""Made by deidkit itself."""
CONTENT = 0x0040A730
"""What a content item requires depends on its value type, which the tables do not say."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Gap:
    """A required attribute that is not there, or empty where it must not be; ``new`` when the input had it."""

    path: str
    new: bool


def check(before: Dataset, after: Dataset) -> Check:
    """Fails for what got lost; what the input lacked already is counted and let through."""
    element = after.get_item(SOP_CLASS)
    level = level_of(text_of(element, UNDECLARED) if element is not None else "", "M")
    if level.pools is None:
        return Check("iod", Status.WARNED, "the SOP class has no IOD in the tables, so nothing was checked")
    gaps = list(_gaps(before, after, level, ""))
    lost = [gap.path for gap in gaps if gap.new]
    measured = {"lost": float(len(lost)), "missing before": float(len(gaps) - len(lost))}
    if lost:
        more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
        return Check("iod", Status.FAILED, f"required attributes got lost: {', '.join(lost[:SHOWN])}{more}", measured)
    return Check("iod", Status.PASSED, "every required attribute that the input had is there", measured)


def _gaps(before: Dataset | None, after: Dataset, level: Level, path: str) -> Iterator[Gap]:
    elements = elements_of(after)
    here = {int(element.tag): element for element in elements}
    for tag, kind in level.required():
        if tag >> 16 != PIXEL_GROUP and not _holds(here.get(tag), kind):
            had = before is not None and _holds(before.get_item(tag), kind)
            yield Gap(f"{path}({tag >> 16:04X},{tag & 0xFFFF:04X})", had)
    for element in elements:
        if vr_of(element) != "SQ" or int(element.tag) == METHOD_CODES:
            continue
        below = level.below(int(element.tag))
        if not below.pools or int(element.tag) == CONTENT:
            continue
        items = list(after[element.tag].value or ())
        held = before.get_item(element.tag) if before is not None else None
        old = list(before[element.tag].value or ()) if before is not None and held is not None and vr_of(held) == "SQ" else []
        for number, item in enumerate(items):
            same = old[number] if len(old) == len(items) else None
            tag = int(element.tag)
            yield from _gaps(same, item, below, f"{path}({tag >> 16:04X},{tag & 0xFFFF:04X})[{number}].")


def _holds(element: DataElement | RawDataElement | None, kind: str) -> bool:
    if element is None:
        return False
    if kind == "2":
        return True
    value = element.value
    return value is not None and (not hasattr(value, "__len__") or len(value) > 0)
