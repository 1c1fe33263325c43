"""Names of structures and words of protocols stay in cleaned text, people's do not; structures keep names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from ps315_corpus import base, person
from ps315_running import failures, reread, scrubbed, swept
from pydicom import Dataset
from pydicom.sequence import Sequence

from deidkit_ps315.text.nomenclature import _words, find_nomenclature
from deidkit_ps315.text.vocabulary import names

WHO = person(5)
STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
_BASE_NAMES = (
    "BrachialPlex OpticNrv OpticChiasm Glnd_Submand Glnd_Lacrimal Musc_Constrict Lig_Hepatogastrc A_Brachioceph V_Venacava "
    "GreatVes SeminalVes CaudaEquina Chestwall Bag_Bowel Spc_Retrophar Cartlg_Thyroid Cricopharyngeus Joint_Glenohum "
    "LN_Inguinofem LN_Sclav PancJejuno PubicSymphys Strct_Suprapatel Nrv_Root Bone_Mandible Lobe_Temporal Rib Pons "
    "SpinalCord Lung Kidney"
)
BASE_NAMES = _BASE_NAMES.split()
_TARGETS = (
    "GTV GTVp GTVn2 CTV CTVn1 CTVsb ITV IGTV PTV PTVp1 PTVopt PTV_High PTV_7000 PTV1_5040 Lungs-PTV zPTV_Opt zRing_5mm GTV-1"
)
TARGETS = _TARGETS.split()
_PROTOCOLS = (
    "UTE moco func nback func_rest_moco task-nback_run-01 cmrr_mbep2d_bold ep2d_diff_moco t1_mprage_sag fieldmap topup sbref "
    "phasediff MTsat stroop gonogo retinotopy eyesclosed trufisp 4Dflow stackofstars MRAC umap PETRA"
)
PROTOCOLS = _PROTOCOLS.split()


def clean(made: Dataset, path: Path) -> Dataset:
    before = reread(made)
    after, changes = scrubbed(before, clean=["descriptors"])
    assert failures(swept(before, after, changes, path / "file.dcm")) == []
    return after


@pytest.mark.parametrize("form", ["{}", "{}_L", "{}_R_PRV05", "z{}"])
def test_names_of_structures_stay(tmp_path: Path, form: str) -> None:
    wanted = [form.format(name) for name in BASE_NAMES]
    assert roi_names(clean(structures(wanted), tmp_path)) == wanted


def test_names_of_targets_stay(tmp_path: Path) -> None:
    assert roi_names(clean(structures(TARGETS), tmp_path)) == TARGETS


@pytest.mark.parametrize("word", PROTOCOLS)
def test_words_of_protocols_stay(tmp_path: Path, word: str) -> None:
    header = base(WHO)
    header.SeriesDescription, header.ProtocolName = word, f"{word} 2mm"
    after = clean(header, tmp_path)
    assert (after.SeriesDescription, after.ProtocolName) == (word, f"{word} 2mm")


def test_no_word_of_the_list_is_what_people_are_called() -> None:
    assert sorted(word for word in _words() if word in names()) == []


@pytest.mark.parametrize("text", ["seen by Ute", "UTE MEIER", "OMAR HASSAN", "Ute", "Dr. Omar"])
def test_people_are_no_nomenclature(text: str) -> None:
    assert find_nomenclature(text) == []


def test_the_patients_name_goes_although_it_is_a_word_of_protocols(tmp_path: Path) -> None:
    header = base(WHO)
    header.PatientName = "Moco^Ute"
    header.SeriesDescription = "scan of MOCO, UTE"
    assert "MOCO" not in clean(header, tmp_path).SeriesDescription


def structures(wanted: list[str]) -> Dataset:
    header = base(WHO, STRUCTURE_SET)
    items = []
    for number, name in enumerate(wanted, 1):
        item = Dataset()
        item.ROINumber, item.ROIName = number, name
        items.append(item)
    header.StructureSetROISequence = Sequence(items)
    return header


def roi_names(header: Dataset) -> list[str]:
    return [str(item.ROIName) for item in header.StructureSetROISequence]


def test_no_two_structures_end_with_one_name(tmp_path: Path) -> None:
    doctor = WHO.doctor.split("^")[0]
    wanted = [WHO.family, doctor, "Liver", f"Dr. {doctor}", f"{WHO.family}_L", f"{doctor}_L", f"[NAME] 2 {WHO.given}"]
    found = roi_names(clean(structures(wanted), tmp_path))
    assert len(set(found)) == len(found)
    assert found[:3] == ["[NAME]", "[NAME] 2", "Liver"]


def test_structures_of_one_name_keep_one_name(tmp_path: Path) -> None:
    assert roi_names(clean(structures(["Liver", "Liver", WHO.family, WHO.family]), tmp_path)) == [
        "Liver",
        "Liver",
        "[NAME]",
        "[NAME]",
    ]


def test_long_names_are_told_apart_within_their_length(tmp_path: Path) -> None:
    long = "liver " * 10
    found = roi_names(clean(structures([f"{long}{WHO.family}"[:64], f"{long}{WHO.given}"[:64]]), tmp_path))
    assert len(set(found)) == 2
    assert max(map(len, found)) <= 64
