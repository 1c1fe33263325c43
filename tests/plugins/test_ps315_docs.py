"""The profiles of docs/profiles.md load and do what the page says of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from ps315_corpus import base, person
from ps315_running import failures, reread, scrubbed, swept
from pydicom import Dataset

from deidkit.cli import cli
from deidkit_ps315.options import Ps315Options, SweepOptions

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "headers.md").read_text("utf-8")
WORKED = re.findall(r"```yaml\n(.*?)```", (DOCS / "profiles.md").read_text("utf-8"), re.DOTALL)
PROFILES = {profile["profile"]: profile for profile in map(yaml.safe_load, WORKED)}
WHO = person(97)


def options(name: str) -> dict[str, Any]:
    chosen = PROFILES[name]["scrub"][0]["options"]
    assert Ps315Options(**chosen)
    return dict(chosen)


def header() -> Dataset:
    made = base(WHO)
    made.StudyDescription, made.SeriesDescription = f"CT abdomen {WHO.family}", "Xyloquant B31f"
    made.AdditionalPatientHistory = f"{WHO.family}: cough since 14.02.2019"
    made.StationName, made.SoftwareVersions, made.ProtocolName, made.PatientAge = "CT7", "VA48A", "Thorax", "093Y"
    made.ClinicalTrialSubjectID, made.ClinicalTrialSiteName = "S-0815-77", "Site North"
    made.DateOfLastCalibration, made.Manufacturer = "20190101", "ACME"
    made.private_block(0x0019, "GEMS_ACQU_01", create=True).add_new(0x24, "DS", "1.5")
    return reread(made)


def done(name: str, folder: Path) -> Dataset:
    before = header()
    after, changes = scrubbed(before, **options(name))
    assert failures(swept(before, after, changes, folder / "a.dcm")) == []
    return after


def test_there_are_five_and_those_that_stand_for_built_in_ones() -> None:
    assert set(PROFILES) - {"base", "sr"} == {"campus_research", "public_release", "trial", "teaching", "device_qa"}


def test_they_load_as_profiles_of_a_site(tmp_path: Path) -> None:
    for name, text in zip(PROFILES, WORKED, strict=True):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
        result = CliRunner().invoke(cli, ["profiles", "check", str(tmp_path / f"{name}.yaml")])
        assert result.exit_code == 0, result.output


def test_the_base_of_a_site_changes_images_and_reports(tmp_path: Path) -> None:
    for name, text in zip(PROFILES, WORKED, strict=True):
        if name in {"base", "sr"}:
            (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    for name in ("us", "nm_pt", "sr", "waveform"):
        shown = CliRunner().invoke(cli, ["profiles", "show", name, "--profiles", str(tmp_path)])
        assert "dates: shift" in shown.output, shown.output


def test_campus_research(tmp_path: Path) -> None:
    after = done("campus_research", tmp_path)
    assert (after.StudyDescription, after.SeriesDescription) == ("CT abdomen [NAME]", "Xyloquant B31f")
    assert (after.StationName, after.PatientAge, after[0x0019, 0x1024].value) == ("CT7", "090Y", 1.5)
    assert after.StudyDate not in {"", WHO.seen}


def test_public_release(tmp_path: Path) -> None:
    after = done("public_release", tmp_path)
    assert not {"StudyDescription", "StationName", "SoftwareVersions", "PatientAge"} & set(after.dir())
    assert (after.StudyDate, after.PatientSex, after.Manufacturer) == ("", "", "ACME")


def test_trial(tmp_path: Path) -> None:
    after = done("trial", tmp_path)
    assert after.PatientID.startswith("TRIAL7-")
    assert (after.ClinicalTrialSubjectID, after.ClinicalTrialSiteName) == ("S-0815-77", "Site North")
    assert (after.SeriesDescription, "StationName" in after) == ("[REMOVED] B31f", False)


def test_teaching(tmp_path: Path) -> None:
    after = done("teaching", tmp_path)
    assert after.AdditionalPatientHistory == "[NAME]: cough since [DATE]"
    assert (after.PatientAge, after.StudyDate) == ("090Y", "")


def test_device_qa(tmp_path: Path) -> None:
    after = done("device_qa", tmp_path)
    assert (after.StationName, after.DateOfLastCalibration, after.ProtocolName) == ("CT7", "20190101", "Thorax")
    assert after.StudyInstanceUID == header().StudyInstanceUID
    assert not {"StudyDescription", "PatientAge"} & set(after.dir())
    assert (after.PatientSex, after.PatientBirthDate, after.StudyDate) == ("", "", WHO.seen)


@pytest.mark.parametrize("model", [Ps315Options, SweepOptions])
def test_every_option_is_on_the_page(model: type[Ps315Options]) -> None:
    assert all(f"`{name}`" in PAGE for name in model.model_fields)
