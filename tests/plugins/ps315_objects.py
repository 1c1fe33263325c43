"""Objects of every SOP class, made from the tables of PS3.3: each required attribute there, with some value of its VR."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ps315_running import written
from pydicom import Dataset
from pydicom.datadict import dictionary_VM, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from deidkit_ps315.standard.addresses import is_class_uid
from deidkit_ps315.standard.iod import Level, level_of

VALUES: dict[str, object] = {
    "AE": "AETITLE", "AS": "045Y", "AT": 0x00180010, "CS": "OTHER", "DA": "20200131", "DS": "1.5", "DT": "20200131101500",
    "FD": 1.0, "FL": 1.0, "IS": "1", "LO": "value", "LT": "some text", "OB": b"\0\1", "OD": b"\0" * 8, "OF": b"\0" * 4,
    "OL": b"\0" * 4, "OV": b"\0" * 8, "OW": b"\0\1", "PN": "Quorvane^Zem", "SH": "value", "SL": 1, "SS": 1, "ST": "some text",
    "SV": 1, "TM": "101500", "UC": "value", "UI": "1.2.826.0.1.3680043.10.5.77", "UL": 1, "UN": b"\0\1", "UR": "urn:value",
    "US": 1, "UT": "some text", "UV": 1,
}  # fmt: skip
DEEPEST = 6


def minimal(sop_class: str, conditional: bool) -> Dataset:
    """An object with all attributes of type 1 and 2 of its mandatory modules, or also those of type 1C and 2C."""
    made = _filled(level_of(sop_class, "M"), conditional, 0)
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID, made.SOPInstanceUID = sop_class, "1.2.826.0.1.3680043.10.5.78"
    made.PatientName, made.PatientID = "Quorvane^Zem", "4711-228"
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = sop_class, made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def _filled(level: Level, conditional: bool, depth: int) -> Dataset:
    made = Dataset()
    for tag, kind in level.listed():
        if kind == "3" or (kind in {"1C", "2C"} and not conditional) or tag >> 16 in {0x7FE0, 0x5600}:
            continue
        vr = dictionary_VR(tag)[:2]
        if vr != "SQ":
            made.add(DataElement(tag, vr, _value(tag, vr), validation_mode=0))
        elif depth < DEEPEST:
            made.add(DataElement(tag, "SQ", Sequence([_filled(level.below(tag), conditional, depth + 1)])))
    return made


def _value(tag: int, vr: str) -> object:
    if vr == "UI" and is_class_uid(tag):
        return CTImageStorage
    value, many = VALUES[vr], dictionary_VM(tag).split("-")[0]
    return [value] * int(many) if many.isdigit() and int(many) > 1 else value


def errors(path: Path) -> set[str]:
    """What dciodvfy finds wrong, without values and numbers of items."""
    done = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, errors="replace", timeout=60, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    return {re.sub(r"<[^>]*?>|\[\d+\]|\d{5,}|'.*?'|\(0x[0-9a-f,]+\)", "", line) for line in lines}


def new_errors(before: Dataset, after: Dataset, folder: Path) -> set[str]:
    for name, header in (("before.dcm", before), ("after.dcm", after)):
        (folder / name).write_bytes(written(header))
    return errors(folder / "after.dcm") - errors(folder / "before.dcm")
