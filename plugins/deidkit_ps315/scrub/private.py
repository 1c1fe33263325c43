"""Private elements: kept where the plan says so, else removed (PS3.5 7.8, PS3.15 E.3.10).

Blocks keep their numbers though others go: much software, dcm2niix among it, looks for a private element under the number that
its maker always uses and not under its creator.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pydicom.datadict import private_dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import Tag

from deidkit.headers.raw_elements import TEXT_VRS, UNDECLARED, text_of
from deidkit_ps315.scrub.job import Element, Job, Place
from deidkit_ps315.scrub.plan import Decision
from deidkit_ps315.standard.table import safe_private
from deidkit_ps315.standard.value_form import MALFORMED, is_malformed
from deidkit_ps315.standard.values import UNCHECKED

FIRST_BLOCK, LAST_BLOCK = 0x10, 0xFF
ITEM = b"\xfe\xff\x00\xe0"

Block = tuple[int, int]
"""Group and number of a private block. One creator may have several in a group."""


def take_out(job: Job, place: Place, elements: list[Element]) -> list[tuple[Element, Decision]]:
    """Removes private elements, and puts those that the plan keeps in some form back behind their creators.

    Returns:
        The elements that were put back, each with its decision, which is still to be carried out.
    """
    private = [element for element in elements if int(element.tag) & 0x10000]
    creators = {
        (int(element.tag) >> 16, int(element.tag) & 0xFFFF): text_of(element, UNDECLARED)
        for element in private
        if FIRST_BLOCK <= int(element.tag) & 0xFFFF <= LAST_BLOCK and int(element.tag) >> 16 > 8
    }
    kept: dict[Block, list[tuple[Element, Decision]]] = {}
    for element in private:
        tag = int(element.tag)
        del place.dataset[element.tag]
        block = tag >> 16, (tag & 0xFF00) >> 8
        creator = creators.get(block, "")
        decision = job.plan.private_decision(tag, creator)
        if not creator or decision.action == "X":
            job.note(place.path, tag, "X", decision.source)
        elif decision.action == "C" and is_malformed(element, _vr(element, creator)):
            job.note(place.path, tag, "X", MALFORMED)
        else:
            kept.setdefault(block, []).append((element, decision))
    return list(_put_back(job, place, kept, creators))


def _put_back(
    job: Job, place: Place, kept: dict[Block, list[tuple[Element, Decision]]], creators: dict[Block, str]
) -> Iterator[tuple[Element, Decision]]:
    for (group, number), elements in kept.items():
        creator = creators[group, number]
        place.dataset[Tag(group, number)] = DataElement(Tag(group, number), "LO", creator, validation_mode=UNCHECKED)
        for element, decision in elements:
            known = _with_known_vr(element, creator)
            place.dataset[known.tag] = known
            job.note(place.path, int(known.tag), decision.action, decision.source)
            yield known, decision


def _with_known_vr(element: Element, creator: str) -> Element:
    if not isinstance(element, RawDataElement):
        return element
    vr = _vr(element, creator)
    if vr == element.VR:
        return element
    if vr == "SQ":
        items = not element.value or element.value.startswith(ITEM)
        return element._replace(VR="SQ", is_implicit_VR=True) if items else element._replace(VR="UN")
    # Bytes of an element written as UN are little endian in every transfer syntax (PS3.5 6.2.2).
    fits = element.is_little_endian or vr in TEXT_VRS
    return element._replace(VR=vr if fits else "UN")


def _vr(element: Element, creator: str) -> str:
    """The element's own VR, or the known one where it has none."""
    own = element.VR
    return own if own is not None and own != "UN" else known_vr(int(element.tag), creator)


@lru_cache(maxsize=8192)
def known_vr(tag: int, creator: str) -> str:
    """The VR of a private element where the file does not tell: from PS3.15 Table E.3.10-1, else from pydicom's dictionary."""
    safe = safe_private().get((tag >> 16, tag & 0xFF, creator))
    if safe:
        return safe[:2]
    try:
        return private_dictionary_VR(tag, creator)[:2]
    except KeyError:
        return "UN"
