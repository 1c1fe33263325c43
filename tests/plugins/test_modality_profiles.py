"""From a header to the built-in profile, as `deidkit run` chooses without being told."""

from __future__ import annotations

import pytest
from pydicom import Dataset
from pydicom import uid as uids

from deidkit.errors import ItemError
from deidkit.profiles.profile_set import ProfileSet
from deidkit.profiles.selection import choose
from deidkit.registry import installed
from deidkit_modality.header_rules import header_labels


@pytest.fixture(scope="module")
def profiles() -> ProfileSet:
    return ProfileSet.load(installed())


def header(sop: str, modality: str, **more: object) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.Modality = sop, modality
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (header(uids.ComputedRadiographyImageStorage, "CR"), "xr"),
        (header(uids.DigitalXRayImageStorageForPresentation, "DX"), "xr"),
        (header(uids.XRayAngiographicImageStorage, "XA"), "xr"),
        (header(uids.CTImageStorage, "CT"), "ct_mr"),
        (header(uids.EnhancedMRImageStorage, "MR"), "ct_mr"),
        (header(uids.UltrasoundMultiFrameImageStorage, "US"), "us"),
        (header(uids.DigitalMammographyXRayImageStorageForPresentation, "MG"), "mg"),
        (header(uids.DigitalIntraOralXRayImageStorageForPresentation, "IO"), "dental"),
        (header(uids.DigitalXRayImageStorageForPresentation, "PX"), "dental"),
        (header(uids.NuclearMedicineImageStorage, "NM"), "nm_pt"),
        (header(uids.PositronEmissionTomographyImageStorage, "PT"), "nm_pt"),
        (header(uids.VLEndoscopicImageStorage, "ES"), "es"),
        (header(uids.VLPhotographicImageStorage, "XC"), "photo"),
        (header(uids.OphthalmicPhotography8BitImageStorage, "OP"), "photo"),
        (header(uids.VLWholeSlideMicroscopyImageStorage, "SM", ImageType=["ORIGINAL", "PRIMARY", "VOLUME"]), "sm"),
        (header(uids.SecondaryCaptureImageStorage, "CT"), "capture"),
        (header(uids.SegmentationStorage, "SEG"), "seg"),
        (header(uids.RTDoseStorage, "RTDOSE"), "map"),
        (header(uids.ParametricMapStorage, "MR"), "map"),
        (header(uids.SpatialRegistrationStorage, "REG"), "registration"),
        (header(uids.MRSpectroscopyStorage, "MR"), "measurement"),
        (header(uids.HangingProtocolStorage, ""), "protocol"),
        (header(uids.BasicTextSRStorage, "SR"), "sr"),
        (header(uids.RTStructureSetStorage, "RTSTRUCT"), "rt"),
        (header(uids.GrayscaleSoftcopyPresentationStateStorage, "PR"), "pr"),
        (header(uids.TwelveLeadECGWaveformStorage, "ECG"), "waveform"),
        (header(uids.CTImageStorage, "CT", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]), "strict"),
        (header(uids.CTImageStorage, "US"), "strict"),
        (Dataset(), "strict"),
    ],
    ids=lambda given: given if isinstance(given, str) else str(given.get("Modality")),
)
def test_the_profile_of_a_header(made: Dataset, name: str, profiles: ProfileSet) -> None:
    assert choose(header_labels(made), profiles).name == name


@pytest.mark.parametrize("kinds", [["ORIGINAL", "PRIMARY", "LABEL"], ["ORIGINAL", "PRIMARY", "OVERVIEW"]])
def test_the_paper_label_of_a_slide_is_quarantined(kinds: list[str], profiles: ProfileSet) -> None:
    made = header(uids.VLWholeSlideMicroscopyImageStorage, "SM", ImageType=kinds)
    with pytest.raises(ItemError):
        choose(header_labels(made), profiles)
