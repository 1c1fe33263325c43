"""Names of the regions of interest of a structure set: what were two names does not become one."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom import Dataset

from deidkit.headers.raw_elements import Codecs, encodings_of, text_of
from deidkit.types import HeaderChange
from deidkit_ps315.scrub.job import spell
from deidkit_ps315.standard.values import LONGEST, put

STRUCTURES, NAME = 0x30060020, 0x30060026
SOURCE = "names told apart"


def tell_apart(before: Dataset, after: Dataset) -> list[HeaderChange]:
    """Numbers the names in ``after``, in place, that cleaning made equal; equal ones of ``before``, and empty ones, stay so."""
    old, new = list(_names(before)), list(_names(after))
    taken: dict[str, str] = {}
    changes = []
    for number, (was, name) in enumerate(zip(old, new, strict=False)):
        if not name:
            continue
        told = _free(name, was, taken)
        taken[told] = was
        if told != name:
            put(after[STRUCTURES].value[number], NAME, "LO", told)
            changes.append(HeaderChange(f"{spell(STRUCTURES)}[{number}].{spell(NAME)}", "C", SOURCE))
    return changes


def _free(name: str, was: str, taken: dict[str, str]) -> str:
    """``name``, or with the first number behind it that nothing else in the set has."""
    told, count = name, 1
    while told in taken and taken[told] != was:
        count += 1
        told = f"{name[: LONGEST['LO'] - len(str(count)) - 1]} {count}"
    return told


def _names(header: Dataset) -> Iterator[str]:
    codecs = encodings_of(header)
    for item in (header[STRUCTURES].value or ()) if STRUCTURES in header else ():
        yield _text(item, encodings_of(item, codecs))


def _text(item: Dataset, codecs: Codecs) -> str:
    element = item.get_item(NAME)
    return text_of(element, codecs) if element is not None else ""
