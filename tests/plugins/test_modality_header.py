from __future__ import annotations

import pytest
from pydicom import Dataset
from pydicom import uid as uids

from deidkit.types import KINDS, MODALITIES
from deidkit_modality.header_rules import RETIRED, header_labels
from deidkit_modality.manufacturers import MANUFACTURERS, normalise
from deidkit_modality.sop_classes import BY_KEYWORD, LATER


def header(sop: str | None = None, modality: str | None = None, **more: object) -> Dataset:
    made = Dataset()
    if sop is not None:
        made.SOPClassUID = sop
    if modality is not None:
        made.Modality = modality
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("made", "modality", "kind"),
    [
        (header(), None, None),
        (header(uids.CTImageStorage, "CT"), "CT", "image"),
        (header(uids.CTImageStorage), "CT", "image"),
        (header(uids.CTImageStorage, "OT"), "CT", "image"),
        (header(uids.CTImageStorage, "ZZ"), "CT", "image"),
        (header(uids.UltrasoundMultiFrameImageStorage, "US "), "US", "image"),
        (header(uids.DigitalXRayImageStorageForPresentation, "PX"), "PX", "image"),
        (header(uids.SecondaryCaptureImageStorage, "CT"), "CT", "capture"),
        (header(uids.SecondaryCaptureImageStorage, "OT"), None, "capture"),
        (header(uids.CTImageStorage, "CT", ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]), "CT", "capture"),
        (header(uids.CTImageStorage, "CT", ConversionType="WSD"), "CT", "capture"),
        (header(uids.CTImageStorage, "CT", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), None, "image"),
        (header(uids.MRImageStorage, "MR", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), "MR", "image"),
        (
            header(uids.VLWholeSlideMicroscopyImageStorage, "SM", ImageType=["ORIGINAL", "PRIMARY", "LABEL", "NONE"]),
            "SM",
            "label",
        ),
        (header(uids.VLWholeSlideMicroscopyImageStorage, "SM", ImageType=["ORIGINAL", "PRIMARY", "VOLUME"]), "SM", "image"),
        (header(uids.BasicTextSRStorage, "SR"), "SR", "sr"),
        (header(uids.EncapsulatedPDFStorage, "DOC"), "DOC", "document"),
        (header(uids.BasicVoiceAudioWaveformStorage, "AU"), "AU", "audio"),
        (header("1.3.46.670589.5.0.2", "US"), "US", "private"),
        (header("1.2.840.10008.1.1", "US"), "US", "other"),
        (header(uids.SegmentationStorage, "MR"), "MR", "seg"),
        (header("1.2.840.10008.5.1.4.1.1.66.7", "SEG"), "SEG", "seg"),
        (header(uids.ParametricMapStorage, "MR"), "MR", "map"),
        (header(None, "US"), "US", None),
        (header(uids.XRayRadiofluoroscopicImageStorage, "DF"), "RF", "image"),
    ],
)
def test_labels(made: Dataset, modality: str | None, kind: str | None) -> None:
    labels = header_labels(made)
    assert (labels.modality.value, labels.kind.value, labels.conflict) == (modality, kind, False)


def test_a_dose_without_a_grid_is_one_of_the_objects_without_pixels() -> None:
    assert header_labels(header(uids.RTDoseStorage, "RTDOSE")).kind.value == "map"
    assert header_labels(header(uids.RTDoseStorage, "RTDOSE"), has_pixels=False).kind.value == "rt"
    assert header_labels(header(uids.CTImageStorage, "CT"), has_pixels=False).kind.value == "image"


def test_modality_and_sop_class_that_disagree_are_a_conflict() -> None:
    assert header_labels(header(uids.CTImageStorage, "US")).conflict
    assert not header_labels(header(uids.SecondaryCaptureImageStorage, "US")).conflict


def test_data_set_and_file_meta_that_disagree_are_a_conflict() -> None:
    made = header(uids.CTImageStorage, "CT")
    made.file_meta = Dataset()
    made.file_meta.MediaStorageSOPClassUID = uids.CTImageStorage
    assert not header_labels(made).conflict
    made.file_meta.MediaStorageSOPClassUID = uids.SecondaryCaptureImageStorage
    assert header_labels(made).conflict


def test_manufacturer_is_a_word_of_the_closed_list() -> None:
    assert normalise("GE MEDICAL SYSTEMS") == "ge"
    assert normalise("GENESIS_SIGNA") == "ge"
    assert normalise("TOSHIBA_MEC") == "canon"
    assert normalise("Dr. Jane Doe") == "other"
    assert normalise(" 12 ") is None
    labels = header_labels(header(uids.CTImageStorage, "DOE JANE", Manufacturer="Doe^Jane"))
    assert labels.manufacturer.value == "other"
    assert "doe" not in repr(labels).lower()


def test_vocabularies_hold_everything_that_can_come_out() -> None:
    for meaning in BY_KEYWORD.values():
        assert meaning.kind in KINDS
        assert set(meaning.modalities) <= set(MODALITIES)
    assert set(RETIRED.values()) <= set(MODALITIES)
    assert set(BY_KEYWORD) <= {uids.UID(known).keyword for known in uids.UID_dictionary} | set(LATER.values())
    assert {"ge", "siemens", "other"} <= set(MANUFACTURERS)


def test_values_that_cannot_be_read_leave_the_label_unsure() -> None:
    class Broken(Dataset):
        def get(self, *_: object) -> object:
            raise ValueError("bytes")

    assert header_labels(Broken()).values() == header_labels(Dataset()).values()
