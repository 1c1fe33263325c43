"""Workers that die or leave programs behind, inputs that change under a run, a disk that is really full."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import toys
from conftest import PLUGINS, manifest, released
from test_signals import SCRIPT

from deidkit.batch import supervisor
from deidkit.batch.runner import run
from deidkit.batch.supervisor import Supervisor
from deidkit.errors import EnvironmentFault, RunError
from deidkit.keys import Keys


def running() -> list[str]:
    """The command lines of all processes."""
    if not Path("/proc/self/cmdline").exists():
        return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_text(errors="replace"))
    return found


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    for number in range(6):
        toys.write_toy(made / f"{number}.toy", number)
    return made


@pytest.mark.parametrize("mode", ["killed", "segfault"])
def test_a_worker_that_is_killed_costs_only_its_file(folder, tmp_path, settings, mode):
    toys.write_toy(folder / "bad.toy", 50, mode)
    summary = run([folder], tmp_path / "out", replace(settings, workers=2))
    assert (summary.released, summary.quarantined) == (6, 1)
    assert str(manifest(tmp_path / "out")["bad.toy"]["reasons"][0]).startswith("process-died:")


def test_a_worker_that_dies_while_it_has_nothing_to_do_is_replaced(folder, tmp_path, settings, monkeypatch):
    feed, killed = Supervisor._feed, []

    def kill_first(self, tasks):
        idle = [child for child in self._children if child.ready and child.task is None]
        if idle and not killed:
            killed.append(idle[0].process.pid)
            idle[0].process.kill()
            idle[0].process.wait()
        feed(self, tasks)

    monkeypatch.setattr(Supervisor, "_feed", kill_first)
    assert run([folder], tmp_path / "out", settings).released == 6 and killed


@pytest.mark.parametrize("ended", [1, 2])
def test_workers_that_end_while_they_start_are_started_again(folder, tmp_path, settings, monkeypatch, ended):
    killed = kill_while_starting(monkeypatch, range(ended))
    assert run([folder], tmp_path / "out", replace(settings, workers=2)).released == 6
    assert len(killed) == ended


def test_a_worker_that_never_starts_ends_the_run(folder, tmp_path, settings, monkeypatch):
    killed = kill_while_starting(monkeypatch, range(99))
    with pytest.raises(EnvironmentFault, match="ended while it was starting, 3 times in a row"):
        run([folder], tmp_path / "out", settings)
    assert len(killed) == supervisor.STARTS


def test_a_worker_that_does_not_start_in_time_is_started_again(folder, tmp_path, settings, monkeypatch):
    start, stopped = Supervisor._start, []

    def stop_first(self, starts=1):
        child = start(self, starts)
        if not stopped:
            stopped.append(child.process.pid)
            os.kill(child.process.pid, signal.SIGSTOP)
            child.allowance = supervisor._Allowance(0.1)
        return child

    monkeypatch.setattr(Supervisor, "_start", stop_first)
    assert run([folder], tmp_path / "out", settings).released == 6 and stopped


def test_a_process_that_cannot_be_made_is_an_environment_fault(folder, tmp_path, settings, monkeypatch):
    def refuse(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("deidkit.batch.supervisor.subprocess.Popen", refuse)
    with pytest.raises(EnvironmentFault, match="EAGAIN"):
        run([folder], tmp_path / "out", settings)


def kill_while_starting(monkeypatch, which):
    """Kills processes right after they were started, before or while they read what they are to build."""
    start, count, killed = Supervisor._start, itertools.count(), []

    def start_and_kill(self, starts=1):
        child = start(self, starts)
        if next(count) in which:
            child.process.kill()
            child.process.wait()
            killed.append(child.process.pid)
        return child

    monkeypatch.setattr(Supervisor, "_start", start_and_kill)
    return killed


def test_a_worker_that_waits_for_a_busy_machine_is_not_ended(folder, tmp_path, settings):
    """It gets no processor for longer than its limit; waiting for it is not its fault."""
    toys.write_toy(folder / "starved.toy", 50, "starved")
    summary = run([folder], tmp_path / "out", settings)
    assert (summary.released, summary.reasons) == (7, {})


@pytest.mark.parametrize("mode", ["busy", "busy program"])
def test_work_without_an_end_is_ended_by_the_processor_time_that_it_takes(folder, tmp_path, settings, monkeypatch, mode):
    monkeypatch.setattr(supervisor, "PATIENCE", 1e9)  # the clock alone would never end it
    toys.write_toy(folder / "bad.toy", 50, mode)
    summary = run([folder], tmp_path / "out", settings)
    assert (summary.released, summary.reasons) == (6, {"time-limit": 1})


def test_a_thousand_pages_that_each_keep_their_limit_end(folder, tmp_path, profile, settings):
    profile.write_text(profile.read_text().replace("stage_seconds: 1", "stage_seconds: 5, item_seconds: 0.7"))
    toys.write_toy(folder / "pages.toy", 50, "pages")
    summary = run([folder], tmp_path / "out", settings)
    assert (summary.released, summary.reasons) == (6, {"item-time-limit": 1})


def test_no_process_of_a_run_leaves_a_core_dump(folder, tmp_path, profile, settings):
    toys.write_toy(folder / "dumps.toy", 50, "dumps")
    script = SCRIPT.format(plugins=PLUGINS) + "import toys\nassert not toys.leaves_core_dumps()\n"
    limits = "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (1, resource.getrlimit(resource.RLIMIT_CORE)[1]))\n"
    subprocess.run([sys.executable, "-c", limits + script, folder, tmp_path / "out", profile, "1"], check=True)
    assert len(released(tmp_path / "out")) == 7


def test_programs_that_a_hanging_worker_started_end_with_it(folder, tmp_path, settings):
    toys.write_toy(folder / "bad.toy", 50, "spawn")
    summary = run([folder], tmp_path / "out", settings)
    assert (summary.released, summary.quarantined) == (6, 1)
    assert not [command for command in running() if toys.SPAWNED in command]


def test_an_input_that_changes_during_the_run_is_not_released(folder, tmp_path, settings):
    def change(progress):
        if progress.phase == "index" and progress.done == progress.total:
            toys.write_toy(folder / "3.toy", 300)

    summary = run([folder], tmp_path / "out", settings, change)
    assert (summary.released, summary.reasons) == (5, {"input-changed": 1})
    again = run([folder], tmp_path / "out", replace(settings, resume=True))
    assert (again.released, again.resumed) == (6, 5)


def test_two_files_that_would_get_one_name_do_not_overwrite_each_other(folder, tmp_path, settings):
    toys.write_toy(folder / "zz.toy", 0, "slow")
    summary = run([folder], tmp_path / "out", settings)
    assert (summary.released, summary.reasons) == (6, {"name-taken": 1})
    assert len({record["output"] for record in manifest(tmp_path / "out").values()}) == 7
    again = run([folder], tmp_path / "out", replace(settings, resume=True))
    assert (again.released, again.resumed, len(released(tmp_path / "out"))) == (6, 7, 6)


def test_files_that_cannot_be_opened_are_not_copies_of_each_other(folder, tmp_path, settings, monkeypatch):
    real = Path.open

    def closed(path, *args, **kwargs):
        if path.parent == folder and path.stem in {"1", "2"}:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", closed)
        run([folder], tmp_path / "out", settings)
    assert all(record["duplicate_of"] is None for record in manifest(tmp_path / "out").values())


def test_maps_survive_a_torn_row(folder, tmp_path, settings):
    mapped = replace(settings, write_maps=True)
    run([folder], tmp_path / "out", mapped)
    path = tmp_path / "out" / "private" / "maps" / "uid.csv"
    whole = path.read_text()
    path.write_text(whole[:-9])
    toys.write_toy(folder / "new.toy", 70)
    run([folder], tmp_path / "out", replace(mapped, resume=True))
    keys: Keys = settings.keys
    rows = path.read_text().splitlines()
    assert rows[-1] == f"1.2.3.70,{keys.uid('1.2.3.70')}" and len(rows) == len(whole.splitlines())
    assert all(row.count(",") == 1 for row in rows)


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="only root can mount a small disk")
def test_a_disk_that_is_really_full_leaves_nothing_partial_and_resume_finishes(tmp_path, settings):
    """Only root can make a small disk, not in every container; test_faults.py raises the same faults everywhere."""
    folder, disk = tmp_path / "in", tmp_path / "disk"
    folder.mkdir()
    disk.mkdir()
    for number in range(200):
        toys.write_toy(folder / f"{number:03}.toy", number)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("this container may not mount")
    try:
        with pytest.raises(RunError, match="disk is full"):
            run([folder], disk / "out", replace(settings, workers=2))
        assert all(len(content) > toys.SIZE**2 for content in released(disk / "out").values())
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        summary = run([folder], disk / "out", replace(settings, resume=True))
        assert (summary.released, len(released(disk / "out")), len(manifest(disk / "out"))) == (200, 200, 200)
    finally:
        time.sleep(0.5)
        subprocess.run(["umount", "-l", disk], check=True)
