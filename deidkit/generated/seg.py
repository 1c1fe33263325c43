"""The regions of generated pixels as a DICOM Segmentation of its own, beside the image (PS3.3 A.51, by highdicom)."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from pydicom.multival import MultiValue

from deidkit import __version__
from deidkit.errors import EnvironmentFault
from deidkit.image import Array
from deidkit.types import Check, Edit, Status

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.keys import Keys

LABEL = "Generated pixels"
SERIES_NUMBER = 9901
MOST_SAMPLES = 1 << 28
"""Frames x rows x columns beyond which no segmentation is made, as its mask would not fit in memory beside the image."""
DEIDENTIFIED = (
    "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
)  # fmt: skip
NO_DATE, NO_TIME = "19000101", "000000"
DATE = re.compile(r"\d{8}")


def check_installed() -> None:
    """Raises EnvironmentFault where highdicom is missing."""
    if find_spec("highdicom") is None:
        raise EnvironmentFault("record: seg needs highdicom: pip install 'deidkit-imaging[seg]'")


def generated_regions(header: Dataset, edits: Sequence[Edit], frames: int, keys: Keys) -> Dataset | None:
    """One binary segment that covers every generated patch, or None where none can be made or is asked for.

    None can be made for raster files, for objects of several frames without a Frame of Reference, which highdicom refuses, for
    headers that lack what a segmentation has to copy, and for masks of more than ``MOST_SAMPLES``; the private block of
    ``provenance`` holds the regions of those.

    Args:
        header: of the image, scrubbed. Patient and study are copied from it, and nothing else but references.
        frames: how many the image has.
        keys: UIDs are derived from the image's, so that the same image gives the same segmentation.
    """
    made = [edit for edit in edits if edit.generated and edit.record == "seg"]
    if not made or "SOPClassUID" not in header or (frames > 1 and "FrameOfReferenceUID" not in header):
        return None
    rows, columns = int(header.Rows), int(header.Columns)
    if frames * rows * columns > MOST_SAMPLES:
        return None
    mask = np.zeros((frames, rows, columns), np.bool_)
    for edit in made:
        for x0, y0, x1, y1 in (patch.box for patch in edit.patches):
            mask[edit.frame, y0:y1, x0:x1] = True
    try:
        return _settled(_segmentation(_in_unicode(header), mask, keys), header, keys)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def checks(edits: Sequence[Edit], made: bool) -> tuple[Check, ...]:
    """A warning where a segmentation was asked for and none could be made."""
    if made or not any(edit.generated and edit.record == "seg" for edit in edits):
        return ()
    return (Check("segmentation", Status.WARNED, "no segmentation could be made of this object"),)


def _in_unicode(header: Dataset) -> Dataset:
    """``header``, or a copy in UTF-8 where it has several character sets, which highdicom refuses."""
    if not isinstance(header.get("SpecificCharacterSet"), MultiValue):
        return header
    made = copy.deepcopy(header)
    for _ in made.iterall():  # reads every value while its own character sets still stand
        pass
    made.SpecificCharacterSet = "ISO_IR 192"
    return made


def _segmentation(header: Dataset, mask: Array, keys: Keys) -> Dataset:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
    from pydicom.sr.coding import Code

    segment = SegmentDescription(
        1,
        LABEL,
        Code("309825002", "SCT", "Spatial and Relational Concept"),
        Code("generated-pixels", "99DEIDKIT", "Regions replaced by generated pixels"),
        SegmentAlgorithmTypeValues.AUTOMATIC,
        AlgorithmIdentificationSequence("deidkit", Code("inpainting", "99DEIDKIT", "Inpainting"), __version__),
    )
    return Segmentation(
        [header], mask, SegmentationTypeValues.BINARY, [segment], keys.uid(f"seg series {header.SeriesInstanceUID}"),
        SERIES_NUMBER, keys.uid(f"seg {header.SOPInstanceUID}"), _number(header), "deidkit", "deidkit", __version__, "none",
        content_label="GENERATED_PIXELS", omit_empty_frames=True,
    )  # fmt: skip


def _number(header: Dataset) -> int:
    """Instance Number of the image, 1 where it has none."""
    try:
        return max(1, int(header.get("InstanceNumber") or 1))
    except ValueError:
        return 1


def _settled(made: Dataset, header: Dataset, keys: Keys) -> Dataset:
    """Without anything that another run would write otherwise, or that tells when and on which device the image was made."""
    for name in ("InstanceCreationDate", "InstanceCreationTime", "ContributingEquipmentSequence"):
        if name in made:
            delattr(made, name)
    dates = (str(header.get(name) or "") for name in ("ContentDate", "SeriesDate", "StudyDate"))
    made.ContentDate, made.ContentTime = next((date for date in dates if DATE.fullmatch(date)), NO_DATE), NO_TIME
    organisation = keys.uid(f"seg dimensions {header.SOPInstanceUID}")
    for item in (*made.DimensionOrganizationSequence, *made.DimensionIndexSequence):
        item.DimensionOrganizationUID = organisation
    if "FrameOfReferenceUID" not in header and "PatientOrientation" not in made:
        made.PatientOrientation = None
    made.BurnedInAnnotation = "NO"
    for name in DEIDENTIFIED:
        if name in header:
            made[name] = header[name]
    return made
