"""Working copies of a DICOM header."""

from __future__ import annotations

import copy

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from deidkit.headers.raw_elements import elements_of

UNDEFINED_LENGTH = "is_undefined_length_sequence_item"
UNCHECKED = 0
IMMUTABLE = (str, bytes, int, float, type(None))


def working_copy(header: Dataset) -> Dataset:
    """A copy that may be changed at any depth while ``header`` stays as it was.

    Raw elements are immutable and shared; only decoded ones are copied deeply. That is what keeps the cost of scrubbing
    a header near that of reading it.
    """
    made = _copy(header)
    if hasattr(header, "file_meta"):
        made.file_meta = FileMetaDataset(_elements(header.file_meta))
    return made


def _copy(dataset: Dataset) -> Dataset:
    made = Dataset(_elements(dataset))
    implicit, little = dataset.original_encoding
    made.set_original_encoding(implicit, little, dataset.original_character_set)
    return made


def _elements(dataset: Dataset) -> dict[BaseTag, DataElement | RawDataElement]:
    return {
        element.tag: element if isinstance(element, RawDataElement) else _element(element) for element in elements_of(dataset)
    }


def _element(element: DataElement) -> DataElement:
    """A copy of a decoded element; the items of a sequence are taken one by one, which costs a tenth of copying them deeply."""
    if isinstance(element.value, IMMUTABLE):
        return copy.copy(element)
    if element.VR != "SQ":
        return copy.deepcopy(element)
    items = []
    for item in element.value or ():
        items.append(_copy(item))
        if getattr(item, UNDEFINED_LENGTH, False):
            setattr(items[-1], UNDEFINED_LENGTH, True)
    made = DataElement(element.tag, "SQ", Sequence(items), validation_mode=UNCHECKED)
    made.is_undefined_length = element.is_undefined_length
    return made
