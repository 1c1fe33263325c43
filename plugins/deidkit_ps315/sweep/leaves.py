"""The leaves of a header: every element that is no sequence, with its path."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement

from deidkit.errors import OverBudget
from deidkit.headers.raw_elements import UNDECLARED, Codecs, effective_vr, elements_of, encodings_of, text_of
from deidkit.limits import Limits
from deidkit.types import HeaderChange

Element = DataElement | RawDataElement
Key = tuple[str, int]
METHOD_CODES = 0x00120064
"""deidkit's own codes; they are looked at as bytes only."""
TAG_LENGTH = len("(0008,1140)")


class Leaf(NamedTuple):
    """One element: the path of the item that it is in, its tag, the VR to treat it as. The first two are its key."""

    prefix: str
    tag: int
    vr: str
    element: Element
    codecs: Codecs

    @property
    def path(self) -> str:
        """As in HeaderChange."""
        return f"{self.prefix}({self.tag >> 16:04X},{self.tag & 0xFFFF:04X})"

    @property
    def text(self) -> str:
        return text_of(self.element, self.codecs)


def leaves(header: Dataset) -> list[Leaf]:
    """Every leaf of ``header``, its file meta information included.

    Raises:
        OverBudget: sequences nested too deeply.
    """
    found: list[Leaf] = []
    if getattr(header, "file_meta", None) is not None:
        _gather(header.file_meta, "", UNDECLARED, 0, found)
    _gather(header, "", UNDECLARED, Limits().depth, found)
    return found


def _gather(dataset: Dataset, prefix: str, parent: Codecs, depth: int, found: list[Leaf]) -> None:
    if depth < 0:
        raise OverBudget("nesting-too-deep", "sequences are nested deeper than the limit")
    codecs = encodings_of(dataset, parent)
    for element in elements_of(dataset):
        tag = int(element.tag)
        vr = effective_vr(tag, element.VR)
        if tag == METHOD_CODES:
            continue
        if vr != "SQ":
            found.append(Leaf(prefix, tag, vr, element, codecs))
            continue
        for number, item in enumerate(dataset[element.tag].value or ()):
            _gather(item, f"{prefix}({tag >> 16:04X},{tag & 0xFFFF:04X})[{number}].", codecs, depth - 1, found)


def actions_by_key(changes: Iterable[HeaderChange]) -> dict[Key, str]:
    """The action of each change by the key of its leaf."""
    return {_key_of(change.path): change.action for change in changes if change.path.endswith(")")}


@lru_cache(maxsize=16384)
def _key_of(path: str) -> Key:
    return path[:-TAG_LENGTH], int(path[-TAG_LENGTH + 1 : -6] + path[-5:-1], 16)
