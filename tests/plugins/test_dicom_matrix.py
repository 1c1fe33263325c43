"""Every kind of image goes through the whole pipeline and is read again by two decoders that are not ours.

The text is found by a site's device catalogue, so that no recogniser decides whether this test passes.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_cases import CASES, table, written_as
from dicom_objects import BOX, COLUMNS, ROWS, Case, gdcm_samples, write

from deidkit.batch.runner import Settings, run
from deidkit.keys import Keys
from deidkit_dicom.format import silence_pydicom
from deidkit_dicom.part10 import syntaxes as s

MARGIN = 3
PROFILE = """\
profile: matrix
schema_version: 1
detect: [{{use: catalog, options: {{builtin: false, catalogues: ["{catalogue}"]}}}}]
decide: {{use: policy}}
redact: {{use: blackbox, options: {{margin_px: {margin}}}}}
scrub: [{{use: ps315}}]
verify: [{{use: sweep}}]
"""
CATALOGUE = f"""\
catalogue_version: 1
signatures:
- name: matrix
  source: this test
  rows: {ROWS}
  columns: {COLUMNS}
  when: {{attribute: Manufacturer, equals: [Matrix]}}
  boxes: [[{", ".join(map(str, BOX))}]]
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict]]:
    """Input path and manifest record of each case, after one run over all of them."""
    root = tmp_path_factory.mktemp("matrix")
    (root / "catalogue.yaml").write_text(CATALOGUE)
    (root / "matrix.yaml").write_text(PROFILE.format(catalogue=root / "catalogue.yaml", margin=MARGIN))
    (root / "in").mkdir()
    for case in CASES:
        write(case, root / "in" / f"{case.name}.dcm")
    run([root / "in"], root / "out", Settings(Keys(bytes(range(32))), str(root / "matrix.yaml")))
    lines = (root / "out" / "private" / "manifest.jsonl").read_text().splitlines()
    records = {Path(record["source"]).stem: record for record in map(json.loads, lines)}
    silence_pydicom()
    return {name: (root / "in" / f"{name}.dcm", {**record, "root": root / "out"}) for name, record in records.items()}


def changed_box(case: Case) -> tuple[int, int, int, int]:
    """Where samples may differ: the grown box, widened to pairs, or to MCUs and the reach of chroma interpolation."""
    x0, y0, x1, y1 = BOX[0] - MARGIN, BOX[1] - MARGIN, BOX[2] + MARGIN, BOX[3] + MARGIN
    if case.photometric == "YBR_FULL_422" and s.SYNTAXES[case.syntax].native:
        return x0 - x0 % 2, y0, x1 + x1 % 2, y1
    if case.syntax not in (s.JPEG_BASELINE, s.JPEG_EXTENDED) or case.allocated != 8:
        return x0, y0, x1, y1
    across, down = {"4:2:2": (2, 0), "4:2:0": (2, 2)}.get(case.sampling, (0, 0))
    width, height = 8 * max(1, across), 8 * max(1, down)
    left, top = (x0 - across) // width * width - across, (y0 - down) // height * height - down
    right, bottom = -(-(x1 + across) // width) * width + across, -(-(y1 + down) // height) * height + down
    return max(0, left), max(0, top), min(COLUMNS, right), min(ROWS, bottom)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_only_the_text_changes(case: Case, outputs: dict[str, tuple[Path, dict]]) -> None:
    before, record = outputs[case.name]
    assert record["outcome"] == "released", record["reasons"]
    after = record["root"] / record["output"]
    old, new = pydicom.dcmread(before), pydicom.dcmread(after)
    check_header(case, old, new)
    x0, y0, x1, y1 = changed_box(case)
    outside = np.ones((ROWS, COLUMNS), bool)
    outside[y0:y1, x0:x1] = False
    for index in range(case.frames):
        was, is_now = decoded(old, index), decoded(new, index)
        if was is not None:
            assert np.array_equal(was[outside], is_now[outside])
            assert_blank(case, is_now[BOX[1] : BOX[3], BOX[0] : BOX[2]], was[outside])
    was, is_now = gdcm_samples(before), gdcm_samples(after)
    if was is not None:
        assert is_now is not None, "GDCM read the input and cannot read the output"
        # GDCM turns YBR_FULL from JPEG into RGB, and leaves native YBR_FULL alone.
        if was.shape == is_now.shape:
            assert np.array_equal(was[:, outside], is_now[:, outside])
    assert was is not None or s.SYNTAXES[case.syntax].name.startswith(("HTJ2K", "JPEG-LS", "Explicit VR Big"))


def decoded(ds: pydicom.Dataset, index: int) -> np.ndarray | None:
    """Samples without colour conversion; None for the one kind that pydicom decodes with nothing that is installed here."""
    if ds.file_meta.TransferSyntaxUID == s.JPEG_EXTENDED and ds.BitsAllocated == 16:
        return None
    return pydicom.pixels.pixel_array(ds, index=index if int(ds.get("NumberOfFrames", 1)) > 1 else None, raw=True)


def assert_blank(case: Case, inside: np.ndarray, outside: np.ndarray) -> None:
    """One value everywhere, and the one that shows as black."""
    flat = inside.reshape(-1, inside.shape[2] if inside.ndim == 3 else 1)
    assert (flat == flat[0]).all(), "the box is not of one colour"
    value = tuple(int(v) for v in flat[0])
    if case.photometric in ("RGB", "YBR_RCT", "YBR_ICT"):
        assert value == (0, 0, 0)
    elif case.photometric.startswith("YBR"):
        assert value == (0, 128, 128)
    elif case.photometric == "MONOCHROME1":
        assert value[0] >= outside.max()
    elif case.photometric == "MONOCHROME2":
        assert value[0] <= outside.min()
    else:
        assert value[0] == 7, "not the darkest entry of the palette"


def check_header(case: Case, old: pydicom.Dataset, new: pydicom.Dataset) -> None:
    for keyword in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"):
        assert new[keyword].value == old[keyword].value, keyword
    assert int(new.get("NumberOfFrames", 1)) == case.frames
    assert new.file_meta.TransferSyntaxUID == written_as(case)
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID != old.SOPInstanceUID
    if s.SYNTAXES[case.syntax].always_lossy or case.syntax == s.J2K:
        assert new.LossyImageCompression == "01"
        assert new.LossyImageCompressionMethod == old.LossyImageCompressionMethod
    if s.SYNTAXES[written_as(case)].native:
        per_pixel = 2 if new.PhotometricInterpretation == "YBR_FULL_422" else case.samples
        bits = ROWS * COLUMNS * per_pixel * case.allocated * case.frames
        assert len(new.PixelData) == -(-bits // 16) * 2
    assert str(new.PatientName) != str(old.PatientName)


def test_conformance_table_is_current() -> None:
    text = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text()
    assert table() in text, "run: python tests/plugins/dicom_cases.py"
