"""Every storage class of the standard: a small object of it, and the table of docs/conformance.md about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ps315_objects import minimal
from pydicom import Dataset
from pydicom.uid import UID, UID_dictionary

from deidkit.errors import ItemError
from deidkit.profiles.profile_set import ProfileSet
from deidkit.profiles.selection import choose
from deidkit.registry import installed
from deidkit_modality.header_rules import header_labels
from deidkit_modality.sop_classes import BY_KEYWORD, LATER, Meaning, meaning_of

NO_OBJECTS = {"StorageCommitmentPushModel", "StorageCommitmentPullModel", "MediaStorageDirectoryStorage"}
"""Storage in name only: two services, and the index of a medium, which a run skips."""
PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
START, END = "<!-- storage classes -->\n", "<!-- end of storage classes -->\n"


def storage_classes() -> dict[str, str]:
    """UID -> keyword of each SOP class of PS3.6 that has Storage in its name, and of those that pydicom does not know yet."""
    known = {uid: entry[4] for uid, entry in UID_dictionary.items() if entry[1] == "SOP Class" and "Storage" in entry[0]}
    return {uid: keyword for uid, keyword in sorted((known | LATER).items()) if keyword not in NO_OBJECTS}


def header_only(uid: str, number: int, conditional: bool = False) -> Dataset:
    """An object of the class with all attributes of its mandatory modules and no pixel data."""
    made = minimal(uid, conditional)
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.3680043.10.5.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.826.0.1.3680043.10.5.1", f"1.2.826.0.1.3680043.10.5.{number}.1"
    meaning = meaning_of(uid)
    if meaning.modalities:
        made.Modality = meaning.modalities[0]
    if UID(uid).keyword == "MRSpectroscopyStorage":
        made.add_new(0x56000020, "OF", np.arange(64, dtype="<f4").tobytes())
    return made


def with_pixels(made: Dataset, samples: np.ndarray) -> Dataset:
    """The object with ``samples`` (frames, rows, columns) of an unsigned or floating point type, native."""
    made.NumberOfFrames, made.Rows, made.Columns = samples.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = 8 * samples.dtype.itemsize
    if samples.dtype.kind == "f":
        tag, vr = (0x7FE00008, "OF") if samples.dtype.itemsize == 4 else (0x7FE00009, "OD")
    else:
        tag, vr = 0x7FE00010, "OB" if samples.dtype.itemsize == 1 else "OW"
        made.BitsStored, made.HighBit, made.PixelRepresentation = made.BitsAllocated, made.BitsAllocated - 1, 0
    raw = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    made.add_new(tag, vr, raw + b"\0" * (len(raw) % 2))
    return made


def outcome(meaning: Meaning, uid: str, profiles: ProfileSet) -> str:
    """The built-in profile that an object of the class gets, or the code with which it is quarantined."""
    header = Dataset()
    header.SOPClassUID = uid
    if meaning.modalities:
        header.Modality = meaning.modalities[0]
    try:
        chosen = f"`{choose(header_labels(header), profiles).name}`"
        if meaning.bare:
            chosen += f", without pixel data `{choose(header_labels(header, has_pixels=False), profiles).name}`"
    except ItemError as error:
        return f"quarantine `{error.code}`"
    return chosen


def table() -> str:
    """All storage classes as Markdown, those of one kind and one outcome in one row."""
    profiles = ProfileSet.load(installed())
    rows: dict[tuple[str, str], list[str]] = {}
    for uid, keyword in storage_classes().items():
        meaning = BY_KEYWORD[keyword]
        rows.setdefault((meaning.kind, outcome(meaning, uid, profiles)), []).append(keyword)
    lines = ["| kind | profile | storage classes |", "|---|---|---|"]
    lines += [f"| {kind} | {chosen} | {', '.join(names)} |" for (kind, chosen), names in sorted(rows.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    head, _, rest = PAGE.read_text().partition(START)
    PAGE.write_text(f"{head}{START}{table()}{END}{rest.partition(END)[2]}")
