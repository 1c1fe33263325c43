"""Scrubber and sweep agree: what the scrubber made, the sweep lets pass, whatever the object and the options are."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from ps315_corpus import ROOT, base
from ps315_random import WHO, Drawn, cases
from ps315_running import failures, reread, scrubbed, swept
from pydicom import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from deidkit.errors import UnreadableFile
from deidkit_ps315.standard.value_form import is_malformed
from deidkit_ps315.sweep.leaves import leaves

EXAMPLES = int(os.environ.get("DEIDKIT_EXAMPLES", "60"))
"""A larger number for a longer search, as before a release."""


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_what_is_scrubbed_passes_the_sweep(case: Drawn, tmp_path_factory: pytest.TempPathFactory) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = reread(case.header)
        if any(is_malformed(leaf.element, leaf.element.VR) for leaf in leaves(before)):
            with suppress(UnreadableFile):
                agree(before, case, tmp_path_factory)
        else:
            agree(before, case, tmp_path_factory)


def agree(before: Dataset, case: Drawn, factory: pytest.TempPathFactory) -> None:
    after, changes = scrubbed(before, **case.options.model_dump())
    assert failures(swept(before, after, changes, Path(factory.getbasetemp()) / "agreement.dcm")) == []


def passes(header: Dataset, path: Path, **options: Any) -> Dataset:
    """The scrubbed header, which the sweep let pass."""
    before = reread(header)
    after, changes = scrubbed(before, **options)
    assert failures(swept(before, after, changes, path / "file.dcm")) == []
    return after


NUMBER = WHO.number.replace("-", "")


def test_the_patients_number_goes_from_fields_for_numbers(tmp_path: Path) -> None:
    header = base(WHO)
    header.PulseRate = header.PatientWeight = NUMBER
    header.SliceThickness, header.TriggerTime = f"{NUMBER}.5", f"0.{NUMBER}"
    after = passes(header, tmp_path, retain=["patient_characteristics"])
    assert not after.get("PatientWeight")
    assert (str(after.SliceThickness), str(after.TriggerTime)) == (f"{NUMBER}.5", f"0.{NUMBER}")


@pytest.mark.parametrize("value", [f"x {WHO.number} y".encode(), f"MRN {NUMBER}".encode(), f"{ROOT}.4711.8.15.77".encode()])
@pytest.mark.parametrize("keyword", ["LongPrimitivePointIndexList", "SelectorOVValue", "FilterLookupTableData"])
def test_figures_written_where_tables_of_numbers_should_be_go(tmp_path: Path, keyword: str, value: bytes) -> None:
    header = base(WHO)
    header.FrameOfReferenceUID = f"{ROOT}.4711.8.15.77"
    header.add(DataElement(keyword, dictionary_VR(keyword), value + bytes(-len(value) % 8), validation_mode=0))
    passes(header, tmp_path)


def test_dates_in_text_stay_where_dates_are_kept_but_for_that_of_birth(tmp_path: Path) -> None:
    header = base(WHO)
    header.GeneticModificationsDescription = f"{WHO.seen}, stable"
    assert passes(header, tmp_path, dates="keep").GeneticModificationsDescription == f"{WHO.seen}, stable"
    header.GeneticModificationsDescription = f"{WHO.born}, stable"
    assert WHO.born not in passes(header, tmp_path, dates="keep").GeneticModificationsDescription


def test_a_uid_that_the_table_does_not_retain_is_replaced_beside_retained_ones(tmp_path: Path) -> None:
    header = base(WHO)
    header.FrameOfReferenceUID, header.DigitalSignatureUID = f"{ROOT}.1.77", f"{ROOT}.2.77"
    after = passes(header, tmp_path, retain=["uids"])
    assert (after.FrameOfReferenceUID, after.DigitalSignatureUID == f"{ROOT}.2.77") == (f"{ROOT}.1.77", False)


def test_a_name_of_clinical_words_goes_as_a_whole(tmp_path: Path) -> None:
    header = base(WHO)
    header.OperatorsName = header.ImplantSize = "x Brown y"
    assert "Brown" not in passes(header, tmp_path).ImplantSize


def test_a_date_that_is_the_dummy_already_may_stay(tmp_path: Path) -> None:
    header = base(WHO, "1.2.840.10008.5.1.4.1.1.481.4")
    header.SourceStrengthReferenceDate = "19000101"
    passes(header, tmp_path)


@pytest.mark.parametrize(("text", "same"), [("5.000000", "x 5.000000 y"), ("left SpinalCord", "left SpinalCord, stable")])
def test_a_listed_value_of_words_and_measures_may_stand_elsewhere(tmp_path: Path, text: str, same: str) -> None:
    header = base(WHO)
    header.DeviceAlternateIdentifier, header.ImplantTemplateGroupDescription = text, same
    assert passes(header, tmp_path).ImplantTemplateGroupDescription == same


def test_what_the_site_wants_cleaned_may_turn_out_clean(tmp_path: Path) -> None:
    header = base(WHO)
    header.PatientBirthName = "Chest"
    passes(header, tmp_path, doubt="keep", attributes={"PatientBirthName": "clean"})


def test_what_is_harmless_as_a_number_is_no_harmless_text(tmp_path: Path) -> None:
    header = base(WHO)
    header.KVP, header.FilterType = WHO.seen, WHO.seen
    after = passes(header, tmp_path, dates="shift")
    assert (str(after.KVP), WHO.seen in after.FilterType) == (WHO.seen, False)


@pytest.mark.parametrize("doubt", ["keep", "remove"])
@pytest.mark.parametrize("keyword", ["ImageComments", "ImplantTemplateGroupDescription", "FilterType"])
def test_a_listed_value_goes_wherever_it_is_repeated(keyword: str, doubt: str, tmp_path: Path) -> None:
    header = base(WHO)
    header.DeviceAlternateIdentifier = "Zorbla Wex"
    header.add(DataElement(keyword, dictionary_VR(keyword), "x Zorbla Wex y"))
    after = passes(header, tmp_path, doubt=doubt, clean=["descriptors"])
    assert "Zorbla" not in str(after[keyword].value)


def test_a_listed_value_of_an_item_goes_from_bytes(tmp_path: Path) -> None:
    header, item = base(WHO), Dataset()
    item.DeviceAlternateIdentifier = "Zorbla Wex"
    header.SourceImageSequence = Sequence([item])
    header.add(DataElement("FilterLookupTableData", "OB", b"of Zorbla Wex!\0"))
    assert "Zorbla" not in str(passes(header, tmp_path, doubt="keep"))


def test_an_identifier_written_as_a_date_that_is_kept_is_not_that_date(tmp_path: Path) -> None:
    header = base(WHO)
    header.PerformedProcedureStepID = f"{WHO.seen[:4]}-{WHO.seen[4:6]}-{WHO.seen[6:]}"
    assert passes(header, tmp_path, dates="keep").StudyDate == WHO.seen
