"""The file meta information (PS3.10 7.1): only what a reader needs, nothing of where the file came from."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import PYDICOM_IMPLEMENTATION_UID

import deidkit
from deidkit.headers.raw_elements import UNDECLARED, elements_of, text_of
from deidkit_ps315.scrub.job import Job
from deidkit_ps315.standard.values import put

KEPT = frozenset({0x00020001, 0x00020002, 0x00020003, 0x00020010})
FORMAT_VERSION, INSTANCE, CLASS_UID, VERSION = 0x00020001, 0x00020003, 0x00020012, 0x00020013


def scrub(header: Dataset, job: Job) -> None:
    """Maps the SOP Instance UID, removes AE titles, addresses, private information and anything unknown."""
    if hasattr(header, "preamble"):
        header.preamble = b"\0" * 128
    meta = getattr(header, "file_meta", None)
    if meta is None:
        return
    for element in elements_of(meta):
        tag = int(element.tag)
        if tag == INSTANCE:
            old = text_of(element, UNDECLARED)
            new = job.uid(old)
            put(meta, INSTANCE, "UI", new)
            job.note("", tag, "K" if new == old else "U", "E.1-1")
        elif tag not in KEPT:
            del meta[element.tag]
            if tag not in {0x00020000, CLASS_UID, VERSION}:
                job.note("", tag, "X", "file meta")
    if FORMAT_VERSION in meta:
        put(meta, FORMAT_VERSION, "OB", b"\0\1")
    put(meta, CLASS_UID, "UI", PYDICOM_IMPLEMENTATION_UID)
    put(meta, VERSION, "SH", f"DEIDKIT {deidkit.__version__}"[:16])
