"""Colours that the header tells otherwise than the frames: read as the frames say, released as they came, and warned of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from dicom_objects import Case, encoded, header, native_bytes, pixels, save
from pydicom import dcmread
from pydicom.encaps import encapsulate

from deidkit.batch.runner import Settings, run
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10 import syntaxes as s

FORMAT = DicomFormat(DicomOptions())
JPEG_RGB = Case(s.JPEG_BASELINE, "RGB")
JPEG_YBR = Case(s.JPEG_BASELINE, "YBR_FULL_422", sampling="4:2:0")
J2K_RGB, J2K_RCT = Case(s.J2K_LOSSLESS, "RGB"), Case(s.J2K_LOSSLESS, "YBR_RCT")
PROFILE = """\
profile: plain
schema_version: 1
detect: [{use: catalog, options: {builtin: false}}]
decide: {use: policy}
redact: {use: blackbox}
scrub: [{use: ps315}]
verify: [{use: equality}]
"""


def labelled(path: Path, case: Case, photometric: str, planar: int = 0) -> Path:
    """The frames of ``case`` under another Photometric Interpretation."""
    ds = header(case)
    ds.PhotometricInterpretation, ds.PlanarConfiguration = photometric, planar
    if s.SYNTAXES[case.syntax].native:
        ds.PixelData = native_bytes(case, pixels(case))
    else:
        ds.PixelData = encapsulate([encoded(case, one) for one in pixels(case)])
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", not s.SYNTAXES[case.syntax].native
    return save(ds, path)


def sampled(case: Case, folder: Path) -> np.ndarray:
    return FORMAT.open(labelled(folder / "true.dcm", case, case.photometric), Limits()).frame(0).samples


@pytest.mark.parametrize(
    ("case", "photometric", "planar", "words"),
    [
        (JPEG_RGB, "RGB", 0, ()),
        (JPEG_YBR, "YBR_FULL_422", 0, ()),
        (JPEG_YBR, "YBR_FULL", 0, ()),
        (J2K_RCT, "YBR_RCT", 0, ()),
        (J2K_RGB, "RGB", 0, ()),
        (Case(s.RLE, "RGB"), "RGB", 1, ()),
        (JPEG_YBR, "RGB", 0, ("says RGB; the frames hold YBR_FULL",)),
        (JPEG_RGB, "YBR_FULL_422", 0, ("says YBR_FULL_422; the frames hold RGB",)),
        (JPEG_RGB, "YBR_FULL", 1, ("says YBR_FULL; the frames hold RGB", "Planar Configuration")),
        (JPEG_YBR, "YBR_ICT", 0, ("says YBR_ICT, a component transform",)),
        (J2K_RCT, "RGB", 0, ("says RGB; the component transform of the frames is YBR_RCT",)),
        (J2K_RCT, "YBR_ICT", 0, ("says YBR_ICT; the component transform of the frames is YBR_RCT",)),
        (J2K_RGB, "YBR_RCT", 1, ("says YBR_RCT; the component transform of the frames is none", "Planar Configuration")),
        (Case(s.JPEGLS, "RGB"), "RGB", 1, ("Planar Configuration",)),
        (Case(s.EXPLICIT_LE, "RGB"), "YBR_RCT", 0, ("says YBR_RCT, a component transform",)),
    ],
)
def test_contradictions_are_told(tmp_path: Path, case: Case, photometric: str, planar: int, words: tuple[str, ...]) -> None:
    image = FORMAT.open(labelled(tmp_path / "a.dcm", case, photometric, planar), Limits())
    assert len(image.contradictions) == len(words)
    assert all(part in line for part, line in zip(words, image.contradictions, strict=True))
    assert np.array_equal(image.frame(0).samples, sampled(case, tmp_path))


def test_they_are_released_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(PROFILE)
    (tmp_path / "in").mkdir()
    lies = {"jpeg": (JPEG_YBR, "RGB", 0), "label": (JPEG_RGB, "YBR_FULL_422", 0), "planes": (Case(s.JPEGLS, "RGB"), "RGB", 1)}
    paths = {name: labelled(tmp_path / "in" / f"{name}.dcm", *lie) for name, lie in lies.items()}
    labelled(tmp_path / "in" / "true.dcm", JPEG_YBR, "YBR_FULL_422")
    run([tmp_path / "in"], tmp_path / "out", Settings(Keys(bytes(range(32))), str(tmp_path / "plain.yaml")))
    lines = (tmp_path / "out" / "private" / "manifest.jsonl").read_text().splitlines()
    records = {Path(record["source"]).stem: record for record in map(json.loads, lines)}
    assert [records[name]["outcome"] for name in (*lies, "true")] == ["released"] * 4
    for name, path in paths.items():
        told = [check["detail"] for check in records[name]["checks"] if check["status"] == "warned"]
        assert told and all(check.startswith(("Photometric Interpretation", "Planar Configuration")) for check in told)
        before, after = dcmread(path), dcmread(tmp_path / "out" / records[name]["output"])
        assert after.PixelData == before.PixelData
        assert after.PhotometricInterpretation == before.PhotometricInterpretation
        assert after.PlanarConfiguration == before.PlanarConfiguration
    assert all(check["status"] == "passed" for check in records["true"]["checks"])
