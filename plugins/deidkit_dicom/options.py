"""Options of the DICOM format."""

from __future__ import annotations

from typing import Literal

from deidkit.components import Options


class DicomOptions(Options):
    lossless: Literal["same", "explicit", "jpegls", "j2k", "rle"] = "same"
    """Transfer syntax of compressed images with edited frames. ``same``: the lossless syntax of the input's family, or Explicit
    VR Little Endian if there is none. Otherwise always Explicit VR Little Endian, JPEG-LS, JPEG 2000 or RLE. Uncompressed
    images stay uncompressed in their byte order."""

    documents: Literal["refuse", "remove"] = "refuse"
    """Handling of an encapsulated document (PDF, CDA, STL) in an object without pixels: quarantine the file, or remove the
    document. Documents in images are always removed."""

    dct: bool = True
    """Blank regions of JPEG Baseline frames in the DCT domain, so that all other blocks keep their bits. Otherwise such images
    are decoded and written losslessly."""
