"""The golden file of the command line: every message, its exit code, and never a name that was on the command line."""

from __future__ import annotations

import base64
import json
import re
import shlex
from pathlib import Path

import pytest

from deidkit.cli import cli
from deidkit.cli.exits import invoke
from deidkit.keys import PREFIX

GOLDEN = Path(__file__).parent / "golden" / "messages.txt"
CASES = [block.split("\n", 2) for block in re.split(r"\n\n(?=\$ )", GOLDEN.read_text().strip()) if block.startswith("$ ")]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with keys good and bad, an input, an output that is in use and one of an earlier run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEIDKIT_KEY_FILE", raising=False)
    for name, mode, text in (
        ("good.key", 0o600, PREFIX + base64.b64encode(bytes(range(32))).decode() + "\n"),
        ("zero.key", 0o600, PREFIX + "A" * 43 + "=\n"),
        ("open.key", 0o644, PREFIX + "A" * 43 + "=\n"),
        ("text.key", 0o600, "hello\n"),
    ):
        Path(name).write_text(text)
        Path(name).chmod(mode)
    for folder in ("images", "full", "done/private/quarantine", "done/released"):
        Path(folder).mkdir(parents=True)
    Path("images/DOE_JANE.dcm").write_bytes(b"not an image")
    Path("full/something").touch()
    Path("done/private/quarantine/0001.dcm").touch()
    first = {"name": "a.dcm", "outcome": "quarantined", "profile": "us", "reasons": ["not-proven-clean:recheck: text"]}
    entries = {
        "0001": first | {"attempt": "private/quarantine/0001.dcm", "source": "DOE_JANE.dcm"},
        "0002": {"outcome": "quarantined", "profile": None, "reasons": ["no-profile"], "source": "DOE_JANE2.dcm"},
        "0003": {"outcome": "released", "profile": "us", "reasons": ["text"], "source": "x", "released_by": "Grace"},
    }
    for item, entry in entries.items():
        Path(f"done/private/quarantine/{item}.json").write_text(json.dumps({"item": item} | entry))
    return tmp_path


def squeezed(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [re.sub("─+", "────────", line) for line in lines if line]


@pytest.mark.parametrize(
    ("command", "code", "output"), [(*case, "")[:3] for case in CASES], ids=[case[0][2:] for case in CASES]
)
def test_message(place, capsys, command, code, output):
    ended = invoke(cli, shlex.split(command)[2:])
    captured = capsys.readouterr()
    said = squeezed(captured.out) + [f"! {line}" for line in squeezed(captured.err)]
    assert f"[{ended}]" == code
    wanted = squeezed(output)
    assert len(said) == len(wanted)
    for line, golden in zip(said, wanted, strict=True):
        assert line.startswith(golden[:-1]) if golden.endswith("*") else line == golden
    assert "DOE" not in captured.out + captured.err
