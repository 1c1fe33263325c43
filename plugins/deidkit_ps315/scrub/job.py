"""What one scrub of one object works with."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement

from deidkit.headers.raw_elements import Codecs, encodings_of
from deidkit.identity.names import is_standard_uid
from deidkit.identity.vault import Vault
from deidkit.keys import Keys
from deidkit.types import Deadline, HeaderChange
from deidkit_ps315.scrub.plan import Plan
from deidkit_ps315.standard.iod import Level
from deidkit_ps315.text.cleaner import TextCleaner
from deidkit_ps315.text.known_identifiers import Known

Element = DataElement | RawDataElement
MOST_KEPT = 8192
UID_FORM = re.compile(r"(?=.{1,64}$)\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class Place:
    """A data set somewhere in an object: what its IOD asks of it, its path, its character sets, how deep one may still go.

    ``settled`` names elements that have been dealt with already.
    """

    dataset: Dataset
    level: Level
    path: str
    codecs: Codecs
    depth: int
    settled: frozenset[int] = frozenset()

    def below(self, tag: int, number: int, item: Dataset) -> Place:
        """The place of item ``number`` of the sequence ``tag``."""
        path = f"{self.path}{spell(tag)}[{number}]."
        return Place(item, self.level.below(tag), path, encodings_of(item, self.codecs), self.depth - 1)


class StandIns:
    """What is derived from the key, kept for the objects that follow: most of a series is the same in each of them."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.fingerprint = keys.fingerprint()
        self.uid = lru_cache(maxsize=MOST_KEPT)(keys.uid)
        self.days = lru_cache(maxsize=MOST_KEPT)(keys.date_shift)
        self.pseudonym = lru_cache(maxsize=MOST_KEPT)(keys.pseudonym)


class UidMap:
    """What stands for a UID: itself when the standard registers it or the profile retains UIDs, else a keyed one.

    Args:
        known: what is known of the patient, who must not be in a UID that is retained.
        moved: dates, as YYYYMMDD, that leave shifted. A retained UID that holds one would give the shift away.
    """

    def __init__(self, stand_ins: StandIns, retain: bool, known: Known, moved: frozenset[str] = frozenset()) -> None:
        self._stand_ins = stand_ins
        self._retain = retain
        self._known = known
        self._moved = moved

    def __call__(self, value: str) -> str:
        return self.kept(value) if self._retain and value and not is_standard_uid(value) else self.replaced(value)

    def replaced(self, value: str) -> str:
        """What stands for ``value`` also where the profile retains UIDs, because the table does not retain this one."""
        return value if not value or is_standard_uid(value) else self._stand_ins.uid(value)

    def kept(self, value: str) -> str:
        """``value``, unless it is no UID at all, or the patient's name or number or a date that was shifted is in it."""
        tells = self._known.in_uid(value) or any(date in value for date in self._moved)
        if not value or (UID_FORM.fullmatch(value) and not tells):
            return value
        return self._stand_ins.uid(value)


@dataclass
class Job:
    """The plan, the key, the cleaner of this patient's texts, and the changes so far."""

    plan: Plan
    stand_ins: StandIns
    text: TextCleaner
    uid: UidMap
    patient: str
    days: int
    deadline: Deadline
    vault: Vault | None = None
    changes: list[HeaderChange] = field(default_factory=list)

    @property
    def keys(self) -> Keys:
        return self.stand_ins.keys

    def note(self, path: str, tag: int, action: str, source: str) -> None:
        self.changes.append(_change(path, tag, action, source))

    def pseudonym(self, patient: str, pattern: str) -> str:
        """What ``pattern`` makes of a patient: the derived pseudonym or a running number, kept in the map if there is one."""
        if "{:" in pattern and self.vault is not None:
            new = pattern.format(self.vault.number_of("patient", patient))
        else:
            new = pattern.replace("{}", self.stand_ins.pseudonym(patient))
        if self.vault is not None:
            self.vault.remember("patient", patient, new)
        return new


@lru_cache(maxsize=16384)
def _change(path: str, tag: int, action: str, source: str) -> HeaderChange:
    """Made once: objects of a series are changed in the same places."""
    return HeaderChange(path + spell(tag), action, source)


@lru_cache(maxsize=8192)
def spell(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
