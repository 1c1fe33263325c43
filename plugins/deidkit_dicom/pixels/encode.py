"""Lossless codecs for edited frames: what each can hold, and a decode after every encode that proves nothing was lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from pydicom.pixels.encoders.base import get_encoder

from deidkit.errors import InvariantBroken
from deidkit.image import Array
from deidkit_dicom.part10.syntaxes import J2K, J2K_LOSSLESS, JPEGLS, JPEGLS_NEAR, RLE, SYNTAXES
from deidkit_dicom.pixel_module import PARTIAL, PixelModule
from deidkit_dicom.pixels.decode import decode

CHOICE = {"jpegls": JPEGLS, "j2k": J2K_LOSSLESS, "rle": RLE}
_ENCODER = {J2K: J2K_LOSSLESS, JPEGLS_NEAR: JPEGLS, J2K_LOSSLESS: J2K_LOSSLESS, JPEGLS: JPEGLS, RLE: RLE}
_PLUGIN = {J2K_LOSSLESS: "pylibjpeg", JPEGLS: "pyjpegls", RLE: "pylibjpeg"}


def can_hold(uid: str, module: PixelModule) -> bool:
    """Whether the lossless encoder behind ``uid`` takes samples of this kind."""
    encoder = _ENCODER.get(uid)
    if encoder is None or module.allocated == 1 or module.photometric == PARTIAL:
        return False
    if encoder == RLE:
        return module.allocated <= 16
    limit = 16 if encoder == JPEGLS else 24
    return 2 <= module.stored <= limit


def attributes(uid: str, decoded: PixelModule) -> tuple[str, int]:
    """Photometric Interpretation and Planar Configuration that go with samples of ``decoded`` encoded as ``uid``."""
    if uid == RLE:
        return decoded.photometric, 1
    if _ENCODER.get(uid) == J2K_LOSSLESS and decoded.photometric == "RGB":
        return "YBR_RCT", 0
    return decoded.photometric, 0


def encode(samples: Array, decoded: PixelModule, uid: str, photometric: str) -> bytes:
    """One frame, losslessly.

    Args:
        samples: words ``(rows, columns[, samples])`` as ``decode`` gives them, unused bits included.
        decoded: the module that describes them.
        uid: transfer syntax of the object; a lossy one that also holds lossless frames gets a lossless frame.
        photometric: what the header says; YBR_RCT asks for the multi-component transform.

    Raises:
        InvariantBroken: decoding the result does not give the same samples.
    """
    encoder = _ENCODER[uid]
    planar = attributes(encoder, decoded)[1]
    options: dict[str, Any] = {
        "rows": decoded.rows,
        "columns": decoded.columns,
        "number_of_frames": 1,
        "samples_per_pixel": decoded.samples,
        "bits_allocated": decoded.allocated,
        "bits_stored": decoded.allocated if encoder == RLE else _precision(samples, decoded),
        "pixel_representation": int(decoded.signed),
        "photometric_interpretation": photometric,
        "planar_configuration": planar if encoder != JPEGLS else 0,
    }
    try:
        data = get_encoder(encoder).encode(np.ascontiguousarray(samples), encoding_plugin=_PLUGIN[encoder], **options)
    except Exception:
        raise InvariantBroken("encoder-failed", f"a frame cannot be written as {SYNTAXES[encoder].name}") from None
    again = decode(data, replace(decoded, photometric=photometric, planar=planar), SYNTAXES[encoder])
    if not np.array_equal(again, samples):
        raise InvariantBroken(
            "encoder-not-lossless", f"a frame written as {SYNTAXES[encoder].name} does not decode to the same samples"
        )
    return data


def _precision(words: Array, decoded: PixelModule) -> int:
    """Bits that hold the samples, and more where ``words`` have something beside them."""
    low, high = int(words.min()), int(words.max())
    return max(decoded.high_bit + 1, high.bit_length() + decoded.signed, (~low).bit_length() + 1 if low < 0 else 0)
