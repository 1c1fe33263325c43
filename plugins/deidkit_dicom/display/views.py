"""Display views of one frame: the one a viewer would show first, and a few more so that faint text shows in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from pydicom import Dataset

from deidkit.image import Array
from deidkit.imaging.hidden import colour_bands, colour_planes, further_views, palette_views, plain_plane
from deidkit_dicom.display.floats import float_views
from deidkit_dicom.display.lut import Display, palette
from deidkit_dicom.display.windows import grey_views
from deidkit_dicom.pixel_module import MONO, PARTIAL, PixelModule
from deidkit_dicom.stored_bits import unused_views, values

Renderer = Callable[[Array], Array]


def to_rgb(ybr: Array, partial: bool = False) -> Array:
    """YBR_FULL, or ``partial`` YBR_PARTIAL_422, uint8 ``(..., 3)`` to RGB uint8 (PS3.3 C.7.6.3.1.2)."""
    y, cb, cr = (ybr[..., i].astype(np.float32) for i in range(3))
    cb -= 128
    cr -= 128
    if partial:
        y, cb, cr = (y - 16) * (255 / 219), cb * (255 / 224), cr * (255 / 224)
    rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], axis=-1)
    shown: Array = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return shown


class Views(Mapping[str, Renderer]):
    """View name -> renderer of one frame from its words. Which views there are depends on these, so it is settled on first use.

    Views of the samples come first, those of what lies beside them in their words last.

    Args:
        words: gives the words of the frame.
        module: pixel module of these words.
        display: what the header says about this frame.
        header: for palettes only.
    """

    def __init__(self, words: Callable[[], Array], module: PixelModule, display: Display, header: Dataset) -> None:
        self._words = words
        self._module = module
        self._display = display
        self._header = header
        self._found: dict[str, Renderer] | None = None

    def _all(self) -> dict[str, Renderer]:
        if self._found is None:
            words, module = self._words(), self._module
            if module.floating:
                self._found = float_views(words, self._display)
                return self._found
            self._found = self._of_samples(words, module)
            if module.shift:
                # Readers that take no notice of High Bit show the lowest bits: pydicom, GDCM.
                lowest = self._of_samples(words, replace(module, high_bit=module.stored - 1))
                self._found["lowest"] = lowest["default"]
            self._found |= unused_views(words, module)
        return self._found

    def _of_samples(self, words: Array, module: PixelModule) -> dict[str, Renderer]:
        samples = values(words, module)
        if module.photometric in MONO:
            found = grey_views(samples, module, self._display)
        elif module.photometric == "PALETTE COLOR":
            found = palette_views(samples, palette(self._header, module.stored))
        else:
            found = colour_views(samples, module)
        return {name: _of_words(view, module) for name, view in found.items()}

    def __getitem__(self, name: str) -> Renderer:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _of_words(view: Renderer, module: PixelModule) -> Renderer:
    """The renderer from words that goes with one from samples."""
    return lambda words: view(values(words, module))


def colour_views(samples: Array, module: PixelModule) -> dict[str, Renderer]:
    """The picture, RGB frames that use less than a quarter of the range stretched to all of it, and what these hide."""
    shift = max(0, module.stored - 8)
    gain = 2.0**-shift
    if module.photometric.startswith("YBR"):
        above = (None, samples[..., 0], samples[..., 0])
        planes = [plain_plane(samples[..., i], gain, _component(i), above=above[i]) for i in range(3)]
        partial = module.photometric == PARTIAL
        return {"default": lambda s: to_rgb((s >> shift).astype(np.uint8), partial)} | further_views(samples, planes)
    views: dict[str, Renderer] = {"default": lambda s: (s >> shift).astype(np.uint8)}
    top = int(samples.max())
    if 0 < top < (1 << module.stored) // 4:
        gain = 255.0 / top
        views["full"] = lambda s: (s.astype(np.float32) * gain).astype(np.uint8)
    return views | colour_bands(samples, gain) | further_views(samples, colour_planes(samples, gain))


def _component(index: int) -> Renderer:
    return lambda samples: samples[..., index]
