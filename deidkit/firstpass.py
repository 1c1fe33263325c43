"""The header-only first pass: who and what is in the input, before anything is written.

It gives identifiers known anywhere in a patient's files, duplicates and UID conflicts, so that the output is a function of the
input set and not of order or number of workers. It keeps a few hundred bytes a file, never decodes a pixel, and reads no file
further than ``deidkit.bounded`` goes or, where several may be copies of one another, than ``limits`` allow.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydicom import Dataset

from deidkit.bounded import skim
from deidkit.digests import sha256
from deidkit.errors import ItemError
from deidkit.identifiers import SEQUENCE, harvest, kind_of
from deidkit.limits import Limits
from deidkit.rawtext import encodings_of, text_of
from deidkit.sources import Source
from deidkit.types import Identifiers

LOCAL_KINDS = frozenset({"uid", "date", "time"})
"""Kinds that belong to one object; of these only the date of birth is shared between a patient's files."""

INSTANCE, STUDY, SERIES, PATIENT_ID, ISSUER, BIRTH_DATE = 0x00080018, 0x0020000D, 0x0020000E, 0x00100020, 0x00100021, 0x00100030
CHARACTER_SET, CODE_VALUE, TEXT_VALUE = 0x00080005, 0x00080100, 0x0040A160
NEEDED = frozenset((INSTANCE, STUDY, SERIES, PATIENT_ID, ISSUER, BIRTH_DATE, CHARACTER_SET, CODE_VALUE, TEXT_VALUE))


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


def build(
    sources: Sequence[Source],
    on_file: Callable[[], None] = lambda: None,
    stand_in: Callable[[str], str] = str,
    limits: Limits | None = None,
) -> Index:
    """Skims every header once. A file that cannot be read gets an empty entry; reading it for real will say why.

    Args:
        stand_in: gives the UID that will stand for another one.
        limits: the most that any profile of the run allows.
    """
    limits = limits or Limits()
    index = Index([Entry() for _ in sources])
    others: dict[int, list[int]] = {}
    for number, source in enumerate(sources):
        if source.stamp is not None:
            with quiet():
                header = _skim(source.path, limits)
            if header is None:
                others.setdefault(source.stamp[0], []).append(number)
            else:
                _enter(index, number, header, stand_in, limits)
        on_file()
    _find_repeats(index, sources, others, limits)
    return index


def _skim(path: Path, limits: Limits) -> Dataset | None:
    """None for anything that is not readable DICOM."""
    try:
        header = skim(path, _wanted, limits)
    except Exception:  # one file never ends a run; the real reading says what is wrong with it
        return None
    return header if header is not None and (len(header) or len(header.file_meta)) else None


@lru_cache(maxsize=16384)
def _wanted(tag: int, vr: str | None) -> bool:
    """What tells files apart or says who the patient is."""
    return tag in NEEDED or kind_of(tag, vr) not in {"", SEQUENCE, *LOCAL_KINDS}


def _enter(index: Index, number: int, header: Dataset, stand_in: Callable[[str], str], limits: Limits) -> None:
    entry = index.entries[number]
    instance, study, series = (_text(header, tag) for tag in (INSTANCE, STUDY, SERIES))
    if instance:
        entry.instance, entry.stand_in = instance_digest(instance), instance_digest(stand_in(instance))
    entry.study = _digest(b"study", study or series) if study or series else None
    entry.series = _digest(b"series", series) if series else None
    patient = _text(header, PATIENT_ID) or study
    if not patient:
        return
    entry.patient = _digest(b"patient", f"{patient}\0{_text(header, ISSUER)}")
    found = _harvested(header, limits)
    shared = frozenset(i for i in found.items if i.kind not in LOCAL_KINDS or i.keyword == "PatientBirthDate")
    known = index.patients.get(entry.patient)
    mine = Identifiers(shared, 1)
    index.patients[entry.patient] = known.merged(mine) if known else mine


def _text(header: Dataset, tag: int) -> str:
    element = header.get_item(tag)
    return text_of(element, encodings_of(header)).strip() if element is not None else ""


def _harvested(header: Dataset, limits: Limits) -> Identifiers:
    try:
        return harvest(header, limits)
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


def _find_repeats(index: Index, sources: Sequence[Source], others: Mapping[int, Sequence[int]], limits: Limits) -> None:
    """Marks equal files as copies, and unequal ones of one SOP Instance UID as conflicts."""
    named: dict[bytes, list[int]] = {}
    for number, entry in enumerate(index.entries):
        if entry.instance is not None:
            named.setdefault(entry.instance, []).append(number)
    for numbers in named.values():
        classes = _by_bytes(numbers, sources, limits)
        for members in classes if len(classes) > 1 else ():
            for number in members:
                index.entries[number].conflict = True
        _repeat(index, classes if len(classes) == 1 else ())
    for size, alike in others.items():
        _repeat(index, _by_bytes(alike, sources, limits) if size else ())


def _repeat(index: Index, classes: Iterable[tuple[int, ...]]) -> None:
    for members in classes:
        for number in members[1:]:
            index.entries[number].duplicate_of = members[0]


def _by_bytes(numbers: Sequence[int], sources: Sequence[Source], limits: Limits) -> list[tuple[int, ...]]:
    """Classes of equal files. One that has a size of its own, or is larger than allowed, is not read for that."""
    sizes: dict[int, list[int]] = {}
    for number in numbers:
        stamp = sources[number].stamp
        sizes.setdefault(stamp[0] if stamp else 0, []).append(number)
    classes: dict[object, list[int]] = {}
    for size, members in sizes.items():
        for number in members:
            alone = len(members) == 1 or size > limits.file_bytes
            classes.setdefault(number if alone else _hash_file(sources[number].path) or number, []).append(number)
    return [tuple(members) for members in classes.values()]


def instance_digest(uid: str) -> bytes:
    """16 bytes that stand for a SOP Instance UID."""
    return _digest(b"instance", uid)


def _digest(kind: bytes, text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16, person=kind).digest()


def _hash_file(path: Path) -> bytes:
    """Empty for a file that cannot be read, which is like no other."""
    try:
        return sha256(path)
    except (OSError, ItemError):
        return b""
