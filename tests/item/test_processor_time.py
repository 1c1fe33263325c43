"""How much the processes of a group have worked, as the kernel tells it in /proc and as ps does where there is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deidkit import processes

WORK = """
import subprocess, sys, time
subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.3: pass"])
subprocess.Popen([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.3: pass\\ntime.sleep(600)"])
while time.process_time() < 0.3: pass
print("done", flush=True)
time.sleep(600)
"""
"""Works by itself, by a program that it waits for, and by one that goes on."""

MOST_OF_ALL = 0.75
"""More than two of the three; each is counted in hundredths of a second."""


@pytest.fixture
def group() -> Iterator[int]:
    child = subprocess.Popen([sys.executable, "-c", WORK], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout and child.stdout.readline() == b"done\n"
    yield child.pid
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc; where there is none, ps is asked")
def test_the_kernel_tells_of_all_processes_of_a_group(group: int) -> None:
    deadline = time.monotonic() + 60
    while processes.processor_seconds_of(group) < MOST_OF_ALL and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes.processor_seconds_of(group) >= MOST_OF_ALL


def test_a_group_without_processes_has_used_nothing() -> None:
    assert processes.processor_seconds_of(2**30) == 0.0


def test_ps_is_asked_where_there_is_no_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "  77  0:01.50\\n  77 1-02:03:04\\n 770 09:00\\n  77 02:03\\n  77 -\\n"
    (tmp_path / "ps").write_text(f"#!/bin/sh\nprintf '{rows}'\n")
    (tmp_path / "ps").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(processes, "PROC", tmp_path / "proc")
    assert processes.processor_seconds_of(77) == 1.5 + (26 * 60 + 3) * 60 + 4 + 123
    (tmp_path / "ps").unlink()
    assert processes.processor_seconds_of(77) == 0.0
