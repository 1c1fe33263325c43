"""A profile's limits are those of its files, however they came to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import manifest
from headers_only import quick
from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from deidkit.batch.runner import run
from deidkit.limits import Limits
from deidkit.testing.phantoms import make

SMALL = {
    "frame_bytes": (1000, "frame-too-large"),
    "frames": (2, "frames-out-of-range"),
    "file_bytes": (10_000, "file-too-large"),
    "header_bytes": (1000, "header-too-large"),
    "elements": (20, "header-too-large"),
    "inflated_bytes": (10_000, "deflate-bomb"),
    "depth": (1, "nesting-too-deep"),
}


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Three frames, deflated, with a sequence in a sequence."""
    made = make("us", 1).dataset
    outer, inner = Dataset(), Dataset()
    inner.CodeValue = "T-1"
    outer.PurposeOfReferenceCodeSequence = [inner]
    made.SourceImageSequence = [outer]
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    (tmp_path / "in").mkdir()
    made.save_as(tmp_path / "in" / "a.dcm", enforce_file_format=True)
    return tmp_path / "in"


@pytest.mark.parametrize("name", SMALL)
def test_a_matched_profile_holds_its_files_to_its_own_limits(image: Path, tmp_path: Path, name: str) -> None:
    number, code = SMALL[name]
    own = f"limits: {{{name}: {number}, stage_seconds: 60}}\n"
    profiles = {"tight": f"match: {{modality: US}}\n{own}", "roomy": "match: {modality: CT}\nlimits: {stage_seconds: 600}\n"}
    run([image], tmp_path / "out", quick(tmp_path / "site", profiles))
    line = manifest(tmp_path / "out")["a.dcm"]
    assert line["outcome"] == "quarantined" and line["profile"] == "tight"
    assert [str(reason).partition(":")[0] for reason in line["reasons"]] == [code]  # type: ignore[attr-defined]


def test_the_limits_of_other_profiles_hold_nobody_up(image: Path, tmp_path: Path) -> None:
    tight = ", ".join(f"{name}: {number}" for name, (number, _) in SMALL.items())
    profiles = {
        "ours": "match: {modality: US}\n",
        "tight": f"match: {{modality: CT}}\nlimits: {{{tight}, stage_seconds: 600}}\n",
    }
    run([image], tmp_path / "out", quick(tmp_path / "site", profiles))
    line = manifest(tmp_path / "out")["a.dcm"]
    assert (line["outcome"], line["profile"]) == ("released", "ours"), line["reasons"]


def test_the_ceiling_takes_the_highest_of_each() -> None:
    one, two = Limits(frames=5, depth=9), Limits(frames=7, depth=3, stage_seconds=1.0)
    assert Limits.ceiling(one, two) == Limits(frames=7, depth=9)
    assert one.opens_alike(Limits(frames=5, depth=9, stage_seconds=1.0)) and not one.opens_alike(two)
