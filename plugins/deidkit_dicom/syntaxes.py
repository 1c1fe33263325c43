"""Transfer syntaxes (PS3.5 section 10 and annex A): what each one means for reading and writing, and who decodes it.

Nothing heavy is imported here, so that ``deidkit doctor`` can ask without loading a codec.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from deidkit.components import Codec

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70"
JPEGLS = "1.2.840.10008.1.2.4.80"
JPEGLS_NEAR = "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS = "1.2.840.10008.1.2.4.90"
J2K = "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201"
HTJ2K_RPCL = "1.2.840.10008.1.2.4.202"
HTJ2K = "1.2.840.10008.1.2.4.203"
RLE = "1.2.840.10008.1.2.5"


@dataclass(frozen=True, slots=True)
class Syntax:
    """One transfer syntax.

    Args:
        decoders: names of pydicom's decoder plugins in the order of preference; empty for native syntaxes.
        family: jpeg, jpegls, j2k, rle, or empty for native.
        lossy_method: Lossy Image Compression Method (0028,2114) when the syntax may hold lossy frames.
        same: the syntax in which edited frames may stand beside untouched ones of this syntax; empty when there is none.
    """

    uid: str
    name: str
    decoders: tuple[str, ...] = ()
    family: str = ""
    lossy_method: str = ""
    same: str = ""
    implicit: bool = False
    little: bool = True

    @property
    def native(self) -> bool:
        return not self.family

    @property
    def always_lossy(self) -> bool:
        return self.uid in (JPEG_BASELINE, JPEG_EXTENDED, JPEGLS_NEAR)


_ALL = (
    Syntax(IMPLICIT_LE, "Implicit VR Little Endian", implicit=True),
    Syntax(EXPLICIT_LE, "Explicit VR Little Endian"),
    Syntax(DEFLATED_LE, "Deflated Explicit VR Little Endian"),
    Syntax(EXPLICIT_BE, "Explicit VR Big Endian", little=False),
    Syntax(JPEG_BASELINE, "JPEG Baseline (Process 1)", ("pillow", "gdcm"), "jpeg", "ISO_10918_1"),
    Syntax(JPEG_EXTENDED, "JPEG Extended (Process 2 and 4)", ("gdcm", "pillow", "pylibjpeg"), "jpeg", "ISO_10918_1"),
    Syntax(JPEG_LOSSLESS, "JPEG Lossless (Process 14)", ("gdcm", "pylibjpeg"), "jpeg"),
    Syntax(JPEG_LOSSLESS_SV1, "JPEG Lossless (Process 14, Selection Value 1)", ("gdcm", "pylibjpeg"), "jpeg"),
    Syntax(JPEGLS, "JPEG-LS Lossless", ("pyjpegls", "gdcm"), "jpegls", same=JPEGLS),
    Syntax(JPEGLS_NEAR, "JPEG-LS Near-lossless", ("pyjpegls", "gdcm"), "jpegls", "ISO_14495_1", same=JPEGLS_NEAR),
    Syntax(J2K_LOSSLESS, "JPEG 2000 Lossless Only", ("pylibjpeg", "gdcm"), "j2k", same=J2K_LOSSLESS),
    Syntax(J2K, "JPEG 2000", ("pylibjpeg", "gdcm"), "j2k", "ISO_15444_1", same=J2K),
    Syntax(HTJ2K_LOSSLESS, "HTJ2K Lossless Only", ("pylibjpeg",), "j2k"),
    Syntax(HTJ2K_RPCL, "HTJ2K Lossless RPCL", ("pylibjpeg",), "j2k"),
    Syntax(HTJ2K, "HTJ2K", ("pylibjpeg",), "j2k", "ISO_15444_15"),
    Syntax(RLE, "RLE Lossless", ("pylibjpeg", "pydicom"), "rle", same=RLE),
)
SYNTAXES = {syntax.uid: syntax for syntax in _ALL}

_NEEDS = {
    ("gdcm", ""): (("gdcm",), "pip install python-gdcm"),
    ("pillow", ""): (("PIL",), "pip install pillow"),
    ("pyjpegls", ""): (("jpeg_ls",), "pip install pyjpegls"),
    ("pylibjpeg", "j2k"): (("pylibjpeg", "openjpeg"), "pip install pylibjpeg pylibjpeg-openjpeg"),
    ("pylibjpeg", "rle"): (("pylibjpeg", "rle"), "pip install pylibjpeg pylibjpeg-rle"),
    ("pylibjpeg", "jpeg"): (("pylibjpeg", "libjpeg"), "pip install pylibjpeg pylibjpeg-libjpeg  # GPL-3.0, optional"),
    ("pydicom", ""): (("pydicom",), "pip install pydicom"),
}


def _need(plugin: str, family: str) -> tuple[tuple[str, ...], str]:
    return _NEEDS.get((plugin, family)) or _NEEDS[(plugin, "")]


def available(syntax: Syntax) -> tuple[str, ...]:
    """The decoder plugins of ``syntax`` that are installed, best first. Native syntaxes need none."""
    return tuple(name for name in syntax.decoders if all(map(find_spec, _need(name, syntax.family)[0])))


def install_line(syntax: Syntax) -> str:
    """The command that installs the preferred decoder of ``syntax``."""
    return _need(syntax.decoders[0], syntax.family)[1]


def codecs() -> list[Codec]:
    """One for each transfer syntax whose frames are encoded."""
    return [Codec(f"{s.name} ({s.uid})", available(s), install_line(s)) for s in _ALL if not s.native]
