"""pydicom's lookup functions on tables of stored values (PS3.3 C.7.6.3.1.5, C.11.1, C.11.2).

They take attributes as the standard writes them. What files hold (a descriptor of the wrong sign, bytes packed into words, a
window that is no number) is brought into that form here or counts as absent; functional groups are brought to the top level.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.filewriter import correct_ambiguous_vr
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi, apply_windowing

from deidkit_recheck.rendered import Tone, Values, grey

MACROS = ("PixelValueTransformationSequence", "FrameVOILUTSequence")
WINDOW = ("WindowCenter", "WindowWidth")
CARRIED = ("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", *WINDOW, "VOILUTFunction", "VOILUTSequence")
FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")
UNKNOWN = ("LINEAR", "LINEAR_EXACT")
"""How viewers take a function that they do not know."""
COLOURS = ("Red", "Green", "Blue")
MOST = 16
"""Windows and tables that are shown at most; headers of real devices name fewer."""
WORD = 1 << 16


def display_attributes(header: Dataset, frame: int) -> Dataset:
    """What applies to ``frame`` of modality and VOI LUT: functional groups before the top level (PS3.3 C.7.6.16)."""
    found = _empty(header)
    shared, own = ("SharedFunctionalGroupsSequence", 0), ("PerFrameFunctionalGroupsSequence", frame)
    for scope in (header, *_macros(header, *shared), *_macros(header, *own)):
        for keyword in CARRIED:
            if scope.get(keyword) not in (None, "", b""):
                found[keyword] = scope[keyword]
    return _unambiguous(found)


def _macros(header: Dataset, keyword: str, place: int) -> Iterator[Dataset]:
    groups = header.get(keyword) or ()
    for macro in MACROS if place < len(groups) else ():
        yield from (groups[place].get(macro) or ())[:1]


def _empty(header: Dataset) -> Dataset:
    made = Dataset()
    implicit, little = header.original_encoding
    made.set_original_encoding(implicit, little, header.original_character_set)
    made.PixelRepresentation = header.get("PixelRepresentation", 0)
    return made


def _unambiguous(dataset: Dataset) -> Dataset:
    return correct_ambiguous_vr(dataset, dataset.original_encoding[1] is not False)


def modality_values(stored: Values, attributes: Dataset) -> Values:
    """Values after the modality LUT, or slope and intercept; a slope of zero, which would show nothing, counts as one."""
    shown = Dataset()
    for table in _tables(attributes, "ModalityLUTSequence")[:1]:
        shown.ModalityLUTSequence = [table]
        return np.asarray(apply_modality_lut(_within(stored, table), shown), np.float64)
    shown.RescaleSlope = next(iter(_numbers(attributes, "RescaleSlope")), 1.0) or 1.0
    shown.RescaleIntercept = next(iter(_numbers(attributes, "RescaleIntercept")), 0.0)
    return np.asarray(apply_modality_lut(stored, shown), np.float64)


def voi_tones(values: Values, attributes: Dataset) -> dict[str, Tone]:
    """The tone of every VOI LUT and window that the header names, in the order in which a viewer offers them."""
    tones = [*_table_tones(values, attributes), *_window_tones(values, attributes)][:MOST]
    return {f"window{number}" if number > 1 else "default": tone for number, tone in enumerate(tones, 1)}


def _table_tones(values: Values, attributes: Dataset) -> Iterator[Tone]:
    """White is the largest entry, because the bits that descriptors tell are often more than the entries use."""
    for table in _tables(attributes, "VOILUTSequence"):
        shown = Dataset()
        shown.VOILUTSequence = [table]
        yield grey(apply_voi(_within(values, table), shown) / max(max(table.LUTData), 1))


def _window_tones(values: Values, attributes: Dataset) -> Iterator[Tone]:
    told = str(attributes.get("VOILUTFunction") or "LINEAR").upper()
    windows = dict.fromkeys(zip(*(_numbers(attributes, keyword) for keyword in WINDOW), strict=False))
    for function, (center, width) in product((told,) if told in FUNCTIONS else UNKNOWN, windows):
        shown = Dataset()
        shown.PhotometricInterpretation, shown.BitsStored, shown.PixelRepresentation = "MONOCHROME2", 16, 0
        shown.VOILUTFunction, shown.WindowCenter, shown.WindowWidth = function, center, width
        if width >= 1 or (width > 0 and function != "LINEAR"):
            yield grey(apply_windowing(values, shown) / (WORD - 1))


def palette_colours(stored: Values, header: Dataset) -> NDArray[np.uint8]:
    """RGB ``(n, 3)`` of stored indices; those beside the table take its first or last entry (PS3.3 C.7.6.3.1.5)."""
    shown = _empty(header)
    for colour in COLOURS:
        plain, segmented = f"{colour}PaletteColorLookupTableData", f"Segmented{colour}PaletteColorLookupTableData"
        if plain in header:
            little = header.original_encoding[1] or header[plain].VR != "OW"
            data = header[plain].value
            shown.add_new(plain, "OW", data if little else np.frombuffer(data, ">u2").astype("<u2").tobytes())
        elif segmented in header:
            shown[segmented] = header[segmented]
        shown[f"{colour}PaletteColorLookupTableDescriptor"] = header[f"{colour}PaletteColorLookupTableDescriptor"]
    shown = _unambiguous(shown)
    for colour in COLOURS:
        entries, first, bits = _descriptor(shown, f"{colour}PaletteColorLookupTableDescriptor")
        shown[f"{colour}PaletteColorLookupTableDescriptor"].value = [entries % WORD, first, bits]
    index = np.clip(np.rint(stored), first, first + entries - 1).astype(np.int64)
    rgb = apply_color_lut(index, shown)
    return (rgb >> 8 if rgb.max() > 255 else rgb).astype(np.uint8)


def _numbers(attributes: Dataset, keyword: str) -> list[float]:
    try:
        value = attributes.get(keyword)
        values = [value] if isinstance(value, str | int | float) else list(value or ())
        return [number for number in map(float, values) if np.isfinite(number)]
    except Exception:
        return []


def _tables(attributes: Dataset, keyword: str) -> list[Dataset]:
    """The lookup tables of a sequence with 16 bits an entry and as many entries as there are. Malformed ones are left out."""
    signed = attributes.PixelRepresentation == 1
    found = (_table(item, signed=signed) for item in attributes.get(keyword) or ())
    return [table for table in found if table is not None]


def _table(item: Dataset, *, signed: bool) -> Dataset | None:
    try:
        entries, first, _ = _descriptor(item, "LUTDescriptor", signed=signed)
        words = _words(item.LUTData, entries)
    except Exception:
        return None
    made = Dataset()
    made.add_new("LUTDescriptor", "SS", [len(words) % WORD, first, 16])
    made.add_new("LUTData", "US", words.tolist())
    return made if len(words) else None


def _descriptor(dataset: Dataset, keyword: str, *, signed: bool = False) -> tuple[int, int, int]:
    """Entries, first value and bits; 65536 entries are written as 0, and both words with the wrong sign now and then."""
    entries, first, bits = (int(word) for word in dataset[keyword].value)
    return entries % WORD or WORD, first - WORD if signed and first >= WORD // 2 else first, bits


def _words(data: Any, entries: int) -> NDArray[np.uint16]:
    """Entries as words; eight-bit ones may be packed two to a word (PS3.3 C.11.1.1.1)."""
    if isinstance(data, bytes):
        data = np.frombuffer(data, np.uint8 if len(data) in (entries, entries + 1) else "<u2")
    return np.asarray(data)[:entries].astype(np.uint16)


def _within(values: Values, table: Dataset) -> NDArray[np.int64]:
    """``values`` as inputs of ``table``; what lies beside it takes its first or last entry (PS3.3 C.11.1.1.1)."""
    first = table.LUTDescriptor[1]
    return np.clip(values, first, first + len(table.LUTData) - 1).astype(np.int64)
