"""Products that people and stations are called like, numbers and names that machines write, and what only describes a code."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps315_corpus import base, person
from ps315_running import CLEAN, failures, holds, reread, scrubbed, swept, written
from pydicom import Dataset
from pydicom.sequence import Sequence

from deidkit_ps315.text.products import products

OPTIONS = pytest.mark.parametrize("options", [{}, {"clean": CLEAN, "dates": "shift"}], ids=["basic", "cleaned"])


@OPTIONS
@pytest.mark.parametrize(
    ("surname", "model"),
    [
        ("Vision", "Biograph Vision"),
        ("Sola", "MAGNETOM Sola"),
        ("Achieva", "Achieva dStream"),
        ("Prisma", "Prisma_fit"),
        ("Vida", "MAGNETOM Vida"),
        ("Force", "SOMATOM Force"),
        ("Edge", "SOMATOM Definition Edge"),
        ("Galan", "Vantage Galan 3T"),
    ],
)
def test_a_model_stays_though_the_patient_is_called_so(
    surname: str, model: str, options: dict[str, object], tmp_path: Path
) -> None:
    header = base(person(60))
    header.PatientName, header.ManufacturerModelName = f"{surname}^Quorphen", model
    header.SeriesDescription = f"{surname}^Quorphen"
    header = reread(header)
    after, changes = scrubbed(header, **options)
    assert after.ManufacturerModelName == model
    assert not holds(written(after), "Quorphen")
    assert surname not in after.get("SeriesDescription", "")
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@OPTIONS
@pytest.mark.parametrize("maker", ["Philips Medical Systems", "SIEMENS Healthineers"])
def test_a_maker_stays_though_the_patient_is_called_so(maker: str, options: dict[str, object], tmp_path: Path) -> None:
    header = base(person(61))
    header.PatientName, header.Manufacturer = f"{maker.split()[0]}^Quorphen", maker
    header = reread(header)
    after, changes = scrubbed(header, **options)
    assert after.Manufacturer == maker
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("Sola^Quorphen", "Sola"),
        ("Achieva^Quorphen", "Achieva Quorphen"),
        ("Zemvane^Quorphen", "x Zemvane"),
        ("Zemvane^Quorphen", "for Zemvane"),
        ("Zemvane^Quorphen", "Achieva of Quorphen Zemvane"),
    ],
)
def test_what_is_nothing_but_the_name_or_no_product_goes(name: str, model: str, tmp_path: Path) -> None:
    header = base(person(62))
    header.PatientName, header.ManufacturerModelName = name, model
    header = reread(header)
    after, changes = scrubbed(header)
    assert not {part for part in name.split("^") if part in after.ManufacturerModelName}
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@OPTIONS
@pytest.mark.parametrize("model", ["Galan 3T", "GALAN", "Optima CT660"])
def test_a_model_that_the_station_is_called_like_stays(model: str, options: dict[str, object], tmp_path: Path) -> None:
    header = base(person(63))
    header.StationName = header.ManufacturerModelName = model
    header.DeviceSerialNumber, header.SoftwareVersions = "4512177", "VA20 4512177"
    header = reread(header)
    after, changes = scrubbed(header, **options)
    assert after.ManufacturerModelName == model
    assert "4512177" not in after.SoftwareVersions
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def test_the_list_of_products_has_no_title_and_no_sentence() -> None:
    assert {"vision", "philips", "biograph"} <= set(products())
    assert "of" not in products()
