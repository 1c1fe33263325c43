from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from profile_fakes import for_builtin

from deidkit.cli.profiles import profiles

BAD = Path(__file__).parent / "bad"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    known = for_builtin()
    monkeypatch.setattr("deidkit.registry.installed", lambda: known)

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(profiles, [str(argument) for argument in arguments])

    return call


def test_list_names_layer_and_match(run) -> None:
    rows = {row["profile"]: row for row in json.loads(run("list", "--json").stdout)}
    assert rows["us"]["layer"] == "builtin"
    assert rows["us"]["match"] == {"kind": ["image"], "modality": ["BDUS", "IVUS", "US"]}
    assert rows["strict"]["match"] is None
    assert "ct_mr" in run("list").stdout


def test_show_fills_in_parents_and_defaults(run) -> None:
    shown = json.loads(run("show", "us", "--json").stdout)
    assert shown["redact"] == [{"name": "blackbox", "options": {"margin_px": 3}}]
    assert shown["limits"]["stage_seconds"] == 120.0
    assert "digest: " in run("show", "us").stdout


def test_show_attributes_asks_the_scrubber(run) -> None:
    assert json.loads(run("show", "us", "--attributes", "--json").stdout) == [
        {"tag": "(0010,0010)", "keyword": "PatientName", "action": "Z", "source": "basic profile", "scrubber": "ps315"}
    ]


def test_check_prints_every_problem_and_ends_with_2(run) -> None:
    path = BAD / "03_unknown_option.yaml"
    result = run("check", path)
    assert result.exit_code == 2
    assert result.stdout.splitlines() == [f"{BAD}/{line}" for line in path.with_suffix(".txt").read_text().splitlines()]


def test_check_of_a_good_file_ends_with_0(run, tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text("profile: ours\nschema_version: 1\nextends: us\n")
    result = run("check", path)
    assert (result.exit_code, ": valid, profile ours, digest " in result.stdout) == (0, True)


def test_schema_is_json(run) -> None:
    assert json.loads(run("schema").stdout)["title"] == "deidkit profile"
