"""The header-only first pass: who and what is in the input, before anything is written.

It gives identifiers known anywhere in a patient's files, duplicates and UID conflicts, so that the output is a function of the
input set and not of order or number of workers. It keeps a few hundred bytes a file and never decodes a pixel.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset

from deidkit.bounded import header_of
from deidkit.digests import sha256
from deidkit.identifiers import harvest
from deidkit.sources import Source
from deidkit.types import Identifiers

LOCAL_KINDS = frozenset({"uid", "date", "time"})
"""Kinds that belong to one object; of these only the date of birth is shared between a patient's files."""


@dataclass(slots=True)
class Entry:
    """What the first pass knows of one file. Digests stand for UIDs and contents."""

    patient: bytes | None = None
    study: bytes | None = None
    series: bytes | None = None
    instance: bytes | None = None
    stand_in: bytes | None = None
    duplicate_of: int | None = None
    conflict: bool = False


@dataclass(slots=True)
class Index:
    """Entries in the order of the sources, and identifiers by patient."""

    entries: list[Entry]
    patients: dict[bytes, Identifiers] = field(default_factory=dict, repr=False)

    def identifiers(self, number: int) -> Identifiers:
        """What is known to identify the patient of source ``number`` from all of that patient's files."""
        patient = self.entries[number].patient
        return self.patients.get(patient, Identifiers()) if patient else Identifiers()


def build(sources: Sequence[Source], on_file: Callable[[], None] = lambda: None, stand_in: Callable[[str], str] = str) -> Index:
    """Reads every header once. A file that cannot be read gets an empty entry; reading it for real will say why.

    ``stand_in`` gives the UID that will stand for another one.
    """
    index = Index([Entry() for _ in sources])
    for number, source in enumerate(sources):
        if source.stamp is not None:
            with quiet():
                _enter(index, number, source, stand_in)
        on_file()
    _mark_repeats(index, sources)
    return index


def _enter(index: Index, number: int, source: Source, stand_in: Callable[[str], str]) -> None:
    entry = index.entries[number]
    header = read_header(source.path)
    if header is None:
        content = _hash_file(source.path)
        entry.instance = _digest(b"content", content) if content else None
        return
    patient = _text(header, "PatientID") or _text(header, "StudyInstanceUID")
    instance = _text(header, "SOPInstanceUID")
    if instance:
        entry.instance, entry.stand_in = instance_digest(instance), instance_digest(stand_in(instance))
    study, series = _text(header, "StudyInstanceUID"), _text(header, "SeriesInstanceUID")
    entry.study = _digest(b"study", (study or series).encode("utf-8", "replace")) if study or series else None
    entry.series = _digest(b"series", series.encode("utf-8", "replace")) if series else None
    if not patient:
        return
    entry.patient = _digest(b"patient", f"{patient}\0{_text(header, 'IssuerOfPatientID')}".encode("utf-8", "replace"))
    found = _harvested(header)
    shared = frozenset(i for i in found.items if i.kind not in LOCAL_KINDS or i.keyword == "PatientBirthDate")
    known = index.patients.get(entry.patient)
    mine = Identifiers(shared, 1)
    index.patients[entry.patient] = known.merged(mine) if known else mine


def read_header(path: Path) -> Dataset | None:
    """The attributes before the pixel data, or None for anything that is not readable DICOM."""
    try:
        header = header_of(path)
        return header if header is not None and len(header) else None
    except Exception:  # whatever damage does to the parser, the real reading names it
        return None


def _harvested(header: Dataset) -> Identifiers:
    try:
        return harvest(header)
    except Exception:  # the real reading harvests once more, and says what is wrong
        return Identifiers()


@contextmanager
def quiet() -> Iterator[None]:
    """Silences warnings and pydicom's logger, both of which quote header values."""
    log = logging.getLogger("pydicom")
    level = log.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        log.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            log.setLevel(level)


def _mark_repeats(index: Index, sources: Sequence[Source]) -> None:
    by_instance: dict[bytes, list[int]] = {}
    for number, entry in enumerate(index.entries):
        if entry.instance is not None:
            by_instance.setdefault(entry.instance, []).append(number)
    for numbers in by_instance.values():
        if len(numbers) > 1:
            _judge(index.entries, numbers, [_hash_file(sources[n].path) for n in numbers])


def _judge(entries: Sequence[Entry], numbers: Sequence[int], digests: Iterable[bytes]) -> None:
    contents = set(digests)
    same = len(contents) == 1 and b"" not in contents
    for number in numbers:
        entries[number].conflict = not same
        if same and number != numbers[0]:
            entries[number].duplicate_of = numbers[0]


def _text(header: Dataset, keyword: str) -> str:
    try:
        return str(header.get(keyword) or "").strip()
    except Exception:  # an undecodable value is as good as none here
        return ""


def instance_digest(uid: str) -> bytes:
    """16 bytes that stand for a SOP Instance UID."""
    return _digest(b"instance", uid.encode("utf-8", "replace"))


def _digest(kind: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16, person=kind).digest()


def _hash_file(path: Path) -> bytes:
    """Empty for a file that cannot be read, which is like no other."""
    try:
        return sha256(path)
    except OSError:
        return b""
