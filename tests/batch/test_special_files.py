"""Whatever lies in an input folder gets its line: pipes, devices, endless and enormous files, loops, names that are no text."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import manifest
from toys import write_toy

from deidkit.batch.runner import Settings, plan, run

ODD = os.fsdecode(b"odd\xff\xfe\nname")
SAID = {
    "device": "not-a-file", "folder link": "not-a-file", "gone": "not-a-file", "loop": "not-a-file", "pipe": "not-a-file",
    "socket": "not-a-file", "empty": "empty-file", "endless": "empty-file", "enormous": "format-unknown", ODD: "", "toy": "",
    "link": "",
}  # fmt: skip


@pytest.fixture
def inputs(tmp_path: Path) -> Iterator[Path]:
    folder, outside = tmp_path / "in", tmp_path / "outside"
    folder.mkdir()
    write_toy(folder / "toy", 1)
    write_toy(folder / ODD, 2)
    write_toy(outside, 3)
    for name, target in {
        "device": "/dev/zero", "endless": "/proc/self/pagemap", "folder link": "..", "gone": "nowhere", "link": str(outside),
        "loop": "loop",
    }.items():  # fmt: skip
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe")
    (folder / "empty").touch()
    with (folder / "enormous").open("wb") as stream:
        stream.truncate(3 << 40)
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(folder / "socket"))
        yield folder


def codes(reasons: object) -> str:
    return ",".join(str(reason).partition(":")[0] for reason in reasons)  # type: ignore[attr-defined]


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="only Linux has a file that never ends")
def test_everything_gets_its_line(inputs: Path, settings: Settings, tmp_path: Path) -> None:
    for workers in (1, 2):
        output = tmp_path / f"out{workers}"
        run([inputs], output, replace(settings, workers=workers))
        lines = manifest(output)
        assert {name: codes(line["reasons"]) for name, line in lines.items()} == SAID
        assert all((line["outcome"] == "released") == (SAID[name] == "") for name, line in lines.items())
    resumed = run([inputs], output, replace(settings, resume=True))
    assert resumed.resumed == len(SAID)
    assert {outcome.source: codes(outcome.reasons) for outcome in plan([inputs], settings)} == SAID
