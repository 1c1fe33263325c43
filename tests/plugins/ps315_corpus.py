"""Invented patients, and an object that says who they are in every place and form that a header has."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from deidkit_ps315.standard.table import rows

SYLLABLES = "quor vane zem brith ostu mikka dral phen wex jorru tal skiv noch ulf grae ymb".split()  # noqa: SIM905
TEXTS = {"AE": 16, "LO": 60, "LT": 60, "PN": 60, "SH": 16, "ST": 60, "UC": 60, "UR": 60, "UT": 60}
ROOT = "1.2.826.0.1.3680043.10.5"


@dataclass(frozen=True)
class Person:
    """Nobody: made of syllables, so that no list of names or words can know them."""

    family: str
    given: str
    number: str
    accession: str
    born: str
    seen: str
    phone: str
    street: str
    town: str
    house: str
    doctor: str


def person(seed: int) -> Person:
    rng = random.Random(seed)

    def word(parts: int) -> str:
        return "".join(rng.sample(SYLLABLES, parts)).capitalize()

    def digits(count: int) -> str:
        return "".join(rng.choice("123456789") for _ in range(count))

    born = f"19{rng.randint(30, 70)}0{rng.randint(1, 9)}1{rng.randint(3, 9)}"
    seen = f"202{rng.randint(0, 3)}1{rng.randint(0, 2)}2{rng.randint(1, 8)}"
    names = word(3), word(2), f"{digits(3)}-{digits(5)}", f"A{digits(9)}"
    home = f"0{digits(3)} {digits(7)}", f"{word(3)}weg {digits(2)}", word(3)
    return Person(*names, born, seen, *home, f"{word(3)} Klinik", f"{word(3)}^{word(2)}")


@dataclass(frozen=True)
class Plant:
    """One identifier in one place: ``kind`` names the place, ``value`` must not be found in the output."""

    kind: str
    value: str


def base(who: Person, sop_class: str = CTImageStorage) -> Dataset:
    """A plain CT header of the person, with what every object carries."""
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.SOPInstanceUID = sop_class, f"{ROOT}.{who.number.replace('-', '.')}.3"
    made.StudyInstanceUID, made.SeriesInstanceUID = (
        f"{ROOT}.{who.number.replace('-', '.')}.1",
        f"{ROOT}.{who.number.replace('-', '.')}.2",
    )
    made.PatientName, made.PatientID, made.PatientBirthDate = f"{who.family}^{who.given}", who.number, who.born
    made.PatientSex, made.Modality, made.Manufacturer = "F", "CT", "ACME"
    made.AccessionNumber, made.StudyDate, made.StudyTime = who.accession, who.seen, "101500"
    made.PatientTelephoneNumbers, made.PatientAddress = who.phone, f"{who.street}, {who.town}"
    made.InstitutionName, made.ReferringPhysicianName = who.house, who.doctor
    made.Rows = made.Columns = 2
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = sop_class, made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def plant_table(target: Dataset, seed: int, where: str) -> Iterator[Plant]:
    """A canary in every attribute of Table E.1-1 that holds text, a UID or bytes; none of them is known from anywhere else."""
    rng = random.Random(seed)
    for row in rows():
        for tag in list(row.tags())[:1]:
            vr = _vr(tag)
            canary = f"{rng.choice(SYLLABLES)}{tag:08x}{rng.choice(SYLLABLES)}"
            value = _valued(vr, canary, rng)
            if value is None or tag >> 16 < 8 or tag in target or tag == 0xFFFCFFFC:
                continue
            target.add(DataElement(tag, vr, value, validation_mode=0))
            yield Plant(f"{where} {row.name}", str(value) if vr == "UI" else canary[:16])


def _vr(tag: int) -> str:
    try:
        return dictionary_VR(tag)[:2]
    except KeyError:
        return "LO"


def _valued(vr: str, canary: str, rng: random.Random) -> str | bytes | None:
    if vr in TEXTS:
        return canary[: TEXTS[vr]]
    if vr == "UI":
        return f"{ROOT}.{rng.randint(10**9, 10**10)}.{rng.randint(1, 99)}"
    return canary[:16].encode() if vr in {"OB", "UN"} else None


def plant_dates(target: Dataset, where: str) -> Iterator[tuple[str, str]]:
    """A date of its own in every date attribute of the table: (kind, date); dates are compared by element, not as bytes."""
    day = 0
    for row in rows():
        for tag in list(row.tags())[:1]:
            vr = _vr(tag)
            if vr in {"DA", "DT"} and tag not in target:
                day += 1
                value = f"{1971 + day // 300}{1 + day % 12:02}{1 + day % 28:02}"
                target.add(DataElement(tag, vr, value + ("121314.5+0100" if vr == "DT" else "")))
                yield f"{where} {row.name}", value


def nested(inner: Dataset, depth: int) -> Dataset:
    """``inner`` at some depth of sequences that no table names."""
    for _ in range(depth):
        outer = Dataset()
        outer.DerivationImageSequence = Sequence([inner])
        inner = outer
    return inner
