"""The UIDs that an object goes by: those of its data set, else those of its file meta information."""

from __future__ import annotations

import re

from pydicom import Dataset

from deidkit.rawtext import encodings_of, text_of

MEDIA_CLASS, MEDIA_INSTANCE = 0x00020002, 0x00020003
CLASS, INSTANCE = 0x00080016, 0x00080018

FORM = re.compile(r"[0-9]+(\.+[0-9]+)+")
"""What others may refer to as a UID, even if PS3.5 9.1 forbids its leading zeros or its length."""


def value(header: Dataset, tag: int) -> str:
    """The text of one attribute, empty where there is none."""
    element = header.get_item(tag)
    return text_of(element, encodings_of(header)).strip() if element is not None else ""


def class_of(header: Dataset) -> str:
    """SOP Class UID of the data set, else of its file meta information; empty where neither has one."""
    return value(header, CLASS) or value(_meta(header), MEDIA_CLASS)


def instance_of(header: Dataset) -> str:
    """SOP Instance UID of the data set, else of its file meta information; empty where neither has anything like a UID."""
    found = (value(header, INSTANCE), value(_meta(header), MEDIA_INSTANCE))
    return next((uid for uid in found if FORM.fullmatch(uid)), "")


def _meta(header: Dataset) -> Dataset:
    found: Dataset | None = getattr(header, "file_meta", None)
    return Dataset() if found is None else found
