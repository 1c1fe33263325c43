"""Transfer syntaxes (PS3.5 section 10 and annex A): what each one means for reading and writing, and who decodes it.

Nothing heavy is imported here, so that ``deidkit doctor`` can ask without loading a codec.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from pydicom.config import IGNORE
from pydicom.uid import UID

from deidkit.components import Codec

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
ENCAPSULATED_LE = "1.2.840.10008.1.2.1.98"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_EXTENDED_ARITHMETIC = "1.2.840.10008.1.2.4.52"
JPEG_SPECTRAL = "1.2.840.10008.1.2.4.53"
JPEG_SPECTRAL_ARITHMETIC = "1.2.840.10008.1.2.4.54"
JPEG_PROGRESSION = "1.2.840.10008.1.2.4.55"
JPEG_PROGRESSION_ARITHMETIC = "1.2.840.10008.1.2.4.56"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70"
JPEGLS = "1.2.840.10008.1.2.4.80"
JPEGLS_NEAR = "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS = "1.2.840.10008.1.2.4.90"
J2K = "1.2.840.10008.1.2.4.91"
JPIP_DEFLATE = "1.2.840.10008.1.2.4.95"
JPEGXL_LOSSLESS = "1.2.840.10008.1.2.4.110"
JPEGXL_RECOMPRESSION = "1.2.840.10008.1.2.4.111"
JPEGXL = "1.2.840.10008.1.2.4.112"
HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201"
HTJ2K_RPCL = "1.2.840.10008.1.2.4.202"
HTJ2K = "1.2.840.10008.1.2.4.203"
JPIP_HTJ2K_DEFLATE = "1.2.840.10008.1.2.4.205"
RLE = "1.2.840.10008.1.2.5"
MIME = "1.2.840.10008.1.2.6.1"
XML = "1.2.840.10008.1.2.6.2"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
GE_BIG_ENDIAN_PIXELS = "1.2.840.113619.5.2"


RAW = ("uncompressed", "deflated")
"""Families whose frames are native bytes, in fragments of their own."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """One transfer syntax.

    Args:
        decoders: names of decoders in the order of preference, most of them pydicom's plugins; empty for native syntaxes.
        family: jpeg, jpegls, j2k, jxl, rle, uncompressed, deflated, or empty for native.
        lossy_method: Lossy Image Compression Method (0028,2114) when the syntax may hold lossy frames.
        same: the syntax in which edited frames may stand beside untouched ones of this syntax; empty when there is none.
        little: byte order of the dataset.
        swapped: the words of native pixel data have the other byte order than the dataset.
        leaves: the syntax in which objects are written that cannot leave in this one, edited or not: few programs would open
            them, or nothing here takes hidden text out of the frames.
    """

    uid: str
    name: str
    decoders: tuple[str, ...] = ()
    family: str = ""
    lossy_method: str = ""
    same: str = ""
    implicit: bool = False
    little: bool = True
    swapped: bool = False
    leaves: str = ""

    @property
    def native(self) -> bool:
        return not self.family

    @property
    def raw(self) -> bool:
        return self.family in RAW

    @property
    def dct(self) -> bool:
        """Whether frames are JPEG with a DCT, and so always lossy."""
        return self.family == "jpeg" and bool(self.lossy_method)

    @property
    def always_lossy(self) -> bool:
        return self.dct or self.uid in (JPEGLS_NEAR, JPEGXL_RECOMPRESSION)


_DCT = (("pillow", "gdcm"), "jpeg", "ISO_10918_1")
_ALL = (
    Syntax(IMPLICIT_LE, "Implicit VR Little Endian", implicit=True),
    Syntax(EXPLICIT_LE, "Explicit VR Little Endian"),
    Syntax(DEFLATED_LE, "Deflated Explicit VR Little Endian"),
    Syntax(EXPLICIT_BE, "Explicit VR Big Endian", little=False),
    Syntax(
        GE_BIG_ENDIAN_PIXELS,
        "Implicit VR Little Endian, pixels big-endian (GE)",
        implicit=True,
        swapped=True,
        leaves=EXPLICIT_LE,
    ),
    Syntax(
        ENCAPSULATED_LE, "Encapsulated Uncompressed Explicit VR Little Endian", ("numpy",), "uncompressed", leaves=EXPLICIT_LE
    ),
    Syntax(DEFLATED_FRAMES, "Deflated Image Frame Compression", ("zlib",), "deflated", leaves=EXPLICIT_LE),
    Syntax(JPEG_BASELINE, "JPEG Baseline (Process 1)", *_DCT),
    Syntax(JPEG_EXTENDED, "JPEG Extended (Process 2 and 4)", ("gdcm", "pillow", "pylibjpeg"), "jpeg", "ISO_10918_1"),
    Syntax(JPEG_EXTENDED_ARITHMETIC, "JPEG Extended (Process 3 and 5)", *_DCT, leaves=EXPLICIT_LE),
    Syntax(JPEG_SPECTRAL, "JPEG Spectral Selection (Process 6 and 8)", *_DCT, leaves=EXPLICIT_LE),
    Syntax(JPEG_SPECTRAL_ARITHMETIC, "JPEG Spectral Selection (Process 7 and 9)", *_DCT, leaves=EXPLICIT_LE),
    Syntax(JPEG_PROGRESSION, "JPEG Full Progression (Process 10 and 12)", *_DCT, leaves=EXPLICIT_LE),
    Syntax(JPEG_PROGRESSION_ARITHMETIC, "JPEG Full Progression (Process 11 and 13)", *_DCT, leaves=EXPLICIT_LE),
    Syntax(JPEG_LOSSLESS, "JPEG Lossless (Process 14)", ("gdcm", "pylibjpeg"), "jpeg"),
    Syntax(JPEG_LOSSLESS_SV1, "JPEG Lossless (Process 14, Selection Value 1)", ("gdcm", "pylibjpeg"), "jpeg"),
    Syntax(JPEGLS, "JPEG-LS Lossless", ("pyjpegls", "gdcm"), "jpegls", same=JPEGLS),
    Syntax(JPEGLS_NEAR, "JPEG-LS Near-lossless", ("pyjpegls", "gdcm"), "jpegls", "ISO_14495_1", same=JPEGLS_NEAR),
    Syntax(J2K_LOSSLESS, "JPEG 2000 Lossless Only", ("pylibjpeg", "gdcm"), "j2k", same=J2K_LOSSLESS),
    Syntax(J2K, "JPEG 2000", ("pylibjpeg", "gdcm"), "j2k", "ISO_15444_1", same=J2K),
    Syntax(HTJ2K_LOSSLESS, "HTJ2K Lossless Only", ("pylibjpeg",), "j2k"),
    Syntax(HTJ2K_RPCL, "HTJ2K Lossless RPCL", ("pylibjpeg",), "j2k"),
    Syntax(HTJ2K, "HTJ2K", ("pylibjpeg",), "j2k", "ISO_15444_15"),
    Syntax(JPEGXL_LOSSLESS, "JPEG XL Lossless", ("imagecodecs",), "jxl", leaves=EXPLICIT_LE),
    Syntax(JPEGXL_RECOMPRESSION, "JPEG XL JPEG Recompression", ("imagecodecs",), "jxl", "ISO_10918_1", leaves=EXPLICIT_LE),
    Syntax(JPEGXL, "JPEG XL", ("imagecodecs",), "jxl", "ISO_18181_1", leaves=EXPLICIT_LE),
    Syntax(RLE, "RLE Lossless", ("pylibjpeg", "pydicom"), "rle", same=RLE),
)
SYNTAXES = {syntax.uid: syntax for syntax in _ALL}
NO_DATASET = frozenset((JPIP_DEFLATE, JPIP_HTJ2K_DEFLATE, MIME, XML))
"""Unsupported syntaxes whose datasets are no sequence of elements, so that they are not even searched for pixel data."""

_NEWER = {
    DEFLATED_FRAMES: "Deflated Image Frame Compression",
    JPEGXL_LOSSLESS: "JPEG XL Lossless",
    JPEGXL_RECOMPRESSION: "JPEG XL JPEG Recompression",
    JPEGXL: "JPEG XL",
}
"""Entries of PS3.6 Table A-1 that the oldest supported pydicom does not know yet."""
_STANDARD_ROOT = "1.2.840.10008."

_NEEDS = {
    ("gdcm", ""): (("gdcm",), "pip install python-gdcm"),
    ("pillow", ""): (("PIL",), "pip install pillow"),
    ("pyjpegls", ""): (("jpeg_ls",), "pip install pyjpegls"),
    ("imagecodecs", ""): (("imagecodecs",), "pip install imagecodecs"),
    ("pylibjpeg", "j2k"): (("pylibjpeg", "openjpeg"), "pip install pylibjpeg pylibjpeg-openjpeg"),
    ("pylibjpeg", "rle"): (("pylibjpeg", "rle"), "pip install pylibjpeg pylibjpeg-rle"),
    ("pylibjpeg", "jpeg"): (("pylibjpeg", "libjpeg"), "pip install pylibjpeg pylibjpeg-libjpeg  # GPL-3.0, optional"),
    ("pydicom", ""): (("pydicom",), "pip install pydicom"),
    ("numpy", ""): (("numpy",), "pip install numpy"),
    ("zlib", ""): (("zlib",), "a Python with zlib"),
}


def registered_name(uid: str) -> str:
    """What PS3.6 Table A-1 calls a transfer syntax, with its UID; for everything else words without any part of ``uid``."""
    known = UID(uid, validation_mode=IGNORE)
    if uid in _NEWER or known.type == "Transfer Syntax":
        return f"{_NEWER.get(uid, known.name)} ({uid}{', retired' if known.is_retired else ''})"
    if known.type:
        return "a UID that PS3.6 registers as something else"
    if uid.startswith(_STANDARD_ROOT):
        return "a UID below the root of DICOM that PS3.6 does not register"
    return "a private transfer syntax" if known.is_valid else "a Transfer Syntax UID that is no UID"


def _need(plugin: str, family: str) -> tuple[tuple[str, ...], str]:
    return _NEEDS.get((plugin, family)) or _NEEDS[(plugin, "")]


def available(syntax: Syntax) -> tuple[str, ...]:
    """The decoders of ``syntax`` that are installed, best first. Native syntaxes need none."""
    return tuple(name for name in syntax.decoders if all(map(find_spec, _need(name, syntax.family)[0])))


def install_line(syntax: Syntax) -> str:
    """The command that installs the preferred decoder of ``syntax``."""
    return _need(syntax.decoders[0], syntax.family)[1]


def codecs() -> list[Codec]:
    """One for each transfer syntax whose frames are encoded."""
    return [Codec(f"{s.name} ({s.uid})", available(s), install_line(s)) for s in _ALL if not s.native]
