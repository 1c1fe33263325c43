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


@pytest.mark.parametrize("keyword", ["StationName", "DeviceSerialNumber"])
def test_a_device_that_is_called_like_no_product_goes(keyword: str, tmp_path: Path) -> None:
    header = base(person(69))
    setattr(header, keyword, "Zembrostu")
    header.ManufacturerModelName = header.ApplicationSetupManufacturer = "Zembrostu"
    header = reread(header)
    after, changes = scrubbed(header)
    assert not holds(written(after), "Zembrostu")
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def test_the_list_of_products_has_no_title_and_no_sentence() -> None:
    assert {"vision", "philips", "biograph"} <= set(products())
    assert "of" not in products()


@OPTIONS
@pytest.mark.parametrize("dates", ["remove", "shift", "keep"])
def test_versions_of_codes_stay_whatever_dates_says(options: dict[str, object], dates: str, tmp_path: Path) -> None:
    header = base(person(64))
    header.ProcedureCodeSequence = Sequence([coded("20020904"), coded(header.PatientBirthDate)])
    header = reread(header)
    after, changes = scrubbed(header, **{**options, "dates": dates})
    version, born = after.ProcedureCodeSequence
    assert (version.ContextGroupVersion, version.ContextGroupLocalVersion, version.CodingSchemeVersion) == (("20020904",) * 3)
    assert dates == "keep" or header.PatientBirthDate not in {born.ContextGroupVersion, born.ContextGroupLocalVersion}
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def coded(version: str, meaning: str = "CT of thorax") -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = "1", "99LOCAL", meaning
    made.ContextGroupVersion = made.ContextGroupLocalVersion = made.CodingSchemeVersion = version
    made.ContextIdentifier, made.MappingResource = "29", "DCMR"
    return made


@OPTIONS
def test_tracking_identifiers_are_mapped_and_stay_apart(options: dict[str, object], tmp_path: Path) -> None:
    header = base(person(65))
    header.SegmentSequence = Sequence([Dataset(), Dataset(), Dataset(), Dataset()])
    values = ("Zemvane 4711-A", "Zemvane 4711-B", "Zemvane 4711-A", "Lesion 1")
    for item, value in zip(header.SegmentSequence, values, strict=True):
        item.TrackingID, item.TrackingUID = value, f"1.2.826.0.1.3680043.10.5.9.{len(value)}"
    header.SeriesDescription = "Lesion 1 of the liver"
    header = reread(header)
    after, changes = scrubbed(header, **options)
    one, other, again, plain = (item.TrackingID for item in after.SegmentSequence)
    assert one == again != other
    assert all(new and "[" not in new for new in (one, other, plain))
    assert not {one, other} & set(values)
    assert after.get("SeriesDescription", "Lesion 1 of the liver") == "Lesion 1 of the liver"
    assert after.SegmentSequence[0].TrackingUID == after.SegmentSequence[2].TrackingUID != ""
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("retain", [[], ["device_identity"]])
def test_numbers_of_retained_devices_stay_in_text(retain: list[str], tmp_path: Path) -> None:
    header = base(person(66))
    header.DeviceSerialNumber, header.DetectorID, header.StationName = "45121", "DET-551277", "CTAWP73361"
    header.ImageComments = "Detector DET-551277 on SN 45121, station CTAWP73361. Serial number 99887. Dr. Osterhaus"
    header = reread(header)
    after, changes = scrubbed(header, clean=CLEAN, retain=retain)
    for number in ("45121", "DET-551277", "CTAWP73361"):
        assert (number in after.ImageComments) == bool(retain)
    assert "99887" not in after.ImageComments
    assert "Osterhaus" not in after.ImageComments
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@OPTIONS
@pytest.mark.parametrize("keyword", ["FilmDestination", "PrintQueueID", "ComponentWelderIDs", "UniformResourceLocatorTrial"])
def test_who_prints_welds_or_hosts_goes(keyword: str, options: dict[str, object], tmp_path: Path) -> None:
    header = base(person(67))
    setattr(header, keyword, "OSTERHAUS")
    after, _ = scrubbed(reread(header), **options)
    assert keyword not in after


@pytest.mark.parametrize(
    "keyword", ["IdentificationDescriptionTrial", "CompressionDescription", "CalibrationNotes", "TestResultComment"]
)
def test_retired_and_rare_free_text_is_removed_or_cleaned(keyword: str) -> None:
    header = base(person(68))
    setattr(header, keyword, "No effusion, Osterh")
    before = reread(header)
    assert keyword not in scrubbed(before)[0]
    assert str(scrubbed(before, clean=CLEAN)[0][keyword].value).startswith("No effusion")
