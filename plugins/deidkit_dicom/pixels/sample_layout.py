"""Native bytes of a frame to words and back: single bits, packed words of 12 bits, words of either byte order, planes,
subsampled chroma (PS3.5 section 8; 12 bits allocated, two words in three bytes, were legal before 2004).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from deidkit.image import Array
from deidkit_dicom.pixel_module import PixelModule
from deidkit_dicom.stored_bits import without_overlays

PACKED = (1, 12)
"""Bits allocated that are no whole number of bytes."""


def frame_bytes(module: PixelModule) -> int:
    """Length of one frame that begins on a byte, without padding."""
    return (module.frame_bits + 7) // 8


def unpack(data: bytes | bytearray, module: PixelModule, little: bool = True) -> Array:
    """Words ``(rows, columns[, samples])`` in native byte order, from the bytes of a frame that begins on a byte; see
    ``deidkit_dicom.stored_bits`` for the samples in them. Subsampled chroma is repeated, so that every pixel has its own.
    """
    if module.allocated in PACKED:
        found = cells(data, module)[: module.frame_bits // module.allocated]
        return without_overlays(shaped(found, module), module)
    if module.subsampled:
        pairs = np.frombuffer(data, np.uint8).reshape(module.rows, module.columns // 2, 4)
        chroma = [np.repeat(pairs[..., channel], 2, axis=1) for channel in (2, 3)]
        return np.stack([pairs[..., :2].reshape(module.shape), *chroma], axis=-1)
    return without_overlays(words(data, module, little).astype(module.dtype), module)


def words(data: bytes | bytearray, module: PixelModule, little: bool = True) -> Array:
    """The words of a frame by pixel, whatever its planes, as a view of ``data``."""
    return shaped(np.frombuffer(data, module.dtype.newbyteorder("<" if little else ">")), module)


def shaped(found: Array, module: PixelModule) -> Array:
    """The words of a frame by pixel, from those in the order of the bytes."""
    if module.samples == 1:
        return found.reshape(module.shape)
    if module.planar:
        return found.reshape(module.samples, *module.shape).transpose(1, 2, 0)
    return found.reshape(*module.shape, module.samples)


def pack(samples: Array, module: PixelModule) -> bytes:
    """The little-endian bytes of one frame; a last byte that is not full is filled up with zeros.

    A pair of pixels with subsampled chroma takes that of its left one.
    """
    if module.allocated in PACKED:
        return packed_cells(_in_order(samples, module), module)
    if module.subsampled:
        left, right = samples[:, 0::2], samples[:, 1::2]
        return np.stack([left[..., 0], right[..., 0], left[..., 1], left[..., 2]], axis=-1).astype(np.uint8).tobytes()
    return _in_order(samples, module).astype(samples.dtype.newbyteorder("<")).tobytes()


def _in_order(samples: Array, module: PixelModule) -> Array:
    """Samples as they follow each other, one-dimensional."""
    return (samples.transpose(2, 0, 1) if module.planar and module.samples > 1 else samples).reshape(-1)


def cells(data: bytes | bytearray, module: PixelModule) -> Array:
    """All words of 1 or of 12 bits that ``data`` holds, the lowest bits of a byte first."""
    if module.allocated == 1:
        return np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    triples = np.frombuffer(bytes(data) + bytes(-len(data) % 3), np.uint8).astype(np.uint16).reshape(-1, 3)
    first, middle, last = triples.T
    found = np.stack([first | (middle & 15) << 8, middle >> 4 | last << 4], axis=1).reshape(-1)
    return found[: len(data) * 8 // 12].view(module.dtype)


def packed_cells(found: Array, module: PixelModule) -> bytes:
    """What ``cells`` takes apart."""
    if module.allocated == 1:
        return np.packbits(found.astype(np.uint8), bitorder="little").tobytes()
    even, odd = np.append(found, np.zeros(len(found) % 2, found.dtype)).reshape(-1, 2).T
    triples = np.stack([even & 255, even >> 8 & 15 | (odd & 15) << 4, odd >> 4 & 255], axis=1).astype(np.uint8)
    return triples.tobytes()[: (len(found) * 12 + 7) // 8]


def packed(frames: Iterable[Array], module: PixelModule) -> Iterator[bytes]:
    """The little-endian bytes of several frames in a row; packed words go on in the middle of a byte (PS3.5 8.1.1)."""
    if not module.frame_bits % 8:
        yield from (pack(samples, module) for samples in frames)
        return
    rest = np.empty(0, module.dtype)
    for samples in frames:
        found = np.concatenate([rest, _in_order(samples, module)])
        whole = len(found) - len(found) % 8
        yield packed_cells(found[:whole], module)
        rest = found[whole:]
    yield packed_cells(rest, module)
