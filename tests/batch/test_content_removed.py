"""A run says where content was removed as a whole: in the record of the file and in its summary."""

from __future__ import annotations

import json
from pathlib import Path

from headers_only import picture, quick
from pydicom.sequence import Sequence
from pydicom.uid import RTStructureSetStorage

from deidkit.batch.runner import run

OTHERS = "pixels: none\nmatch: {kind: rt}\n"


def structures(path: Path) -> None:
    made = picture(SOPClassUID=RTStructureSetStorage, Modality="RTSTRUCT", StructureSetLabel="Plan 1")
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "SamplesPerPixel"):
        delattr(made, keyword)
    for keyword in ("PhotometricInterpretation", "PixelRepresentation", "ConversionType"):
        delattr(made, keyword)
    item = type(made)()
    item.ROINumber, item.ROIName, item.ROIGenerationAlgorithm = 1, "SpinalCord", "MANUAL"
    made.StructureSetROISequence = Sequence([item])
    path.mkdir()
    made.save_as(path / "a.dcm", enforce_file_format=True)


def test_the_record_and_the_summary_warn(tmp_path: Path) -> None:
    structures(tmp_path / "in")
    summary = run([tmp_path / "in"], tmp_path / "out", quick(tmp_path / "profiles", {"plans": OTHERS}))
    assert (summary.released, summary.warnings) == (1, {"content-removed": 1})
    (line,) = (tmp_path / "out" / "released.jsonl").read_text().splitlines()
    (check,) = [check for check in json.loads(line)["checks"] if check["status"] == "warned"]
    assert check == {"name": "content-removed", "status": "warned", "detail": "removed as a whole: names of structures"}
