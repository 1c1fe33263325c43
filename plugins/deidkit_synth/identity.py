"""Made-up patients: the same values go into the header and into the pixels, so that a leak in either can be counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from deidkit.errors import EnvironmentFault, UsageError
from deidkit_synth import words

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class FakePatient:
    """All values are invented. Dates are DICOM DA (YYYYMMDD)."""

    name: str = field(repr=False)
    patient_id: str = field(repr=False)
    birth_date: str = field(repr=False)
    study_date: str = field(repr=False)
    study_time: str = field(repr=False)
    institution: str = field(repr=False)
    accession: str = field(repr=False)
    physician: str = field(repr=False)
    sex: str = "O"

    def lines(self, rng: Random) -> list[str]:
        """What a device would burn in, in one of its layouts."""
        y, m, d = self.study_date[:4], self.study_date[4:6], self.study_date[6:]
        shown = self.name.replace("^", (", ", " ", "^")[int(rng.integers(3))])
        birth = f"{self.birth_date[6:]}.{self.birth_date[4:6]}.{self.birth_date[:4]}"
        prompts = rng.random() < 0.5
        lines = [
            ("Name: " if prompts else "") + shown,
            ("ID: " if prompts else "") + self.patient_id,
            ("DOB: " if prompts else "") + birth,
            f"{d}/{m}/{y} {self.study_time[:2]}:{self.study_time[2:4]}",
            self.institution,
            ("Acc: " if prompts else "") + self.accession,
        ]
        return lines[: int(rng.integers(2, len(lines) + 1))]


def _digits(rng: Random, count: int) -> str:
    return "".join(str(int(v)) for v in rng.integers(0, 10, count))


def _date(rng: Random, first: int, last: int) -> str:
    return f"{int(rng.integers(first, last)):04}{int(rng.integers(1, 13)):02}{int(rng.integers(1, 29)):02}"


def _pick(rng: Random, items: list[str]) -> str:
    return items[int(rng.integers(len(items)))].replace("_", " ")


def fake_patient(rng: Random) -> FakePatient:
    """A patient whose name, in one case of five, has diacritics or another script."""
    return FakePatient(
        name=f"{_pick(rng, words.FAMILY)}^{_pick(rng, words.GIVEN)}",
        patient_id=("", "P", "MRN", "H")[int(rng.integers(4))] + _digits(rng, int(rng.integers(5, 10))),
        birth_date=_date(rng, 1925, 2020),
        study_date=_date(rng, 2000, 2026),
        study_time=f"{int(rng.integers(24)):02}{int(rng.integers(60)):02}{int(rng.integers(60)):02}",
        institution=_pick(rng, words.PLACES),
        accession=_digits(rng, 8),
        physician=f"{_pick(rng, words.FAMILY)}^{_pick(rng, words.GIVEN)}",
        sex="MFO"[int(rng.integers(3))],
    )


def check_locale(locale: str) -> None:
    """Raises EnvironmentFault without Faker, UsageError for a locale that it does not know."""
    try:
        from faker import Faker
    except ImportError:
        raise EnvironmentFault("names of a locale need Faker: pip install 'deidkit-imaging[synth]'") from None
    try:
        Faker(locale)
    except AttributeError:
        raise UsageError("Faker does not know the locale; it is written like de_DE") from None


def faker_patient(rng: Random, locale: str) -> FakePatient:
    """A patient from Faker's lists for ``locale``, for instance ``de_DE`` or ``ja_JP``.

    Raises:
        ImportError: Faker is not installed (``pip install 'deidkit-imaging[synth]'``).
    """
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(int(rng.integers(1 << 31)))
    plain = fake_patient(rng)
    return FakePatient(
        name=f"{fake.last_name()}^{fake.first_name()}",
        patient_id=plain.patient_id,
        birth_date=plain.birth_date,
        study_date=plain.study_date,
        study_time=plain.study_time,
        institution=f"{fake.city()} Hospital",
        accession=plain.accession,
        physician=f"{fake.last_name()}^{fake.first_name()}",
        sex=plain.sex,
    )
