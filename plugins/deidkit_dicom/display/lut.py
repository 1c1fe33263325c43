"""From stored values to what a display shows: modality and VOI LUT, windows (PS3.3 C.11.1, C.11.2), palettes (C.7.6.3.1.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut

from deidkit.errors import UnreadableFile
from deidkit.image import Array

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """One lookup table: the input value ``first`` maps to ``data[0]``; inputs outside take the nearest entry."""

    first: int
    data: Values = field(repr=False)

    def __call__(self, values: Values) -> Values:
        index = np.clip(values - self.first, 0, len(self.data) - 1).astype(np.int64)
        return self.data[index]


@dataclass(frozen=True, slots=True)
class Window:
    """One VOI window in units after the modality LUT."""

    center: float
    width: float
    function: str = "LINEAR"

    @property
    def bounds(self) -> tuple[float, float]:
        """Where black ends and where white begins."""
        if self.function == "LINEAR":
            return self.center - 0.5 - (self.width - 1) / 2, self.center - 0.5 + (self.width - 1) / 2
        return self.center - self.width / 2, self.center + self.width / 2

    def __call__(self, values: Values) -> Values:
        """Display values from 0 to 1."""
        if self.function == "SIGMOID":
            return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (values - self.center) / self.width, -60, 60)))
        low, high = self.bounds
        if high <= low:
            return (values > low).astype(np.float64)
        return np.clip((values - low) / (high - low), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Display:
    """All that the header says about the display of one frame."""

    slope: float = 1.0
    intercept: float = 0.0
    modality: Table | None = None
    windows: tuple[Window, ...] = ()
    voi: tuple[Table, ...] = ()
    padding: tuple[int, int] | None = None

    def rescale(self, stored: Values) -> Values:
        """Modality LUT, or slope and intercept."""
        if self.modality is not None:
            return self.modality(stored)
        return stored * self.slope + self.intercept

    def stored(self, value: float) -> float | None:
        """The stored value of a rescaled one; None when a table makes that unknown."""
        if self.modality is not None or self.slope == 0:
            return None
        return (value - self.intercept) / self.slope


def read_display(header: Dataset, frame: int, signed: bool) -> Display:
    """What applies to ``frame``: functional groups of enhanced objects first (PS3.3 C.7.6.16), then the top level.

    A malformed attribute counts as absent, because views then fall back on the values themselves.
    """
    windows: tuple[Window, ...] = ()
    slope, intercept = 1.0, 0.0
    modality: Table | None = None
    voi: tuple[Table, ...] = ()
    for scope in _scopes(header, frame):
        if not windows:
            windows = _windows(scope)
        if "ModalityLUTSequence" in scope and modality is None:
            modality = next(iter(_tables(scope, "ModalityLUTSequence", signed)), None)
        if not voi:
            voi = _tables(scope, "VOILUTSequence", signed)
        if "RescaleSlope" in scope and (slope, intercept) == (1.0, 0.0):
            slope, intercept = _real(scope, "RescaleSlope", 1.0), _real(scope, "RescaleIntercept", 0.0)
    return Display(slope or 1.0, intercept, modality, windows, voi, _padding(header, signed))


def _scopes(header: Dataset, frame: int) -> Iterator[Dataset]:
    try:
        groups = []
        if "PerFrameFunctionalGroupsSequence" in header:
            sequence = header.PerFrameFunctionalGroupsSequence
            groups += [sequence[frame]] if frame < len(sequence) else []
        if "SharedFunctionalGroupsSequence" in header:
            groups += list(header.SharedFunctionalGroupsSequence)[:1]
        for item in groups:
            for keyword in ("FrameVOILUTSequence", "PixelValueTransformationSequence"):
                if item.get(keyword):
                    yield item[keyword].value[0]
    except Exception:
        yield Dataset()
    yield header


def _numbers(scope: Dataset, keyword: str) -> list[float]:
    try:
        value = scope.get(keyword)
        if value is None or value == "":
            return []
        values = [value] if isinstance(value, str | int | float) else list(value)
        return [number for number in map(float, values) if np.isfinite(number)]
    except Exception:
        return []


def _real(scope: Dataset, keyword: str, default: float) -> float:
    return next(iter(_numbers(scope, keyword)), default)


def _windows(scope: Dataset) -> tuple[Window, ...]:
    pairs = zip(_numbers(scope, "WindowCenter"), _numbers(scope, "WindowWidth"), strict=False)
    function = str(scope.get("VOILUTFunction", "") or "LINEAR").upper()
    return tuple(
        Window(center, width, function) for center, width in pairs if width >= 1 or (width > 0 and function != "LINEAR")
    )


def _tables(scope: Dataset, keyword: str, signed: bool) -> tuple[Table, ...]:
    found: list[Table] = []
    try:
        for item in scope.get(keyword) or ():
            entries, first, bits = _descriptor(item["LUTDescriptor"].value)
            raw = item["LUTData"].value
            data = np.frombuffer(raw, "<u2") if isinstance(raw, bytes) else np.asarray(raw)
            if bits <= 8 and len(data) * 2 == (entries or 65536):
                data = data.astype("<u2").view(np.uint8)
            first = first - 65536 if signed and first > 32767 else first
            if len(data):
                found.append(Table(first, data[: entries or 65536].astype(np.float64)))
    except Exception:
        return tuple(found)
    return tuple(found)


def _descriptor(value: Any) -> tuple[int, int, int]:
    """Number of entries, first input value, bits of an entry; implicit VR leaves the value as bytes."""
    words = np.frombuffer(value, "<u2") if isinstance(value, bytes) else value
    entries, first, bits = (int(number) for number in words)
    return entries & 0xFFFF, first, bits


def _padding(header: Dataset, signed: bool) -> tuple[int, int] | None:
    """Lowest and highest padding value (PS3.3 C.7.5.1.1.2)."""
    values = [int(v) for key in ("PixelPaddingValue", "PixelPaddingRangeLimit") for v in _numbers(header, key)[:1]]
    if signed:
        values = [v - 65536 if v > 32767 else v for v in values]
    return (min(values), max(values)) if values else None


def palette(header: Dataset, stored_bits: int) -> Array:
    """RGB, uint8 or uint16 as its entries are deep, ``(2 ** stored_bits, 3)`` for every index.

    Raises:
        UnreadableFile: the palette is missing or makes no sense.
    """
    index = np.arange(1 << min(stored_bits, 16), dtype=np.uint16)
    try:
        rgb = apply_color_lut(index, _little_palette(header))
    except Exception:
        raise UnreadableFile("palette-unreadable", "the palette is missing or makes no sense") from None
    return rgb[:, :3] if rgb.max() > 255 else rgb[:, :3].astype(np.uint8)


def _little_palette(header: Dataset) -> Dataset:
    """The palette as pydicom takes it: its words in little endian order, whatever the transfer syntax."""
    if header.original_encoding[1] is not False:
        return header
    made = Dataset({element.tag: element for element in header.group_dataset(0x0028)})
    made.set_original_encoding(is_implicit_vr=False, is_little_endian=False)
    for keyword in (f"{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue")):
        if keyword in made and made[keyword].VR == "OW":
            made.add_new(keyword, "OW", np.frombuffer(made[keyword].value, ">u2").astype("<u2").tobytes())
    return made
