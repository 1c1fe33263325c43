"""Objects drawn at random, in which kinds of identifiers are planted that no header announces, beside values that have to stay.

    python tests/plugins/ps315_kinds.py [--seeds 5]

prints what the scrubber does to them, in percent: identifiers removed, harmless values kept as they were, objects whose bytes
hold no identifier and pass the sweep, and intervals between dates of a patient that are the same afterwards.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ps315_corpus import Person, base, nested, person
from ps315_running import CLEAN, failures, holds, reread, scrubbed, swept, written
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

WORDS = ("brook", "stone", "young", "frost", "winter", "moss", "lake", "field", "marsh", "waters", "penn", "wolf")
"""What people are called and what are everyday words as well."""
TOWNS = ("Reading", "Bath", "Essen", "Nice", "Split", "Leipzig", "Granada", "Quorvane")
OBJECTS = 8


def initials(rng: random.Random) -> str:
    return "".join(rng.choice("bcdfghjkvwz") for _ in range(2))


def number(rng: random.Random, digits: int) -> str:
    return "".join(rng.choice("1346789") for _ in range(digits))


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("BDFGHJKNPRTVWXZ") for _ in range(count))


Kind = Callable[[random.Random], tuple[str, str]]
"""Makes a text and the part of it that has to go."""


def _of(make: Callable[[random.Random], str], *forms: str) -> Kind:
    def draw(rng: random.Random) -> tuple[str, str]:
        value = make(rng)
        return rng.choice(forms).format(value, other=initials(rng)), value

    return draw


KINDS: dict[str, Kind] = {
    "initials": _of(
        initials,
        "sign: {}",
        "gez. {}",
        "Unterschrift: {}",
        "dictated by {}/md",
        "dict. {}/{other}",
        "signé: {}",
        "tech: {}",
        "typed by {}",
    ),
    "initials in capitals": _of(
        lambda r: initials(r).upper(), "Visum: {}", "gez. {}", "vidit {}", "MTRA {}", "reported by {}", "{}/{other}"
    ),
    "writer": _of(initials, "Dr. Haverstock/{}", "Dr. Haverstock:{}"),
    "birth name": _of(
        lambda r: r.choice(WORDS),
        "née {}",
        "geb. {}",
        "geborene {}",
        "dite {}",
        "z d. {}",
        "born {}",
        "ur. {}",
        "roz. {}",
        "født {}",
        "nata {}",
        "nacida {}",
        "maiden name {}",
        "o.s. {}",
        "szül. {}",
    ),
    "local phone": _of(lambda r: f"{number(r, 3)} {number(r, 4)}", "{}", "please ring {}", "back at {}"),
    "area code": _of(
        lambda r: r.choice(("0341/ {} {}", "0341 {}{}1", "030/{} {}", "(0341) {}{}", "0351-{}{}-0", "0351/{}")).format(
            number(r, 2), number(r, 2)
        ),
        "{}",
        "Rückruf {}",
        "Angehörige {}",
    ),
    "extension": _of(lambda r: number(r, 2), "Durchwahl {}", "DECT {}", "Piepser {}", "tel. {}", "Apparat {}"),
    "short number": _of(lambda r: number(r, 2), "ID {}", "MRN {}", "PID: {}", "pat no {}", "acct {}", "acc# {}", "chart {}"),
    "account": _of(
        lambda r: f"{number(r, 4)}", "account {}", "Konto-Nr. {}", "policy {}", "insurance {}", "plan id {}", "Kasse {}"
    ),
    "plan": _of(lambda r: f"H{number(r, 4)}-001", "plan {}", "plan number {}"),
    "plate": _of(
        lambda r: r.choice((f"L-{_letters(r, 2)} {number(r, 3)}", f"{_letters(r, 2)}-{number(r, 3)}-{_letters(r, 2)}")),
        "{}",
        "came in {}",
    ),
    "announced plate": _of(lambda r: f"KL-{number(r, 2)}", "plate {}", "Kennzeichen {}", "Kfz {}"),
    "plate with blanks": _of(lambda r: f"L {_letters(r, 2)} {number(r, 3)}", "came in {}", "Kfz {}", "vehicle {}"),
    "bed and mark": _of(lambda r: number(r, 2), "in bed {}", "aus Bed {}", "MRN #{}"),
    "signature of a letter": _of(initials, "MfG {}", "Kind regards, {}", "op: {}", "mkG {}"),
    "machine": _of(lambda r: r.choice(WORDS).upper(), "WS-{}", "from SRV-{}", "LAPTOP_{}"),
    "host": _of(
        lambda r: (
            r.choice(("fileserver", "archive", "image", "worklist"))
            + r.choice((".klinik-nord.local", ".radiology.lan", ".ward.intra"))
        ),
        "from {}",
        "stored on {}",
        "see {}/cases",
    ),
    "address with a user": _of(
        lambda r: r.choice(WORDS),
        "http://intranet/users/{}",
        "pacs/~{}",
        "smb://nas/home/{}",
        "sftp://{}@server/data",
        "login {}",
    ),
    "town": _of(lambda r: r.choice(TOWNS), "lives in {}", "wohnhaft in {}", "city: {}", "resident of {}", "habite à {}"),
    "street": _of(
        lambda r: f"{r.choice(WORDS)} {r.choice(('street', 'road', 'avenue'))}",
        "lives at 12 {}",
        "address: 4 {}",
        "found at 7 {} today",
    ),
    "ae title": _of(lambda r: f"{_letters(r, 3)}_{number(r, 3)}", "sent to AE {}", "AE title: {}", "printer: {}"),
}

STAFF: tuple[Callable[[str, str], str], ...] = (
    lambda family, given: f"{family}, {given}",
    lambda family, given: f"Dr. {given} {family}",
    lambda family, given: f"{family}^{given}",
    lambda family, _: family,
)
STAYS = (
    "thickness 3.000000",
    "#ffff80",
    "Magnetic Resonance (MR) imaging",
    "susceptibility weighted imaging (SWI)",
    "64 64 32",
    "b 0 500 1000",
    "TE 77 TR 500",
    "slice 12 of 64",
    "born preterm",
    "born at 32 weeks",
    "patient 4 hours after injection",
    "plan: follow-up in 6 months",
    "Murphy sign: negative",
    "graft versus host disease",
    "lives alone",
    "signed report",
    "350 mg/ml",
    "user interface",
    "dictated but not read",
    "matrix 256 256",
    "120 80",
    "PA/LAT",
    "MIP/MPR",
    "in the chest. Internal rotation",
)
PROTOCOLS = ("Head^Brain_General", "Abdomen^Routine/Liver", "T1^POST", "Neuro/Head^DTI_64")
MODELS = (
    ("Vision", "Biograph Vision"),
    ("Sola", "MAGNETOM Sola"),
    ("Achieva", "Achieva dStream"),
    ("Prisma", "MAGNETOM Prisma fit"),
    ("Vida", "MAGNETOM Vida"),
    ("Force", "SOMATOM Force"),
    ("Edge", "SOMATOM Definition Edge"),
)
SENTENCES = ("No focal lesion. {}.", "Lungs clear, {}.", "{}. Stable findings.")
CARRIERS = (0x00204000, 0x00321030, 0x00102180, 0x00201020, 0x0018990F)
"""Image Comments, Reason for Study, Occupation, Reference (retired) and Protocol Planning Information, which no table names."""
VRS = {0x00204000: "LT", 0x00321030: "LO", 0x00102180: "SH", 0x00201020: "LO", 0x0018990F: "UT"}
BARE = frozenset({"local phone", "area code", "plate", "initials in capitals"})
"""Kinds that stand at the end of a text, or alone."""


@dataclass
class Score:
    """Counts of one seed, and in words what went wrong."""

    removed: int = 0
    planted: int = 0
    kept: int = 0
    harmless: int = 0
    clean: int = 0
    objects: int = 0
    same: int = 0
    intervals: int = 0
    wrong: list[str] = field(default_factory=list, repr=False)

    def percentages(self) -> tuple[float, float, float, float]:
        """Removed, kept, clean by the sweep, and intervals the same."""
        pairs = (
            (self.removed, self.planted),
            (self.kept, self.harmless),
            (self.clean, self.objects),
            (self.same, self.intervals),
        )
        return tuple(100 * one / of for one, of in pairs)  # type: ignore[return-value]


def code(value: str, scheme: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


def _kinds(rng: random.Random, header: Dataset) -> list[tuple[str, Dataset, str, str]]:
    """Items with one text each: (kind, item, text, what has to go)."""
    planted = []
    items = Sequence()
    for kind, draw in KINDS.items():
        text, value = draw(rng)
        sentence = "No focal lesion. {}" if kind in BARE else rng.choice(SENTENCES)
        item = Dataset()
        item.add(DataElement(0x00204000, "LT", sentence.format(text)))
        items.append(item)
        planted.append((kind, item, sentence.format(text), value))
    header.DerivationCodeSequence = items
    return planted


def _staff(rng: random.Random, header: Dataset, who: Person) -> list[str]:
    family, given = who.doctor.split("^")
    other = person(rng.randrange(10**6))
    meanings = [form(*pair) for form in STAFF for pair in ((family, given), (other.family, other.given))]
    inner = Dataset()
    inner.PurposeOfReferenceCodeSequence = Sequence(code(f"P{n}", "99HOSP", meaning) for n, meaning in enumerate(meanings))
    header.SourceImageSequence = Sequence([nested(inner, rng.randint(1, 4))])
    return [family, other.family]


def _days(header: Dataset) -> list[date]:
    values = [str(header.StudyDate), str(header.AcquisitionDateTime)[:8]]
    return [date(int(v[:4]), int(v[4:6]), int(v[6:8])) for v in values]


def _shown(item: Dataset, tag: int) -> str:
    return str(item[tag].value) if tag in item else ""


def objects(seed: int) -> Iterator[tuple[Dataset, list[tuple[str, Dataset, str, str]], list[str], dict[int, str]]]:
    """Headers of one patient, with what is planted in each, the names of staff, and what has to stay by its tag."""
    rng = random.Random(seed)
    who = person(9000 + seed)
    for count in range(OBJECTS):
        header = base(who)
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = f"{header.SOPInstanceUID}.{count}"
        family, model = MODELS[(seed + count) % len(MODELS)]
        header.PatientName = f"{family}^{who.given}" if count % 2 else header.PatientName
        header.StudyDate = f"2021{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
        header.AcquisitionDateTime = f"2022{rng.randint(1, 12):02}{rng.randint(1, 28):02}101112"
        header.ManufacturerModelName, header.StationName = model, model[:16]
        stays = {
            0x00081090: model,
            0x00181030: rng.choice(PROTOCOLS),
            0x0008103E: rng.choice(STAYS),
            0x00081030: rng.choice(STAYS),
        }
        for tag in (0x00181030, 0x0008103E, 0x00081030):
            header.add(DataElement(tag, "LO", stays[tag]))
        for tag in CARRIERS[1:]:
            stays[tag] = rng.choice([text for text in STAYS if len(text) <= 16])
            header.add(DataElement(tag, VRS[tag], stays[tag]))
        finding = code("108369006", "SCT", "Tumor")
        finding.ContextGroupVersion, finding.ContextIdentifier, finding.MappingResource = "20240101", "6", "DCMR"
        header.AnatomicRegionSequence = Sequence([finding])
        planted = _kinds(rng, header)
        staff = _staff(rng, header, who)
        yield header, planted, staff, stays


def measure(seed: int, folder: Path) -> Score:
    """What the scrubber and the sweep do to the objects of one seed, with every option that cleans text and shifted dates."""
    score = Score()
    before: list[date] = []
    after: list[date] = []
    for number_, (header, planted, staff, stays) in enumerate(objects(seed)):
        read = reread(header)
        done, changes = scrubbed(read, clean=CLEAN, dates="shift", retain=["patient_characteristics"])
        raw = written(done)
        for (kind, _, text, value), item in zip(planted, done.DerivationCodeSequence, strict=True):
            shown = _shown(item, 0x00204000)
            score.planted += 1
            score.removed += value not in shown
            rest = [word for word in ("No focal lesion", "Lungs clear", "Stable findings") if word in text]
            score.harmless += 1
            score.kept += all(word in shown for word in rest)
            if value in shown or not all(word in shown for word in rest):
                score.wrong.append(f"{kind}: {text!r} became {shown!r}")
        for name in staff:
            score.planted += 1
            score.removed += not holds(raw, name)
            if holds(raw, name):
                score.wrong.append(f"staff: {name}")
        for tag, value in stays.items():
            score.harmless += 1
            score.kept += _shown(done, tag) == value
            if _shown(done, tag) != value:
                score.wrong.append(f"lost {tag:08X}: {value!r} became {_shown(done, tag)!r}")
        score.harmless += 1
        score.kept += done.AnatomicRegionSequence[0].get("ContextGroupVersion") == "20240101"
        failed = failures(swept(read, done, changes, folder / f"{seed}-{number_}.dcm"))
        score.wrong += failed
        score.objects += 1
        score.clean += not failed and not any(holds(raw, name) for name in staff)
        before += _days(header)
        after += _days(done)
    for n in range(len(before)):
        for m in range(n):
            score.intervals += 1
            score.same += before[n] - before[m] == after[n] - after[m]
    score.intervals += 1
    score.same += before != after
    return score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--wrong", action="store_true", help="say what went wrong")
    arguments = parser.parse_args()
    print("| seed | planted | removed | kept | sweep | intervals |\n|---|---|---|---|---|---|")
    for seed in range(arguments.seeds):
        with tempfile.TemporaryDirectory() as folder:
            score = measure(seed, Path(folder))
        shares = " | ".join(f"{share:.1f} %" for share in score.percentages())
        print(f"| {seed} | {score.planted} | {shares} |")
        if arguments.wrong:
            print(*score.wrong, sep="\n")


if __name__ == "__main__":
    main()
