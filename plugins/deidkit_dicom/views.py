"""Display views of one frame: the one a viewer would show first, and a few more so that faint text shows in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from pydicom import Dataset

from deidkit.types import Array
from deidkit_dicom.floats import float_views
from deidkit_dicom.grey import grey_views
from deidkit_dicom.lut import Display, palette
from deidkit_dicom.module import MONO, PARTIAL, PixelModule

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
    """View name -> renderer of one frame. Which views there are depends on the samples, so it is settled on first use.

    Args:
        samples: gives the stored samples of the frame.
        module: pixel module of these samples.
        display: what the header says about this frame.
        header: for palettes only.
    """

    def __init__(self, samples: Callable[[], Array], module: PixelModule, display: Display, header: Dataset) -> None:
        self._samples = samples
        self._module = module
        self._display = display
        self._header = header
        self._found: dict[str, Renderer] | None = None

    def _all(self) -> dict[str, Renderer]:
        if self._found is None:
            if self._module.floating:
                self._found = float_views(self._samples(), self._display)
            elif self._module.photometric in MONO:
                self._found = grey_views(self._samples(), self._module, self._display)
            else:
                self._found = colour_views(self._samples(), self._module, self._header)
        return self._found

    def __getitem__(self, name: str) -> Renderer:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def colour_views(samples: Array, module: PixelModule, header: Dataset) -> dict[str, Renderer]:
    """One view, and a second one for RGB frames that use less than a quarter of the range, stretched to all of it.

    Palettes that give the same colour to several indices of the frame get a second view of the indices.
    """
    if module.photometric == "PALETTE COLOR":
        return _palette_views(samples, palette(header, module.stored))
    shift = max(0, module.stored - 8)
    if module.photometric.startswith("YBR"):
        return {"default": lambda s: to_rgb((s >> shift).astype(np.uint8), module.photometric == PARTIAL)}
    views: dict[str, Renderer] = {"default": lambda s: (s >> shift).astype(np.uint8)}
    top = int(samples.max(initial=0))
    if 0 < top < (1 << module.stored) // 4:
        views["full"] = lambda s: (s.astype(np.float32) * (255.0 / top)).astype(np.uint8)
    return views


def _palette_views(samples: Array, table: Array) -> dict[str, Renderer]:
    views: dict[str, Renderer] = {"default": lambda s: table[np.clip(s, 0, len(table) - 1)]}
    used = np.unique(samples)
    shown = np.unique(table[np.clip(used, 0, len(table) - 1)], axis=0)
    if len(shown) < len(used):
        low, width = float(used[0]), float(used[-1]) - float(used[0])
        views["indices"] = lambda s: np.rint((s.astype(np.float32) - low) * (255.0 / width)).astype(np.uint8)
    return views
