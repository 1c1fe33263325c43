"""Every way in which one file can go wrong leaves its neighbours alone."""

from __future__ import annotations

import os
import stat
from dataclasses import replace

import pytest
import toys
from conftest import manifest, released

from deidkit.batch.runner import run
from deidkit.errors import RunError, UsageError

REASONS = {
    "hang": "time-limit: detect:toy",
    "abort": "process-died:",
    "raise": "internal-error: ValueError in detect:toy",
    "outside": "detector-box:",
    "skip": "redactor-skipped:",
    "dirty": "not-proven-clean:toy:",
    "unreadable": "toy-damaged:",
}


@pytest.fixture
def inputs(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number, mode in enumerate(["ok", *REASONS, "ok"]):
        toys.write_toy(folder / f"{number}-{mode}.toy", number, mode)
    (folder / "empty").touch()
    (folder / "text.txt").write_text("no image")
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    return folder


def test_each_fault_is_named_and_neighbours_finish(inputs, tmp_path, settings):
    summary = run([inputs], tmp_path / "out", replace(settings, workers=2))
    records = manifest(tmp_path / "out")
    assert len(records) == len(list(inputs.iterdir()))
    for name, record in records.items():
        mode = name.partition("-")[2].removesuffix(".toy")
        if mode == "ok":
            assert record["outcome"] == "released" and (tmp_path / "out" / record["output"]).is_file()
        else:
            assert record["output"] is None
        if mode in REASONS:
            assert record["outcome"] == "quarantined" and record["reasons"][0].startswith(REASONS[mode]), record
    assert records["empty"]["reasons"] == ["empty-file: the size of the file is 0 bytes"]
    assert records["text.txt"]["reasons"][0].startswith("format-unknown")
    assert records["gone"]["outcome"] == "failed"
    assert (summary.released, summary.failed, summary.exit_code) == (2, 1, 3)
    assert len(released(tmp_path / "out")) == 2


def test_no_secret_of_a_plugin_reaches_the_records(inputs, tmp_path, settings):
    run([inputs], tmp_path / "out", settings)
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or toys.SECRET.encode() not in path.read_bytes()


def test_a_full_disk_in_a_worker_ends_the_run_and_resume_finishes(inputs, tmp_path, settings):
    toys.write_toy(inputs / "5-full.toy", 50, "full")
    with pytest.raises(RunError, match="disk is full"):
        run([inputs], tmp_path / "out", settings)
    assert not any(path.suffix == ".part" for path in (tmp_path / "out" / "released").rglob("*"))
    toys.write_toy(inputs / "5-full.toy", 50)
    summary = run([inputs], tmp_path / "out", replace(settings, resume=True))
    assert summary.released == 3 and len(manifest(tmp_path / "out")) == len(list(inputs.iterdir()))


def test_a_full_disk_in_the_parent_ends_the_run(inputs, tmp_path, settings, monkeypatch):
    def full(path, records):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("deidkit.output.store.append", full)
        with pytest.raises(RunError, match="disk is full"):
            run([inputs], tmp_path / "out", settings)
    run([inputs], tmp_path / "out", replace(settings, resume=True))
    outputs = [record["output"] for record in manifest(tmp_path / "out").values() if record["output"]]
    assert sorted(outputs) == sorted(f"released/{name}" for name in released(tmp_path / "out"))


@pytest.mark.parametrize("output", ["in", "in/below", "."])
def test_output_and_input_must_not_overlap(inputs, tmp_path, settings, output):
    with pytest.raises(UsageError, match="inside an input"):
        run([inputs], tmp_path / output, settings)


@pytest.mark.parametrize("output", ["link", "link/below"])
def test_a_link_does_not_hide_that_they_overlap(inputs, tmp_path, settings, output):
    (tmp_path / "link").symlink_to(inputs)
    with pytest.raises(UsageError, match="inside an input"):
        run([inputs], tmp_path / output, settings)
    (tmp_path / "up").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="inside an input"):
        run([tmp_path / "up"], tmp_path / "out", settings)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_what_is_private_is_for_its_owner_alone(tmp_path, settings, umask):
    (tmp_path / "in").mkdir()
    for number, what in enumerate(["ok", "readable", "dirty", "raise"]):
        toys.write_toy(tmp_path / "in" / f"{what}.toy", number, what)
    settings = replace(settings, workers=2, write_maps=True, keep_rejected=True, evidence=True)
    seen = []

    def look(progress):
        if progress.phase == "items":
            there = [path for path in (tmp_path / "out" / "private").rglob("*") if path.suffix != ".part"]
            seen.extend(path for path in there if mode(path) & 0o077)

    before = os.umask(umask)
    try:
        run([tmp_path / "in"], tmp_path / "out", settings, look)
    finally:
        os.umask(before)
    private, folder = tmp_path / "out" / "private", tmp_path / "out" / "released"
    assert {mode(path) for path in (private, *private.rglob("*")) if path.is_dir()} == {0o700}
    assert {mode(path) for path in private.rglob("*") if path.is_file()} == {0o600}
    assert len(list(private.glob("maps/*"))) == 1 and list(private.glob("quarantine/*.toy")) and not seen
    assert {mode(path) for path in folder.rglob("*")} == {0o644 & ~umask} and mode(folder) == 0o755 & ~umask


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_used_output_folder_is_refused_without_resume(inputs, tmp_path, settings):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("precious")
    with pytest.raises(UsageError, match="not empty"):
        run([inputs], tmp_path / "out", settings)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
