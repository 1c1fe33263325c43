"""Private elements: removed, except the safe ones, whose blocks are renumbered without gaps (PS3.5 7.8, PS3.15 E.3.10)."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag, Tag

from deidkit.rawtext import UNDECLARED, text_of
from deidkit_ps315.scrub.job import Element, Job, Place
from deidkit_ps315.standard.table import safe_private
from deidkit_ps315.standard.value_form import MALFORMED, is_malformed
from deidkit_ps315.standard.values import UNCHECKED

FIRST_BLOCK, LAST_BLOCK = 0x10, 0xFF

Kept = dict[tuple[int, str], list[tuple[Element, str]]]


def take_out(job: Job, place: Place, elements: list[Element]) -> list[Element]:
    """Removes private elements and puts those that the plan keeps back under fresh blocks.

    Returns:
        The elements put back that have still to be scrubbed.
    """
    private = [element for element in elements if int(element.tag) & 0x10000]
    if not job.plan.private:
        for element in private:
            del place.dataset[element.tag]
            job.note(place.path, int(element.tag), "X", "E.1-1")
        return []
    creators = {
        int(element.tag): text_of(element, UNDECLARED)
        for element in private
        if FIRST_BLOCK <= int(element.tag) & 0xFFFF <= LAST_BLOCK and int(element.tag) >> 16 > 8
    }
    kept: Kept = {}
    for element in private:
        tag = int(element.tag)
        del place.dataset[element.tag]
        creator = creators.get(tag & 0xFFFF0000 | (tag & 0xFF00) >> 8, "") if tag & 0xFFFF > LAST_BLOCK else ""
        decision = job.plan.private_decision(tag, creator)
        if not creator or decision.action == "X":
            job.note(place.path, tag, "X", decision.source)
        elif decision.action == "C" and is_malformed(element, _vr(element, tag, creator)):
            job.note(place.path, tag, "X", MALFORMED)
        else:
            kept.setdefault((tag >> 16, creator), []).append((element, decision.action))
    return list(_put_back(job, place, kept))


def _put_back(job: Job, place: Place, kept: Kept) -> Iterator[Element]:
    blocks: dict[int, int] = {}
    for (group, creator), elements in kept.items():
        block = blocks[group] = blocks.get(group, FIRST_BLOCK - 1) + 1
        place.dataset[Tag(group, block)] = DataElement(Tag(group, block), "LO", creator, validation_mode=UNCHECKED)
        for element, action in elements:
            low = int(element.tag) & 0xFF
            moved = _moved(element, Tag(group, block << 8 | low), _vr(element, int(element.tag), creator))
            place.dataset[moved.tag] = moved
            job.note(place.path, int(moved.tag), action, "private block kept")
            if action == "C":
                yield moved


def _vr(element: Element, tag: int, creator: str) -> str:
    """The VR of a private element, that of Table E.3.10-1 where it has none of its own."""
    own = element.VR
    return own if own not in {None, "UN"} else safe_private().get((tag >> 16, tag & 0xFF, creator), "UN")[:2] or "UN"


def _moved(element: Element, tag: BaseTag, vr: str) -> Element:
    if isinstance(element, RawDataElement):
        return element._replace(tag=tag, VR=vr)
    return DataElement(tag, vr, element.value, validation_mode=UNCHECKED)
