"""From a header to the built-in profile, as `deidkit run` chooses without being told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom import Dataset
from pydicom import uid as uids

import deidkit_modality
from deidkit.errors import ItemError
from deidkit.image import Frame
from deidkit.profiles.profile_set import ProfileSet
from deidkit.profiles.selection import choose
from deidkit.registry import Registry, installed
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


class Slice:
    """An image of one frame: samples as stored, and shown between their least and largest value."""

    path = Path("x")
    carriers = ()
    is_picture = True
    frame_count = 1

    def __init__(self, samples: np.ndarray, header: Dataset) -> None:
        self.header, self._samples = header, samples

    def frame(self, index: int) -> Frame:
        return Frame(index, self._samples.shape[:2], lambda: self._samples, {"default": shown}, lambda _: (0,))

    def frames(self) -> Iterator[Frame]:
        return iter([self.frame(0)])


def shown(samples: np.ndarray) -> np.ndarray:
    low, high = int(samples.min()), int(samples.max())
    return ((samples.astype(np.float64) - low) * 255 / max(1, high - low)).astype(np.uint8)


def made_series() -> dict[str, np.ndarray]:
    """What one series may hold, 12 bits deep: nothing, noise, a phantom, a mosaic and a gradient."""
    random = np.random.default_rng(4)
    y, x = np.mgrid[-128:128, -128:128]
    phantom = np.where(x * x + y * y < 100 * 100, 1500, 0)
    phantom[(np.abs(x) % 40 < 12) & (np.abs(y) % 40 < 12)] //= 3
    disc = np.where((x * x + y * y < 110 * 110), random.normal(900, 120, x.shape), 0)
    small = cv2.resize(disc, (64, 64), interpolation=cv2.INTER_AREA)
    slices = {
        "nothing": np.full(x.shape, 3),
        "noise": np.hypot(random.normal(0, 20, x.shape), random.normal(0, 20, x.shape)),
        "phantom": phantom + random.normal(30, 8, x.shape),
        "mosaic": np.tile(small, (4, 4)) + np.abs(random.normal(0, 15, x.shape)),
        "gradient": (x + 128) * 14 + random.normal(30, 4, x.shape),
    }
    return {name: np.clip(samples, 0, 4095).astype(np.uint16) for name, samples in slices.items()}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.of({"modality": deidkit_modality})


SERIES = [
    (uids.CTImageStorage, "CT", "ct_mr"),
    (uids.EnhancedCTImageStorage, "CT", "ct_mr"),
    (uids.MRImageStorage, "MR", "ct_mr"),
    (uids.EnhancedMRImageStorage, "MR", "ct_mr"),
    (uids.PositronEmissionTomographyImageStorage, "PT", "nm_pt"),
    (uids.DigitalXRayImageStorageForPresentation, "DX", "xr"),
]


@pytest.mark.parametrize(("sop", "modality", "name"), SERIES)
@pytest.mark.parametrize("threshold", [None, 1.0], ids=["shipped", "never sure"])
def test_a_series_gets_the_profile_of_its_certain_header(
    sop: str, modality: str, name: str, threshold: float | None, profiles: ProfileSet, registry: Registry
) -> None:
    classify = registry.build("classifier", "modality", {"threshold": threshold}).classify
    found = {
        kind: choose(classify(Slice(samples, header(sop, modality))), profiles).name for kind, samples in made_series().items()
    }
    assert found == dict.fromkeys(found, name)


def screen(ink: int, lines: int) -> np.ndarray:
    """Lines of a dose report, RGB, ``ink`` on its opposite."""
    shot = np.full((700, 900, 3), 255 - ink, np.uint8)
    for y in range(40, 40 + 18 * lines, 18):
        text = "Total DLP 512 mGy cm   series 4 scan range 120 to 480   kV 120"
        cv2.putText(shot, text, (20, y), 0, 0.5, (ink, ink, ink), 1, cv2.LINE_AA)
    return shot


@pytest.mark.parametrize(("sop", "modality"), [row[:2] for row in SERIES])
@pytest.mark.parametrize("shot", [screen(0, 35), screen(255, 6)], ids=["page", "screen"])
def test_a_page_or_a_screen_among_a_series_gets_the_strictest(
    sop: str, modality: str, shot: np.ndarray, profiles: ProfileSet, registry: Registry
) -> None:
    labels = registry.build("classifier", "modality", {}).classify(Slice(shot, header(sop, modality)))
    assert choose(labels, profiles).name == "strict"


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422", "PALETTE COLOR"])
@pytest.mark.parametrize(("sop", "modality"), [row[:2] for row in SERIES if row[1] != "MR"])
def test_a_screen_taken_for_another_modality_gets_the_strictest_where_the_class_is_grey(
    sop: str, modality: str, photometric: str, profiles: ProfileSet, registry: Registry
) -> None:
    made = header(sop, modality, PhotometricInterpretation=photometric)
    labels = registry.build("classifier", "modality", {}).classify(Slice(screen(255, 35), made))
    assert choose(labels, profiles).name == "strict"


@pytest.mark.parametrize(
    ("sop", "photometric", "certain"),
    [
        (uids.MRImageStorage, "MONOCHROME2", True),
        (uids.MRImageStorage, "MONOCHROME1", True),
        (uids.MRImageStorage, "RGB", False),
        (uids.EnhancedMRImageStorage, "PALETTE COLOR", False),
        (uids.EnhancedMRColorImageStorage, "RGB", True),
    ],
)
def test_a_header_is_certain_of_the_colours_that_its_class_allows(sop: str, photometric: str, certain: bool) -> None:
    labels = header_labels(header(sop, "MR", PhotometricInterpretation=photometric))
    assert (labels.modality.value, labels.modality.confidence == 1.0) == ("MR", certain)
