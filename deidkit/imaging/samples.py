"""Whether the samples of an object are a picture, and whether two frames hold the same.

Segmentations, parametric maps and dose grids have frames as images do, but their samples are labels and measurements: a box of
black in them is a tumour lost or a dose of zero. They are looked at and never altered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deidkit.headers.raw_elements import UNDECLARED, text_of
from deidkit.image import Array

if TYPE_CHECKING:
    from pydicom import Dataset

NOT_PICTURES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.30",  # Parametric Map Storage
        "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation Storage
        "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation Storage
        "1.2.840.10008.5.1.4.1.1.66.8",  # Height Map Segmentation Storage
        "1.2.840.10008.5.1.4.1.1.77.1.5.8",  # Ophthalmic Optical Coherence Tomography B-scan Volume Analysis Storage
        "1.2.840.10008.5.1.4.1.1.81.1",  # Ophthalmic Thickness Map Storage
        "1.2.840.10008.5.1.4.1.1.82.1",  # Corneal Topography Map Storage
        "1.2.840.10008.5.1.4.1.1.481.2",  # RT Dose Storage
    }
)
"""Storage classes whose frames hold labels or measurements (PS3.3)."""

TELLING = (0x00620002, 0x3004000E)
"""Segment Sequence and Dose Grid Scaling, which no object has whose samples are a picture."""

_SOP_CLASS, _MEDIA_CLASS = 0x00080016, 0x00020002


def are_a_picture(header: Dataset) -> bool:
    """What the header says. One sign that the samples are none outweighs all others, so that nothing is lost by a lie."""
    if any(tag in header for tag in TELLING):
        return False
    stated = [(header, _SOP_CLASS), (getattr(header, "file_meta", None), _MEDIA_CLASS)]
    elements = [dataset.get_item(tag) for dataset, tag in stated if dataset is not None]
    return not any(text_of(element, UNDECLARED).strip(" \0") in NOT_PICTURES for element in elements if element is not None)


def bits(samples: Array) -> Array:
    """Floating point samples as unsigned integers of the same bits: NaN then equals itself, and minus zero is not zero."""
    return np.ascontiguousarray(samples).view(f"u{samples.dtype.itemsize}") if samples.dtype.kind == "f" else samples


def identical(one: Array, other: Array) -> bool:
    """Whether shape, type and every bit are the same."""
    return one.shape == other.shape and one.dtype == other.dtype and bool(np.array_equal(bits(one), bits(other)))
