"""The action codes of Table E.1-1, applied to sequences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pydicom import Dataset

from deidkit.errors import UnreadableFile
from deidkit_ps315.scrub.job import Element, Job, Place
from deidkit_ps315.scrub.structured import STRANGER, is_content, names_somebody, scrub_item
from deidkit_ps315.standard.values import TEXT, empty, put

CONTENT, GRAPHICS, FLOW = 0x0040A730, 0x00700001, 0x00340001
CONTENT_PATH = "(0040,A730)"
CONCEPT_CODE = 0x0040A168
REFERENCES = frozenset({"IMAGE", "COMPOSITE", "WAVEFORM"})
VALUE_TYPE, TEXT_VALUE, CONCEPT_NAME, RELATIONSHIP = 0x0040A040, 0x0040A160, 0x0040A043, 0x0040A010
TEXT_OBJECTS, GRAPHIC_OBJECTS, COMPOUND = 0x00700008, 0x00700009, 0x00700209


class Sequences:
    """X removes, Z empties, D leaves a valid dummy, everything else scrubs the items."""

    def __init__(self, job: Job, walk: Callable[[Place], None]) -> None:
        self._job = job
        self._walk = walk

    def apply(self, action: str, place: Place, element: Element, source: str) -> None:
        tag = int(element.tag)
        if action == "X":
            del place.dataset[element.tag]
        elif action == "Z":
            if not empty(place.dataset, element, "SQ"):
                return
        else:
            items = items_of(place.dataset, element)
            if action == "D" and items:
                items = self._dummies(tag, items, CONTENT_PATH in place.path)
                if not items:
                    del place.dataset[element.tag]
                    self._job.note(place.path, tag, "X", source)
                    return
                put(place.dataset, tag, "SQ", items)
            if action == "C":
                items = self._content(place, element, items)
            else:
                for number, item in enumerate(items):
                    self._walk(place.below(tag, number, item))
        if action in {"X", "Z", "D", "K", "C"}:
            self._job.note(place.path, tag, action, source)

    def _content(self, place: Place, element: Element, items: list[Dataset]) -> list[Dataset]:
        """Cleans items, of which those that are content items may go whole."""
        tag = int(element.tag)
        kept: list[Dataset] = []
        for item in items:
            below = place.below(tag, len(kept), item)
            settled = scrub_item(self._job, below) if is_content(item) else frozenset()
            if settled is None:
                self._job.note(place.path, tag, "X", "E.3.4-1")
                continue
            if CONCEPT_CODE in item and names_somebody(below, CONCEPT_CODE):
                put(item, CONCEPT_CODE, "SQ", [dummy_code()])
                self._job.note(below.path, CONCEPT_CODE, "D", STRANGER.source)
            self._walk(replace(below, settled=settled))
            kept.append(item)
        if len(kept) < len(items):
            if kept:
                put(place.dataset, tag, "SQ", kept)
            else:
                del place.dataset[element.tag]
        return kept

    def _dummies(self, tag: int, items: list[Dataset], nested: bool) -> list[Dataset]:
        """What is left of items that the basic profile replaces; scrubbed like any others afterwards."""
        if tag == CONTENT:
            return [item for item in items if is_reference(item)] or ([] if nested else [dummy_content()])
        if tag == GRAPHICS:
            for item in items:
                for drawn in (GRAPHIC_OBJECTS, COMPOUND):
                    if drawn in item and TEXT_OBJECTS in item:
                        del item[drawn]
            return items
        if tag == FLOW:
            return items
        return [dummy_code()] if all(0x00080104 in item for item in items) else items


def is_reference(item: Dataset) -> bool:
    """Whether a content item says nothing but which other object is meant."""
    value = item.get(VALUE_TYPE)
    return value is not None and str(value.value).strip() in REFERENCES


def dummy_content() -> Dataset:
    """A text item with the concept Comment (121106, DCM)."""
    item, concept = Dataset(), Dataset()
    put(concept, 0x00080100, "SH", "121106")
    put(concept, 0x00080102, "SH", "DCM")
    put(concept, 0x00080104, "LO", "Comment")
    put(item, RELATIONSHIP, "CS", "CONTAINS")
    put(item, VALUE_TYPE, "CS", "TEXT")
    put(item, CONCEPT_NAME, "SQ", [concept])
    put(item, TEXT_VALUE, "UT", TEXT)
    return item


def dummy_code() -> Dataset:
    """A code that names nobody (PS3.3 Table 8.8-1)."""
    item = Dataset()
    put(item, 0x00080100, "SH", TEXT)
    put(item, 0x00080102, "SH", "99DEIDKIT")
    put(item, 0x00080104, "LO", TEXT)
    return item


def items_of(dataset: Dataset, element: Element) -> list[Dataset]:
    """The items of a sequence, parsed when they are still raw.

    Raises:
        UnreadableFile: the bytes are no sequence.
    """
    try:
        value = dataset[element.tag].value
    except Exception:
        raise UnreadableFile("sequence-damaged", "a sequence cannot be parsed") from None
    if value is None:
        return []
    if isinstance(value, bytes | str):
        raise UnreadableFile("sequence-damaged", "a sequence cannot be parsed")
    return list(value)
