"""Words of one compressed frame, with all bits that the codestream holds; see ``words`` for the samples in them.

Those of a lossy colour frame are what its decoder gives before any colour conversion: YBR_FULL for a JPEG of
YBR_FULL_422 (chroma already interpolated to full resolution), RGB for JPEG 2000 with a multi-component transform.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from struct import pack
from typing import Any

import numpy as np
from pydicom.pixels.decoders.base import get_decoder

from deidkit.errors import UnreadableFile, UnsupportedFile
from deidkit.image import Array
from deidkit.jpeg.segments import jpeg_info, strip_jpeg
from deidkit_dicom.codestream.jpeg_xl import decode_jxl
from deidkit_dicom.part10.syntaxes import JPEG_EXTENDED, Syntax, available, install_line, registered_name
from deidkit_dicom.pixel_module import PixelModule
from deidkit_dicom.stored_bits import without_overlays


def plugins_for(syntax: Syntax) -> tuple[str, ...]:
    """The usable decoder plugins.

    Raises:
        UnsupportedFile: none is installed; the detail names the install line.
    """
    usable = available(syntax)
    if not usable:
        raise UnsupportedFile(
            "codec-missing", f"no decoder of {registered_name(syntax.uid)} is here; run: {install_line(syntax)}"
        )
    return usable


def decode(data: bytes, module: PixelModule, syntax: Syntax) -> Array:
    """Words ``(rows, columns[, samples])`` of one encoded frame.

    Raises:
        UnreadableFile: no codec can decode the frame.
        UnsupportedFile: the codec is missing.
    """
    usable = plugins_for(syntax)
    if module.allocated == 1:
        return _decode_bits(data, module, syntax)
    if syntax.family == "jxl":
        return decode_jxl(data, module)
    if syntax.dct:
        if jpeg_info(data).precision == 8:
            return _decode_jpeg(data, module)
        return _decode_extended(data, module)
    for plugin in usable:
        samples = _attempt(plugin, data, module, syntax)
        if samples is not None and samples.shape[:2] == module.shape:
            return without_overlays(samples.astype(module.dtype, copy=False), module)
    raise UnreadableFile("pixels-undecodable", f"a frame of {registered_name(syntax.uid)} cannot be decoded")


def _decode_bits(data: bytes, module: PixelModule, syntax: Syntax) -> Array:
    """Single bits, which codecs hold as bytes of 0 and 1."""
    try:
        samples = decode(data, replace(module, allocated=8, stored=8, high_bit=7), syntax)
    except UnreadableFile:
        samples = None
    if samples is None or samples.max() > 1:
        name = registered_name(syntax.uid)
        raise UnreadableFile("pixels-undecodable", f"a frame of single bits in {name} does not hold a byte of 0 or 1 for each")
    return samples


def _attempt(plugin: str, data: bytes, module: PixelModule, syntax: Syntax) -> Array | None:
    try:
        return _decode_with(plugin, data, module, syntax)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:
        # A panic in a codec written in Rust is no Exception.
        return None


def _decode_with(plugin: str, data: bytes, module: PixelModule, syntax: Syntax) -> Array:
    padded = data + b"\0" * (len(data) % 2)
    buffer = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" + pack("<L", len(padded)) + padded
    options: dict[str, Any] = {
        "rows": module.rows,
        "columns": module.columns,
        "number_of_frames": 1,
        "samples_per_pixel": module.samples,
        "photometric_interpretation": module.photometric,
        "bits_allocated": module.allocated,
        "bits_stored": module.stored,
        "pixel_representation": int(module.signed),
        "planar_configuration": 0,  # what codestreams say themselves; the plugins of RLE set their own
        "pixel_keyword": "PixelData",
    }
    if syntax.family in ("rle", "jpeg"):
        options["correct_unused_bits"] = False
    samples, _ = get_decoder(syntax.uid).as_array(buffer, index=0, raw=True, decoding_plugin=plugin, **options)
    return samples


def _decode_jpeg(data: bytes, module: PixelModule) -> Array:
    """An 8-bit DCT frame through libjpeg, without its colour conversion."""
    from PIL import Image

    bare = strip_jpeg(data)
    try:
        # Without markers libjpeg judges by the component identifiers alone, and draft() then turns its conversion off.
        image = Image.open(BytesIO(bare), formats=("JPEG",))
        if module.samples == 3 and jpeg_info(bare).colour != "RGB":
            image.draft("YCbCr", image.size)
        samples = np.asarray(image)
    except Exception:
        raise UnreadableFile("pixels-undecodable", "a JPEG frame cannot be decoded") from None
    if samples.shape != (module.shape if module.samples == 1 else (*module.shape, 3)):
        raise UnreadableFile("codestream-mismatch", "a JPEG frame has another size than the header says")
    return samples.astype(module.dtype)


def _decode_extended(data: bytes, module: PixelModule) -> Array:
    """A 12-bit DCT frame through GDCM; pydicom does not pass these on to it, dcmtk gives the same samples."""
    try:
        import gdcm
    except ImportError:
        raise UnsupportedFile("codec-missing", "nothing here decodes 12-bit JPEG; run: pip install python-gdcm") from None
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(data)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((module.columns, module.rows, 1))
    image.SetDataElement(element)
    photometric = gdcm.PhotometricInterpretation.GetPIType(module.photometric)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(photometric))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(JPEG_EXTENDED)))
    image.SetPixelFormat(gdcm.PixelFormat(module.samples, 16, 12, 11, int(module.signed)))
    buffer = (image.GetBuffer() or "").encode("utf-8", "surrogateescape")
    words = np.frombuffer(buffer, "<u2", len(buffer) // 2)
    if module.samples != 1 or module.allocated != 16 or words.size != module.rows * module.columns:
        raise UnreadableFile("pixels-undecodable", "a 12-bit JPEG frame cannot be decoded")
    return without_overlays(words.reshape(module.shape).astype(module.dtype), module)
