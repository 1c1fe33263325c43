"""The header-only first pass: who and what is in the input, before anything is written.

It gives identifiers known anywhere in a patient's files, duplicates and UID conflicts, so that the output is a function of the
input set and not of order or number of workers. It keeps a few hundred bytes a file, never decodes a pixel, and reads no file
further than ``deidkit.headers.bounded_read`` goes or, where several may be copies of one another, than ``limits`` allow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import MediaStorageDirectoryStorage

from deidkit.batch.inputs import Source
from deidkit.errors import ItemError
from deidkit.files import sha256
from deidkit.headers.bounded_read import skim
from deidkit.headers.quiet import quiet
from deidkit.headers.uids import ISSUER, PATIENT_ID, TELLING, class_of, instance_of, series_of, study_of, value
from deidkit.identity.harvest import SEQUENCE, harvest, kind_of
from deidkit.limits import Limits
from deidkit.types import Identifiers

LOCAL_KINDS = frozenset({"uid", "date", "time"})
"""Kinds that belong to one object; of these only the date of birth is shared between a patient's files."""

CHARACTER_SET, CODE_VALUE, TEXT_VALUE = 0x00080005, 0x00080100, 0x0040A160
NEEDED = TELLING | {CHARACTER_SET, CODE_VALUE, TEXT_VALUE}


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


@dataclass(frozen=True, slots=True)
class Group:
    """Files that may be copies of one object. ``classes`` has those of equal bytes together, by number.

    ``named`` says that they share a SOP Instance UID, so that they are in conflict unless they are copies.
    """

    classes: tuple[tuple[int, ...], ...]
    named: bool


@dataclass(slots=True)
class Index:
    """Entries in the order of the sources, identifiers by patient, and groups whose contents have to be compared."""

    entries: list[Entry]
    patients: dict[bytes, Identifiers] = field(default_factory=dict, repr=False)
    groups: list[Group] = field(default_factory=list)

    def identifiers(self, number: int) -> Identifiers:
        """What is known to identify the patient of source ``number`` from all of that patient's files."""
        patient = self.entries[number].patient
        return self.patients.get(patient, Identifiers()) if patient else Identifiers()

    def to_compare(self) -> list[int]:
        """One number of every class of every group."""
        return sorted(members[0] for group in self.groups for members in group.classes)

    def settle(self, contents: Mapping[int, bytes]) -> None:
        """Marks duplicates and conflicts by the digests of ``to_compare``'s contents.

        What has no digest cannot be read. It is no copy of anything and in nobody's way; its own reason will be told.
        """
        for group in self.groups:
            same: dict[bytes, list[int]] = {}
            for members in group.classes:
                content = contents.get(members[0])
                if content is None:
                    self._repeat(members)
                else:
                    same.setdefault(content, []).extend(members)
            for numbers in same.values():
                if group.named and len(same) > 1:
                    for number in numbers:
                        self.entries[number].conflict = True
                else:
                    self._repeat(sorted(numbers))
        self.groups = []

    def prefer(self, numbers: Collection[int]) -> None:
        """Of several copies, one of ``numbers`` goes first, so that what was released stays the release."""
        copies: dict[int, list[int]] = {}
        for number, entry in enumerate(self.entries):
            if entry.duplicate_of is not None:
                copies.setdefault(entry.duplicate_of, [entry.duplicate_of]).append(number)
        for first, members in copies.items():
            chosen = next((number for number in members if number in numbers), first)
            for number in members:
                self.entries[number].duplicate_of = None if number == chosen else chosen

    def _repeat(self, numbers: Sequence[int]) -> None:
        for number in numbers[1:]:
            self.entries[number].duplicate_of = numbers[0]

    def group(self, classes: list[tuple[int, ...]], named: bool) -> None:
        """Files of equal bytes are copies; those of different classes wait for ``settle``."""
        if len(classes) > 1:
            self.groups.append(Group(tuple(classes), named))
        for members in classes if len(classes) == 1 else ():
            self._repeat(members)


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
    nameless: list[int] = []
    others: dict[int, list[int]] = {}
    for number, source in enumerate(sources):
        if source.stamp is not None:
            with quiet():
                header = _skim(source.path, limits)
            if header is None:
                others.setdefault(source.stamp[0], []).append(number)
            elif not _enter(index, number, header, stand_in, limits):
                nameless.append(number)
        on_file()
    _find_repeats(index, sources, nameless, others, limits)
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


def _enter(index: Index, number: int, header: Dataset, stand_in: Callable[[str], str], limits: Limits) -> bool:
    """Enters one DICOM file; False for an object without a UID."""
    entry = index.entries[number]
    if class_of(header) == MediaStorageDirectoryStorage:
        return True
    instance, study, series = instance_of(header), study_of(header), series_of(header)
    if instance:
        entry.instance, entry.stand_in = instance_digest(instance), instance_digest(stand_in(instance))
    entry.study = _digest(b"study", study) if study else None
    entry.series = _digest(b"series", series) if series else None
    patient = value(header, PATIENT_ID) or study
    if patient:
        entry.patient = _digest(b"patient", f"{patient}\0{value(header, ISSUER)}")
        found = _harvested(header, limits)
        shared = frozenset(i for i in found.items if i.kind not in LOCAL_KINDS or i.keyword == "PatientBirthDate")
        known = index.patients.get(entry.patient)
        mine = Identifiers(shared, 1)
        index.patients[entry.patient] = known.merged(mine) if known else mine
    return bool(instance)


def _harvested(header: Dataset, limits: Limits) -> Identifiers:
    try:
        return harvest(header, limits)
    except Exception:  # the real reading harvests once more, and says what is wrong
        return Identifiers()


def _find_repeats(
    index: Index, sources: Sequence[Source], nameless: Sequence[int], others: Mapping[int, Sequence[int]], limits: Limits
) -> None:
    """Groups what may be copies: objects of one UID, all objects without one, and other files of equal size."""
    named: dict[bytes, list[int]] = {}
    for number, entry in enumerate(index.entries):
        if entry.instance is not None:
            named.setdefault(entry.instance, []).append(number)
    for numbers in named.values():
        if len(numbers) > 1:
            index.group(_by_bytes(numbers, sources, limits), named=True)
    index.group(_by_bytes(nameless, sources, limits), named=False)
    for size, alike in others.items():
        for members in _by_bytes(alike, sources, limits) if size else ():
            index.group([members], named=False)


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
