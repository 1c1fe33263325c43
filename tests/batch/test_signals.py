"""Strange entries of an input folder, and SIGTERM or SIGINT in the middle of a run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import toys
from conftest import PLUGINS, manifest, released

from deidkit.batch.runner import run
from deidkit.errors import RunError

SCRIPT = """
import sys
from pathlib import Path
from deidkit.keys import Keys
from deidkit.batch.runner import Settings, run
settings = Settings(Keys(bytes(range(32))), sys.argv[3], workers=int(sys.argv[4]), plugins={plugins!r})
run([Path(sys.argv[1])], Path(sys.argv[2]), settings)
"""


def test_strange_entries_each_have_a_line(tmp_path, settings):
    folder = tmp_path / "in"
    folder.mkdir()
    toys.write_toy(folder / "ok.toy", 1)
    toys.write_toy(folder / ("n" * 250 + ".toy"), 2)
    toys.write_toy(folder / "new\nline.toy", 3)
    toys.write_toy(folder / os.fsdecode(b"latin-\xe9.toy"), 4)
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "device").symlink_to("/dev/zero")
    summary = run([folder], tmp_path / "out", settings)
    assert (summary.released, summary.failed, summary.inputs) == (4, 3, 7)
    assert len(manifest(tmp_path / "out")) == 7 and len(released(tmp_path / "out")) == 4
    again = run([folder], tmp_path / "out", replace(settings, resume=True))
    assert (again.inputs, again.resumed, again.released) == (7, 7, 4)


def test_a_file_that_vanishes_after_it_was_listed_has_its_line(tmp_path, settings):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        toys.write_toy(folder / f"{number}.toy", number)

    def vanish(progress):
        if progress.phase == "index" and progress.done == progress.total:
            (folder / "1.toy").unlink()

    summary = run([folder], tmp_path / "out", settings, vanish)
    lines = manifest(tmp_path / "out")
    assert set(lines) == {"0.toy", "1.toy", "2.toy"} and lines["1.toy"]["outcome"] != "released"
    assert (summary.released, summary.exit_code) == (2, 3)


def test_an_output_folder_that_is_removed_ends_the_run(tmp_path, settings):
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    toys.write_toy(folder / "0.toy", 0)
    with pytest.raises(RunError, match="output folder cannot be written"):
        run([folder], output, settings, lambda progress: shutil.rmtree(output))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_no_process_and_resume_finishes(tmp_path, profile, settings, workers, sent):
    folder, output = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(20):
        toys.write_toy(folder / f"{number:03}.toy", number, "slow")
    toys.write_toy(folder / "last.toy", 99, "hang")
    command = [sys.executable, "-c", SCRIPT.format(plugins=PLUGINS), folder, output, profile, str(workers)]
    child = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, preexec_fn=_heed_interrupts)
    deadline = time.monotonic() + 60
    while not (output / "private" / "tmp").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(child.pid, sent)
    assert child.wait(60) != 0
    deadline = time.monotonic() + 30
    while _group(child.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _group(child.pid)
    assert all(content.startswith(toys.MAGIC) for content in released(output).values())
    toys.write_toy(folder / "last.toy", 99)
    summary = run([folder], output, replace(settings, resume=True))
    assert summary.released == 21 and len(released(output)) == 21


def _heed_interrupts() -> None:
    """Shells start what they put into the background with SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _group(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True
