"""Options of the DICOM format."""

from __future__ import annotations

from typing import Literal

from deidkit.components import Options


class DicomOptions(Options):
    lossless: Literal["same", "explicit", "jpegls", "j2k", "rle"] = "same"
    """How edited frames of a compressed image are written: in the lossless syntax of the input's own family (Explicit VR Little
    Endian where there is none), always Explicit VR Little Endian, JPEG-LS, JPEG 2000 or RLE. Uncompressed images stay
    uncompressed in their own byte order."""

    documents: Literal["refuse", "remove"] = "refuse"
    """What happens to an encapsulated document (PDF, CDA, STL) that is still in the header when an object without pixels is
    written: the file goes to quarantine, or the document is removed. Images never keep one."""

    dct: bool = True
    """Blank regions of JPEG Baseline frames in the DCT domain, so that all other blocks keep their bits. Otherwise such images
    are decoded and written losslessly."""
