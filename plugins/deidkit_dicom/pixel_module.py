"""The Image Pixel module (PS3.3 C.7.6.3) of one object, read and judged once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydicom import Dataset

from deidkit.errors import UnreadableFile, UnsupportedFile
from deidkit.limits import Limits

MONO = ("MONOCHROME1", "MONOCHROME2")
ONE_SAMPLE = (*MONO, "PALETTE COLOR")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT", "XYB")
KNOWN = (*ONE_SAMPLE, *COLOUR)
PARTIAL = "YBR_PARTIAL"
"""Colour space of decoded YBR_PARTIAL_422 samples, which has no name in DICOM."""
WITHOUT_SUBSAMPLING = {"YBR_FULL_422": "YBR_FULL", "YBR_PARTIAL_422": PARTIAL}
NOT_READ = ("HSV", "ARGB", "CMYK", "YBR_PARTIAL_420")
"""Terms of PS3.3 C.7.6.3.1.2, most of them retired, whose samples have a layout that nothing here reads."""


@dataclass(frozen=True, slots=True)
class PixelModule:
    """Sizes in pixels and bits; ``planar`` is 0 (by pixel) or 1 (by plane).

    ``high_bit`` is the position of a sample's highest bit, ``overlay_bits`` a mask of the unused bits that hold overlays.
    """

    rows: int
    columns: int
    samples: int
    photometric: str
    allocated: int
    stored: int
    high_bit: int
    signed: bool
    planar: int
    frames: int
    overlay_bits: int = 0
    floating: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of one word in native byte order; what is packed closer is unpacked, single bits to bytes, 12 bits to 16."""
        width = -(-self.allocated // 8)
        kind = "f" if self.floating else "i" if self.signed and self.allocated > 1 else "u"
        return np.dtype(f"{kind}{width}")

    @property
    def subsampled(self) -> bool:
        """Whether a native frame holds one pair of chroma values for two pixels (PS3.3 C.7.6.3.1.2)."""
        return self.photometric in WITHOUT_SUBSAMPLING

    @property
    def frame_bits(self) -> int:
        """Length of one native frame in bits."""
        per_pixel = 2 if self.subsampled else self.samples
        return self.rows * self.columns * per_pixel * self.allocated

    @property
    def shift(self) -> int:
        """Position of a sample's lowest bit in its word."""
        return self.high_bit + 1 - self.stored

    @property
    def unused_bits(self) -> int:
        """Mask of the bits that belong neither to samples nor to overlays."""
        samples = (1 << self.stored) - 1 << self.shift
        return (1 << self.allocated) - 1 & ~(samples | self.overlay_bits)

    @property
    def span(self) -> tuple[int, int]:
        """Lowest and highest value that the stored bits can hold."""
        if self.signed and self.allocated > 1:
            return -(1 << (self.stored - 1)), (1 << (self.stored - 1)) - 1
        return 0, (1 << self.stored) - 1

    def decoded(self, photometric: str) -> PixelModule:
        """The module of the decoded samples: by pixel, in the colour space that the decoder gave."""
        return replace(self, photometric=photometric, planar=0)


def number(header: Dataset, keyword: str, default: int | None = None) -> int:
    """An integer attribute.

    Raises:
        UnreadableFile: missing without a default, or not a number.
    """
    try:
        value = header.get(keyword)
        if not isinstance(value, str | int | float | None):
            value = value[0] if len(value) else None
        found = None if value in (None, "") else int(value)
    except Exception:
        raise UnreadableFile("pixel-module-invalid", f"{keyword} cannot be read") from None
    if found is None and default is None:
        raise UnreadableFile("pixel-module-incomplete", f"{keyword} is missing")
    return found if found is not None else default or 0


def read_module(header: Dataset, limits: Limits) -> PixelModule:
    """Reads the module and checks sizes against ``limits``; nothing is decoded.

    Raises:
        UnreadableFile, UnsupportedFile, OverBudget.
    """
    samples = number(header, "SamplesPerPixel", 1)
    photometric = str(header.get("PhotometricInterpretation", "") or "").strip().upper()
    if not photometric and samples == 1:
        photometric = "MONOCHROME2"
    allocated = number(header, "BitsAllocated")
    stored = number(header, "BitsStored", allocated)
    high_bit = number(header, "HighBit", stored - 1)
    if not stored - 1 <= high_bit < allocated:
        # No such place in the word. Readers then take the lowest bits: pydicom, GDCM.
        high_bit = stored - 1
    module = PixelModule(
        rows=number(header, "Rows"),
        columns=number(header, "Columns"),
        samples=samples,
        photometric=photometric,
        allocated=allocated,
        stored=stored,
        high_bit=high_bit,
        signed=number(header, "PixelRepresentation", 0) == 1,
        planar=number(header, "PlanarConfiguration", 0) if samples > 1 else 0,
        frames=number(header, "NumberOfFrames", 1),
    )
    limits.check_frame(module.rows, module.columns, max(samples, 1), max(allocated, 1))
    limits.check_frames(module.frames)
    _judge(module)
    return replace(module, overlay_bits=_overlay_bits(header, module.unused_bits))


def _judge(module: PixelModule) -> None:
    if module.photometric not in KNOWN:
        name = module.photometric if module.photometric in NOT_READ else "this term, which PS3.3 does not define,"
        raise UnsupportedFile("photometric-unsupported", f"Photometric Interpretation: {name} is not read")
    if module.samples != (3 if module.photometric in COLOUR else 1):
        raise UnreadableFile("pixel-module-contradictory", "Samples per Pixel does not fit the Photometric Interpretation")
    if module.allocated not in (1, 8, 12, 16, 32):
        raise UnsupportedFile("bits-allocated-unsupported", "only 1, 8, 12, 16 and 32 bits a sample are handled")
    if not 0 < module.stored <= module.allocated:
        raise UnreadableFile("pixel-module-contradictory", "Bits Stored is not within Bits Allocated")
    if module.allocated == 1 and module.samples != 1:
        raise UnsupportedFile("bits-allocated-unsupported", "single-bit colour is not handled")
    if module.photometric == "PALETTE COLOR" and module.stored > 16:
        raise UnreadableFile("pixel-module-contradictory", "indices of a palette have no more than 16 bits")
    if module.planar not in (0, 1):
        raise UnreadableFile("pixel-module-contradictory", "Planar Configuration is neither 0 nor 1")


def overlay_groups(header: Dataset) -> set[int]:
    """The even groups 6000 to 601E that are present."""
    return {tag >> 16 for tag in header.keys() if 0x6000 <= tag >> 16 <= 0x601E and not tag >> 16 & 1}  # noqa: SIM118


def _overlay_bits(header: Dataset, unused: int) -> int:
    """Mask of the unused bits that overlays without data of their own live in (PS3.5 8.1.2, retired).

    A position among the stored bits names a part of the samples, and those stay whatever an overlay says.
    """
    mask = 0
    for group in overlay_groups(header):
        if (group, 0x3000) in header or (group, 0x0102) not in header:
            continue
        position = header[group, 0x0102].value
        if isinstance(position, int) and 0 <= position < unused.bit_length():
            mask |= 1 << position & unused
    return mask
