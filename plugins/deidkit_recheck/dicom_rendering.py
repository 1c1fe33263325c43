"""The pictures of a DICOM file as pydicom makes them: its decoders, lookup tables, windows, palettes and colour conversion."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import HTJ2K, JPEG2000, JPEGBaseline8Bit, JPEGExtended12Bit

from deidkit_recheck.dicom_samples import DicomSamples, Samples
from deidkit_recheck.lookup import display_attributes, modality_values, palette_colours, voi_tones
from deidkit_recheck.rendered import Colour, Grey, Picture, Rendered, Table, guarded, strips

MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
NOISE = {JPEGBaseline8Bit: 3, JPEGExtended12Bit: 3, JPEG2000: 2, HTJ2K: 2}
"""Transfer syntax -> levels by which correct decoders differ in one sample."""


class DicomRendering:
    """The frames of one file, decoded one at a time.

    Raises:
        Unrendered: pydicom cannot read the file, or has no decoder for it.
    """

    library = "pydicom"

    def __init__(self, path: Path) -> None:
        with guarded(self.library):
            self._samples = DicomSamples(path)
            self._header = self._samples.header
            self._noise = NOISE.get(self._header.file_meta.get("TransferSyntaxUID"), 0)
        self.frame_count = self._samples.frame_count

    def overlays(self) -> Iterator[Picture]:
        """The planes of all overlay groups with data of their own (PS3.3 C.9.2)."""
        for group in range(0x6000, 0x601F, 2):
            if (group, 0x3000) in self._header:
                with guarded(self.library):
                    bits = self._header.overlay_array(group)
                yield from (bits if bits.ndim == 3 else bits[None]).astype(np.uint8) * np.uint8(255)

    def close(self) -> None:
        self._samples.close()

    def frames(self) -> Iterator[Rendered]:
        """All frames in order, also those beyond the number that the header tells.

        Raises:
            Unrendered: pydicom cannot decode a frame.
        """
        samples = self._samples.frames()
        for index in count():
            with guarded(self.library):
                found = next(samples, None)
                made = self._rendered(found, index) if found else None
            if made is None:
                return
            yield made

    def frame(self, index: int) -> Rendered:
        """One frame.

        Raises:
            Unrendered: pydicom cannot decode it.
        """
        with guarded(self.library):
            return self._rendered(self._samples.frame(index), index)

    def _rendered(self, samples: Samples, index: int) -> Rendered:
        array = samples.array
        if array.ndim == 3:
            shift = max(0, int(self._header.BitsStored) - 8) if array.dtype.itemsize > 1 else 0
            shown = (array >> shift).astype(np.uint8)
            readings = ("RGB", "YBR") if samples.photometric == "RGB" else ("YBR", "RGB")
            pictures = {name: rgb(shown) if name == "YBR" else shown for name in readings[: 1 + samples.doubtful]}
            return Colour(pictures, self._noise, samples.doubtful)
        table = Table.of(array)
        hidden = {f"bit {bit}, unused": plane for bit, plane in samples.beside.items()}
        if samples.photometric not in MONOCHROME:
            return Colour({"default": table.look_up(palette_colours(table.stored, self._header))}, self._noise, hidden=hidden)
        attributes = display_attributes(self._header, index)
        values = modality_values(table.stored, attributes)
        tones = voi_tones(values, attributes)
        if samples.photometric == "MONOCHROME1":
            values, tones = -values, {name: np.asarray(255 - tone, np.uint8) for name, tone in tones.items()}
        return Grey(table, values, tones, self._noise, hidden=hidden)


def rgb(ybr: Picture) -> Picture:
    """YBR_FULL as RGB, some rows at a time because pydicom takes twelve bytes a pixel for it."""
    shown = np.empty_like(ybr)
    for strip in strips(ybr.shape):
        shown[strip] = convert_color_space(ybr[strip], "YBR_FULL", "RGB")
    return shown
