"""Native bytes of a frame to samples and back: single bits, words of either byte order, planes, subsampled chroma (PS3.5 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from deidkit.types import Array
from deidkit_dicom.decode import clean
from deidkit_dicom.module import PixelModule


def frame_bytes(module: PixelModule) -> int:
    """Length of one frame that begins on a byte, without padding."""
    return (module.frame_bits + 7) // 8


def unpack(data: bytes | bytearray, module: PixelModule, little: bool = True) -> Array:
    """Stored samples ``(rows, columns[, samples])`` in native byte order, from the bytes of a frame that begins on a byte.

    Subsampled chroma is repeated, so that every pixel has its own.
    """
    if module.allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[: module.frame_bits].reshape(module.shape)
    if module.subsampled:
        pairs = np.frombuffer(data, np.uint8).reshape(module.rows, module.columns // 2, 4)
        chroma = [np.repeat(pairs[..., channel], 2, axis=1) for channel in (2, 3)]
        return np.stack([pairs[..., :2].reshape(module.shape), *chroma], axis=-1)
    return clean(words(data, module, little).astype(module.dtype), module)


def words(data: bytes | bytearray, module: PixelModule, little: bool = True) -> Array:
    """The words of a frame by pixel, whatever its planes, as a view of ``data``."""
    found = np.frombuffer(data, module.dtype.newbyteorder("<" if little else ">"))
    if module.samples == 1:
        return found.reshape(module.shape)
    if module.planar:
        return found.reshape(module.samples, *module.shape).transpose(1, 2, 0)
    return found.reshape(*module.shape, module.samples)


def pack(samples: Array, module: PixelModule) -> bytes:
    """The little-endian bytes of one frame; the last byte of single bits is filled up with zeros.

    A pair of pixels with subsampled chroma takes that of its left one.
    """
    if module.allocated == 1:
        return np.packbits(samples.astype(np.uint8).reshape(-1), bitorder="little").tobytes()
    if module.subsampled:
        left, right = samples[:, 0::2], samples[:, 1::2]
        return np.stack([left[..., 0], right[..., 0], left[..., 1], left[..., 2]], axis=-1).astype(np.uint8).tobytes()
    ordered = samples.transpose(2, 0, 1) if module.planar and module.samples > 1 else samples
    return np.ascontiguousarray(ordered, samples.dtype.newbyteorder("<")).tobytes()


def packed(frames: Iterable[Array], module: PixelModule) -> Iterator[bytes]:
    """The little-endian bytes of several frames in a row; single bits go on in the middle of a byte (PS3.5 8.1.1)."""
    if module.allocated > 1 or not module.frame_bits % 8:
        yield from (pack(samples, module) for samples in frames)
        return
    rest = np.empty(0, np.uint8)
    for samples in frames:
        bits = np.concatenate([rest, samples.astype(np.uint8).reshape(-1)])
        whole = len(bits) - len(bits) % 8
        yield np.packbits(bits[:whole], bitorder="little").tobytes()
        rest = bits[whole:]
    yield np.packbits(rest, bitorder="little").tobytes()
