"""The UIDs that an object goes by: those that it has, and those that are made for it where it has none.

A SOP Instance UID is made from the content under the site key, so that the same object gets the same one in every run and in
every encoding. UIDs of study and series are made of what else tells studies and series apart (PS3.3 C.7.2.1, C.7.3.1), so that
objects stay together which belong together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement

from deidkit.errors import UnsupportedFile
from deidkit.headers.raw_elements import encodings_of, text_of
from deidkit.keys import Keys
from deidkit.types import HeaderChange

MEDIA_CLASS, MEDIA_INSTANCE = 0x00020002, 0x00020003
CLASS, INSTANCE, STUDY, SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
PATIENT_ID, ISSUER, PATIENT_NAME, BIRTH_DATE = 0x00100020, 0x00100021, 0x00100010, 0x00100030
MODALITY = 0x00080060
OF_A_STUDY = (0x00200010, 0x00080050, 0x00080020, 0x00080030)
"""Study ID, Accession Number, Study Date, Study Time."""
OF_A_SERIES = (0x00200011, 0x00080021, 0x00080031, 0x0008103E)
"""Series Number, Series Date, Series Time, Series Description."""
TELLING = frozenset(
    (CLASS, INSTANCE, STUDY, SERIES, PATIENT_ID, ISSUER, PATIENT_NAME, BIRTH_DATE, MODALITY, *OF_A_STUDY, *OF_A_SERIES)
)
"""All attributes of a data set that this module looks at."""

FORM = re.compile(r"[0-9]+(\.+[0-9]+)+")
"""What others may refer to as a UID, even if PS3.5 9.1 forbids its leading zeros or its length."""

FROM_META, MADE = "file meta information", "made from the content"


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


def study_of(header: Dataset) -> str:
    """What tells the study from others: its UID, or what stands for that; empty where nothing does."""
    own = value(header, STUDY)
    if own:
        return own
    named = [value(header, tag) for tag in OF_A_STUDY]
    if any(named):
        return "\0".join(("study", *_patient(header), *named))
    series = value(header, SERIES)
    return f"study of\0{series}" if series else ""


def series_of(header: Dataset) -> str:
    """The same for the series."""
    own = value(header, SERIES)
    if own:
        return own
    named = [value(header, tag) for tag in OF_A_SERIES]
    return "\0".join(("series", study_of(header), value(header, MODALITY), *named)) if any(named) else ""


def check_class(header: Dataset) -> None:
    """Raises UnsupportedFile for a DICOM object that does not say what it is."""
    if _is_file(header) and not class_of(header):
        raise UnsupportedFile("sop-class-missing", "neither data set nor file meta information has a SOP Class UID")


def complete(header: Dataset, frames: int, content: Callable[[], bytes], keys: Keys) -> Iterator[HeaderChange]:
    """Puts UIDs that a DICOM object lacks into ``header``, in place; the data set takes those of its file meta information.

    Study and series get one where the object is of a patient, as images are; a colour palette has neither.

    Args:
        frames: how many the object has.
        content: gives 32 bytes that are equal for equal objects.
    """
    if not _is_file(header):
        return
    if not value(header, CLASS):
        yield _put(header, CLASS, class_of(header), FROM_META)
    instance, of_a_patient = instance_of(header), frames > 0 or PATIENT_ID in header or PATIENT_NAME in header
    study, series = study_of(header), series_of(header)
    if not instance:
        instance = keys.uid(f"content\0{content().hex()}")
        yield _put(header, INSTANCE, instance, MADE)
    elif value(header, INSTANCE) != instance:
        yield _put(header, INSTANCE, instance, FROM_META)
    for tag, known in ((STUDY, study), (SERIES, series)) if of_a_patient else ():
        if not value(header, tag):
            yield _put(header, tag, keys.uid(known or f"{tag}\0{instance}"), MADE)


def made(changes: tuple[HeaderChange, ...]) -> tuple[str, ...]:
    """Keywords of the UIDs that ``complete`` made anew."""
    return tuple(keyword_for_tag(change.path.strip("()").replace(",", "")) for change in changes if change.source == MADE)


def _put(header: Dataset, tag: int, uid: str, source: str) -> HeaderChange:
    header[tag] = DataElement(tag, "UI", uid)
    return HeaderChange(f"({tag >> 16:04X},{tag & 0xFFFF:04X})", "U", source)


def _patient(header: Dataset) -> tuple[str, ...]:
    number = (value(header, PATIENT_ID), value(header, ISSUER))
    return number if number[0] else (value(header, PATIENT_NAME), value(header, BIRTH_DATE))


def _is_file(header: Dataset) -> bool:
    return getattr(header, "file_meta", None) is not None


def _meta(header: Dataset) -> Dataset:
    found: Dataset | None = getattr(header, "file_meta", None)
    return Dataset() if found is None else found
