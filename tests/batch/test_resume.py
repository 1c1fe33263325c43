"""kill -9 at any moment: nothing partial in released/, and --resume ends where an undisturbed run ends."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import pytest
import toys
from conftest import PLUGINS, manifest, released

from deidkit.batch.runner import plan, run
from deidkit.errors import UsageError
from deidkit.keys import Keys

FILES = 60
SCRIPT = """
import sys
from pathlib import Path
from deidkit.keys import Keys
from deidkit.batch.runner import Settings, run
settings = Settings(Keys(bytes(range(32))), sys.argv[3], workers=2, resume=True, plugins={plugins!r})
run([Path(sys.argv[1])], Path(sys.argv[2]), settings)
"""

KILLED = """
import inspect, os, signal, sys
from deidkit.output.store import Store
if len(sys.argv) > 4:
    lines, first = inspect.getsourcelines(Store.open)
    [at] = [first + number for number, line in enumerate(lines) if line.strip().startswith(sys.argv[4])]

    def trace(frame, event, _):
        if event == "line" and frame.f_lineno == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(lambda frame, event, _: trace if frame.f_code is Store.open.__func__.__code__ else None)
"""
"""Kills the process right before it gets to the line of Store.open that begins with its fourth argument."""


@pytest.fixture
def inputs(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(FILES):
        toys.write_toy(folder / f"{number:03}.toy", number, "dirty" if number % 9 == 0 else "slow")
    return folder


def until_more_is_released(child, output):
    """A busy machine may be too slow to release anything before a moment that was drawn from a calm run."""

    def count():
        return sum(path.is_file() for path in (output / "released").rglob("*"))

    before = count()
    while child.poll() is None and count() == before:
        time.sleep(0.02)


def test_twenty_kills_and_a_resume_equal_an_undisturbed_run(inputs, tmp_path, profile, settings):
    def command(output):
        return [sys.executable, "-c", SCRIPT.format(plugins=PLUGINS), inputs, output, profile]

    started = time.monotonic()
    subprocess.run(command(tmp_path / "calm"), check=True)
    longest = time.monotonic() - started
    calm = released(tmp_path / "calm")
    disturbed, moments = tmp_path / "out", random.Random(7)
    progress = set()
    for turn in range(20):
        child = subprocess.Popen(command(disturbed), start_new_session=True, stderr=subprocess.DEVNULL)
        if turn % 4 == 3:
            until_more_is_released(child, disturbed)
        time.sleep(moments.uniform(0.0 if turn % 4 == 3 else 0.3, longest))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        partial = {name for name, content in released(disturbed).items() if calm.get(name) != content}
        assert not partial
        assert (disturbed / "private" / "run.json").exists() or not released(disturbed)
        progress.add(len(released(disturbed)))
    assert len(progress) > 1
    summary = run([inputs], disturbed, replace(settings, resume=True))
    assert released(disturbed) == calm
    assert summary.inputs == FILES and len(manifest(disturbed)) == FILES
    assert (disturbed / "released.jsonl").read_bytes() == (tmp_path / "calm" / "released.jsonl").read_bytes()
    assert len({path.stat().st_mtime_ns for path in (disturbed / "released").rglob("*")}) == 1
    assert not (disturbed / "private" / "tmp").exists() and not (disturbed / "private" / "strays").exists()


def test_resume_does_only_what_is_left(inputs, tmp_path, settings):
    run([inputs], tmp_path / "out", settings)
    toys.write_toy(inputs / "007.toy", 999)
    again = run([inputs], tmp_path / "out", replace(settings, resume=True))
    assert (again.resumed, again.inputs) == (FILES - 1, FILES)
    assert len(released(tmp_path / "out")) == again.released


def test_resume_refuses_another_key(inputs, tmp_path, settings):
    run([inputs], tmp_path / "out", settings)
    with pytest.raises(UsageError, match=r"not the same .*key"):
        run([inputs], tmp_path / "out", replace(settings, keys=Keys(bytes(32)), resume=True))


def test_resume_refuses_other_inputs_under_the_same_names(inputs, tmp_path, settings):
    run([inputs], tmp_path / "out", settings)
    shutil.copytree(inputs, tmp_path / "in2", copy_function=shutil.copy2)
    with pytest.raises(UsageError, match="not the same inputs"):
        run([tmp_path / "in2"], tmp_path / "out", replace(settings, resume=True))


def test_resume_keeps_what_was_released_when_its_input_is_gone(inputs, tmp_path, settings):
    run([inputs], tmp_path / "out", settings)
    before = released(tmp_path / "out")
    (inputs / "007.toy").unlink()
    run([inputs], tmp_path / "out", replace(settings, resume=True))
    assert released(tmp_path / "out") == before and len(manifest(tmp_path / "out")) == FILES


def test_neither_workers_nor_input_names_change_the_output(inputs, tmp_path, settings):
    run([inputs], tmp_path / "one", settings)
    run([inputs], tmp_path / "two", replace(settings, workers=2))
    for number, path in enumerate(sorted(inputs.iterdir(), reverse=True)):
        path.rename(path.with_name(f"renamed-{number:03}.toy"))
    run([inputs], tmp_path / "three", settings)
    outputs = [tmp_path / name for name in ("one", "two", "three")]
    assert len({frozenset(released(output).items()) for output in outputs}) == 1
    assert len({(output / "released.jsonl").read_bytes() for output in outputs}) == 1
    listed = [json.loads(line)["output"] for line in (outputs[0] / "released.jsonl").read_text().splitlines()]
    assert listed == sorted(f"released/{name}" for name in released(outputs[0]))


def test_resume_on_a_folder_that_never_was_a_run_touches_nothing(inputs, tmp_path, settings):
    for name in ("released/study/scan.dcm", "private/tmp/draft", "private/quarantine/0.json"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True)
        path.write_text("precious")
    before = {path: path.lstat().st_mtime_ns for path in (tmp_path / "mine").rglob("*")}
    with pytest.raises(UsageError, match="no deidkit run"):
        run([inputs], tmp_path / "mine", replace(settings, resume=True))
    assert {path: path.lstat().st_mtime_ns for path in (tmp_path / "mine").rglob("*")} == before


def test_a_run_killed_while_it_begins_is_gone_on_with(tmp_path, profile):
    (tmp_path / "in").mkdir()
    toys.write_toy(tmp_path / "in" / "0.toy", 0)
    steps = ("root.mkdir(", "private_folder(layout.private)", "store = cls(", "write_whole(layout.state", "store._recover(")
    command = [sys.executable, "-c", KILLED + SCRIPT.format(plugins=PLUGINS), tmp_path / "in", tmp_path / "out", profile]
    for step in steps:
        child = subprocess.run([*command, step], stderr=subprocess.DEVNULL, check=False)
        assert child.returncode == -signal.SIGKILL, step
        assert not released(tmp_path / "out")
    subprocess.run(command, check=True)
    assert len(released(tmp_path / "out")) == 1 and len(manifest(tmp_path / "out")) == 1


def test_a_dry_run_writes_nothing_and_tells_the_plan(inputs, tmp_path, settings):
    before = sorted(tmp_path.rglob("*"))
    outcomes = list(plan([inputs], settings))
    assert sorted(tmp_path.rglob("*")) == before
    assert len(outcomes) == FILES
    assert all(o.plan and o.plan.regions[0].box == (1, 1, 5, 4) and o.plan.changes[0].action == "U" for o in outcomes)
    assert all(toys.SECRET not in outcome.model_dump_json() for outcome in outcomes)
