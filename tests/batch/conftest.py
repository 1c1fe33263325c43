from __future__ import annotations

import json
from pathlib import Path

import pytest

from deidkit.batch.runner import Settings
from deidkit.keys import Keys

HERE = Path(__file__).parent
PLUGINS = (("toy", "toys"),)
PROFILE = """\
profile: toy
schema_version: 1
detect: [{use: toy}]
decide: {use: toy}
redact: {use: toy}
scrub: [{use: toy}]
verify: [{use: toy}]
limits: {stage_seconds: 1}
"""


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    path = tmp_path / "toy.yaml"
    path.write_text(PROFILE)
    return path


@pytest.fixture
def settings(profile: Path) -> Settings:
    return Settings(Keys(bytes(range(32))), str(profile), plugins=PLUGINS)


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs here is ended sooner than a real stage, which may end by itself a little past its limit."""
    monkeypatch.setattr("deidkit.batch.supervisor.GRACE", 0.3)


def manifest(output: Path) -> dict[str, dict[str, object]]:
    lines = (output / "private" / "manifest.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert len({record["source"] for record in records}) == len(records)
    return {str(record["source"]): record for record in records}


def released(output: Path) -> dict[str, bytes]:
    root = output / "released"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
