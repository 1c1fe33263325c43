"""Where a sample lies in the word that holds it (PS3.5 section 8.1.1), and what lies in the bits beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from deidkit.image import Array
from deidkit.imaging.hidden import holds_picture, plane_of_bit
from deidkit_dicom.pixel_module import PixelModule


def values(words: Array, module: PixelModule) -> Array:
    """Stored samples: the bits from High Bit down, sign-extended. ``words`` themselves where they hold nothing else, as
    floating point samples do.
    """
    if module.floating or (not module.shift and _within(words, module.span)):
        return words
    left = words.dtype.itemsize * 8 - 1 - module.high_bit
    return words << left >> left + module.shift


def _within(words: Array, span: tuple[int, int]) -> bool:
    return not words.size or bool(span[0] <= int(words.min()) and int(words.max()) <= span[1])


def words_of(samples: Array, module: PixelModule) -> Array:
    """The words that hold ``samples``, with the sign, or zero, in unused bits."""
    return samples << module.shift if module.shift else samples


def cleared(words: Array, module: PixelModule) -> Array:
    """``words`` with the sign, or zero, in unused bits that hold anything else: no sample is in them, and nobody looks at what
    they may tell, be it one value in each frame. ``words`` themselves where there is nothing to clear.
    """
    if module.floating or not module.unused_bits or _is_extension(words, module):
        return words
    return _extended(words, module)


def without_overlays(words: Array, module: PixelModule) -> Array:
    """``words`` with the sign, or zero, in place of bits that belong to overlays."""
    if not module.overlay_bits:
        return words
    overlays = _signed(module.overlay_bits, words)
    cleared: Array = words & ~overlays | _extended(words, module) & overlays
    return cleared


def _extended(words: Array, module: PixelModule) -> Array:
    """Words of the same samples with the sign, or zero, in all unused bits."""
    return values(words, module) << module.shift


def _is_extension(words: Array, module: PixelModule) -> bool:
    """Whether all unused bits hold what nobody needs: the sign, or zero where there is none."""
    unused = _signed(module.unused_bits, words)
    return not ((words ^ _extended(words, module)) & unused).any()


def _signed(mask: int, words: Array) -> Any:
    """``mask`` as a number of the type of ``words``."""
    return np.array(mask, np.uint64).astype(words.dtype)[()]


def unused_views(words: Array, module: PixelModule) -> dict[str, Callable[[Array], Array]]:
    """Views of what lies beside the samples, from words: ``unused``, all such bits that hold more than the sign, noise or a
    counter, and ``unusedN`` each of them where there are several.
    """
    if not module.unused_bits or _is_extension(words, module):
        return {}
    told = [bit for bit in _unused(module) if _tells(words, bit, module)]
    views: dict[str, Callable[[Array], Array]] = {"unused": _together(told)} if told else {}
    if len(told) > 1:
        views |= {f"unused{bit}": _together([bit]) for bit in told}
    return views


def _unused(module: PixelModule) -> Iterator[int]:
    return (bit for bit in range(module.allocated) if module.unused_bits >> bit & 1)


def _tells(words: Array, bit: int, module: PixelModule) -> bool:
    """Whether an unused bit holds something to look at, in any colour."""
    colours = [words] if words.ndim == 2 else [words[..., index] for index in range(words.shape[2])]
    return any(
        not (module.signed and np.array_equal(plane, plane_of_bit(colour, module.high_bit))) and holds_picture(plane)
        for colour in colours
        for plane in [plane_of_bit(colour, bit)]
    )


def _together(bits: list[int]) -> Callable[[Array], Array]:
    """A view of ``bits`` as a number, the highest one first."""

    def render(words: Array) -> Array:
        number = np.zeros(words.shape, np.float32)
        for place, bit in enumerate(bits):
            number += ((words >> bit) & 1).astype(np.float32) * (1 << place)
        picture: Array = np.rint(number * (255.0 / ((1 << len(bits)) - 1))).astype(np.uint8)
        return picture

    return render
