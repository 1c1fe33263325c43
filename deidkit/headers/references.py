"""The instance UIDs that an object refers to."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom import Dataset

from deidkit.headers.raw_elements import UNDECLARED, elements_of, text_of, vr_of
from deidkit.headers.uids import INSTANCE

REFERENCED_CLASS, REFERENCED_INSTANCE = 0x00081150, 0x00081155


MANAGEMENT = "1.2.840.10008.3.1.2."
"""Classes of patients, visits, studies and procedure steps (PS3.4 Annex F and retired ones): they are no files."""


def referenced(header: Dataset) -> frozenset[str]:
    """SOP Instance UIDs of all composite objects that ``header`` refers to, at any depth, its own left out."""
    own = header.get_item(INSTANCE)
    return frozenset(_walk(header)) - {text_of(own, UNDECLARED) if own is not None else ""}


def _walk(dataset: Dataset) -> Iterator[str]:
    for element in elements_of(dataset):
        if int(element.tag) == REFERENCED_INSTANCE:
            kind = dataset.get_item(REFERENCED_CLASS)
            if kind is None or not text_of(kind, UNDECLARED).startswith(MANAGEMENT):
                yield text_of(element, UNDECLARED)
        elif vr_of(element) == "SQ" and element.value:
            for item in dataset[element.tag].value or ():
                yield from _walk(item)
