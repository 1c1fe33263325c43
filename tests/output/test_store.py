"""The output folder: what is vouched for is there, what is not vouched for is gone."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from deidkit.errors import UsageError
from deidkit.output import durable, quarantine
from deidkit.output import store as output
from deidkit.output.layout import Layout
from deidkit.output.store import Store
from deidkit.records import CheckRecord, Outcome

IDENTITY = {"key": "k", "version": "1"}


def outcome(name: str, result: str = "released", **more) -> Outcome:
    output = f"released/{name}.dcm" if result == "released" else None
    return Outcome(source=f"in-{name}", root=0, outcome=result, output=output, stamp=(1, 2), **more)


def put(store: Store, name: str) -> None:
    temporary = store.scratch / f"{name}.part"
    temporary.write_text(name)
    store.add(outcome(name), [temporary])


def test_nothing_is_released_before_a_flush_and_all_after(tmp_path):
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    put(store, "a")
    put(store, "b")
    assert not list(store.layout.released.iterdir())
    store.flush()
    store.close()
    assert {path.name for path in store.layout.released.iterdir()} == {"a.dcm", "b.dcm"}
    assert len(store.layout.manifest.read_text().splitlines()) == 2
    assert store.layout.private.stat().st_mode & 0o777 == 0o700


def test_files_are_durable_before_they_are_vouched_for(tmp_path, monkeypatch):
    """Content, rename, folder, line of the manifest: a loss of power leaves no line without its file."""
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    put(store, "a")
    events: list[tuple[str, str]] = []
    flush, rename = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        events.append(("sync", Path(f"/proc/self/fd/{descriptor}").resolve().name))
        flush(descriptor)

    def replace(path: Path, target: Path) -> Path:
        events.append(("rename", path.name))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    store.flush()
    wanted = [("sync", "a.part"), ("rename", "a.part"), ("sync", "released"), ("sync", "manifest.jsonl")]
    assert [event for event in events if event in wanted] == wanted
    store.close()


def test_resume_drops_torn_lines_and_unvouched_files(tmp_path):
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    put(store, "a")
    store.flush()
    (store.layout.released / "stray.dcm").write_text("nobody vouches")
    with store.layout.manifest.open("a") as stream:
        stream.write('{"source": "torn')
    with store.layout.released_list.open("a") as stream:
        stream.write(json.dumps({"output": "released/stray.dcm"}) + "\n")
    store.close()
    again = Store.open(tmp_path / "out", IDENTITY, resume=True)
    assert set(again.done) == {(0, "in-a")}
    assert {path.name for path in again.layout.released.iterdir()} == {"a.dcm"}
    assert len(again.layout.released_list.read_text().splitlines()) == 1
    again.close()


def test_lines_that_are_no_records_are_left_out_and_a_refused_resume_lets_go_of_the_folder(tmp_path):
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    put(store, "a")
    put(store, "b")
    store.flush()
    lines = store.layout.manifest.read_text().splitlines()
    store.layout.manifest.write_bytes(f'{lines[0]}\n{lines[1][:40]}\n\0\0\n[1]\n{{"source": 3}}\n'.encode() + b"\xff\n")
    store.close()
    with pytest.raises(UsageError, match="not the same key"):
        Store.open(tmp_path / "out", {**IDENTITY, "key": "other"}, resume=True)
    again = Store.open(tmp_path / "out", IDENTITY, resume=True)
    assert set(again.done) == {(0, "in-a")} and [path.name for path in again.layout.released.iterdir()] == ["a.dcm"]
    again.close()
    again.layout.state.write_text('{"key": ')
    with pytest.raises(UsageError, match="damaged"):
        Store.open(tmp_path / "out", IDENTITY, resume=True)


def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    with pytest.raises(UsageError, match="another run"):
        Store.open(tmp_path / "out", IDENTITY, resume=True)
    store.close()


def test_public_records_name_no_input_and_measure_none():
    check = CheckRecord(name="sweep", status="passed", detail="nothing left", measured={"needles": 12.0, "bytes": 99.0})
    made = outcome("a", scope=3, checks=(check,), seconds=3.5)
    line = made.released_line()
    assert not {"source", "root", "stamp", "seconds", "duplicate_of", "scope"} & set(line)
    assert line["checks"] == [{"name": "sweep", "status": "passed", "detail": "nothing left"}]
    seen = made.public()
    assert (seen.source, seen.stamp, seen.scope, seen.checks[0].measured) == ("", None, None, {})
    assert made.manifest_line()["checks"][0]["measured"]["needles"] == 12.0 and made.manifest_line()["scope"] == 3


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Mode, time and content of everything below ``folder``; links are not followed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[path.relative_to(folder).as_posix()] = (info.st_mode, info.st_mtime_ns, content)
    return found


FOREIGN = {
    "one file": {"thesis.txt": "precious"},
    "a folder of releases": {"released/a.dcm": "precious"},
    "a folder for what is private": {"private/tmp/draft.txt": "precious", "private/manifest.jsonl": "{}\n"},
    "both": {"released/a.dcm": "precious", "private/quarantine/b.json": "{}"},
    "nothing but private": {"private/diary.txt": "precious"},
    "a lock with words": {"private/lock": "precious"},
    "run.json of another program": {"private/run.json": '{"pid": 7}', "released/a.dcm": "precious"},
    "run.json that is a list": {"private/run.json": "[1]", "released/a.dcm": "precious"},
    "run.json without a key": {"private/run.json": '{"version": "1"}', "released/a.dcm": "precious"},
    "run.json of another key": {"private/run.json": '{"version": "1", "key": "other"}', "released/a.dcm": "precious"},
    "damaged run.json": {"private/run.json": '{"version": "1", "ke', "released/a.dcm": "precious"},
    "run.json elsewhere": {"run.json": json.dumps(IDENTITY), "released/a.dcm": "precious"},
}


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("files", FOREIGN.values(), ids=FOREIGN)
def test_a_folder_that_no_run_vouches_for_is_left_as_it_is(files: dict[str, str], resume: bool, tmp_path: Path) -> None:
    for name, content in files.items():
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    before = tree(tmp_path)
    with pytest.raises(UsageError):
        Store.open(tmp_path / "out", IDENTITY, resume=resume)
    assert tree(tmp_path) == before


def test_an_output_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "other").symlink_to(tmp_path / "file")
    before = tree(tmp_path)
    for name in ("file", "link", "other"):
        for resume in (False, True):
            with pytest.raises(UsageError, match="not a folder"):
                Store.open(tmp_path / name, IDENTITY, resume=resume)
    assert tree(tmp_path) == before


def finished(root: Path, *names: str) -> Layout:
    """A run that released ``names`` and ended."""
    store = Store.open(root, IDENTITY, resume=False)
    for name in names:
        put(store, name)
    store.flush()
    store.publish()
    store.close()
    return store.layout


PARTS = ("released", "private", "private/tmp", "private/quarantine", "private/manifest.jsonl", "private/lock", "released.jsonl")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_became_a_link_is_neither_followed_nor_emptied(part: str, tmp_path: Path) -> None:
    layout = finished(tmp_path / "out", "a")
    layout.temporary.mkdir()
    (tmp_path / "out" / part).rename(tmp_path / "elsewhere")
    (tmp_path / "out" / part).symlink_to(tmp_path / "elsewhere")
    if (tmp_path / "elsewhere").is_dir():
        (tmp_path / "elsewhere" / "more").write_text("precious")
    before = tree(tmp_path)
    with pytest.raises(UsageError):
        Store.open(tmp_path / "out", IDENTITY, resume=True)
    assert tree(tmp_path) == before


def test_a_folder_that_is_itself_a_link_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    finished(tmp_path / "out", "a")
    assert (tmp_path / "disk" / "released" / "a.dcm").read_text() == "a"


@pytest.mark.parametrize("left", [(), ("private",), ("private/lock",), ("private/lock", "private/run.json.new")])
def test_what_a_run_killed_at_its_very_beginning_left_is_gone_on_with(left: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for name in left:
        (tmp_path / "out" / "private").mkdir(exist_ok=True)
        if name != "private":
            (tmp_path / "out" / name).write_text('{"key' if name.endswith("new") else "")
    if left:
        with pytest.raises(UsageError, match="--resume"):
            Store.open(tmp_path / "out", IDENTITY, resume=False)
    store = Store.open(tmp_path / "out", IDENTITY, resume=True)
    assert json.loads(store.layout.state.read_text()) == IDENTITY
    assert not store.layout.state.with_name("run.json.new").exists()
    store.close()


def test_what_others_put_into_released_is_set_aside_and_not_deleted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    layout = finished(tmp_path / "out", "a", "b")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "far.txt").write_text("far")
    (layout.released / "mine.txt").write_text("precious")
    (layout.released / "deep" / "er").mkdir(parents=True)
    (layout.released / "deep" / "er" / "MARCHETTI.dcm").write_text("deep")
    (layout.released / "folder").symlink_to(elsewhere)
    (layout.released / "b.dcm").unlink()
    (layout.released / "b.dcm").symlink_to(elsewhere / "far.txt")
    os.mkfifo(layout.released / "pipe")
    store = Store.open(tmp_path / "out", IDENTITY, resume=True)
    store.close()
    assert set(store.done) == {(0, "in-a")}
    assert [path.name for path in layout.released.rglob("*")] == ["a.dcm"]
    [aside] = layout.strays.iterdir()
    assert (aside / "mine.txt").read_text() == "precious" and (aside / "deep/er/MARCHETTI.dcm").read_text() == "deep"
    assert (aside / "folder").is_symlink() and (aside / "pipe").is_fifo()
    assert [path.name for path in elsewhere.iterdir()] == ["far.txt"]
    assert "4 files" in caplog.text and "MARCHETTI" not in caplog.text
    assert exposed(layout.private) == []


@pytest.mark.parametrize("step", ["admit", "append"])
def test_what_a_killed_run_did_not_vouch_for_is_ours_to_remove(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    put(store, "kept")
    store.flush()
    put(store, "a")
    put(store, "b")
    steps = {"admit": Layout.admit, "append": durable.append}

    def killed(*args: object) -> None:
        if step == "append" or args[-1] == "released/b.dcm":
            raise KeyboardInterrupt
        steps[step](*args)

    with monkeypatch.context() as patch:
        patch.setattr(*((Layout, "admit") if step == "admit" else (output, "append")), killed)
        with pytest.raises(KeyboardInterrupt):
            store.flush()
    os.close(store._lock)
    assert (store.layout.released / "a.dcm").exists()
    again = Store.open(tmp_path / "out", IDENTITY, resume=True)
    assert [path.name for path in again.layout.released.iterdir()] == ["kept.dcm"]
    assert not again.layout.strays.exists()
    again.close()


def test_the_list_and_the_times_do_not_tell_the_order_of_the_work(tmp_path: Path) -> None:
    names = ["m/q", "a", "z", "m/b", "c"]
    layouts = []
    for number, order in enumerate((names, names[::-1])):
        store = Store.open(tmp_path / f"out{number}", IDENTITY, resume=False)
        for name in order:
            (store.scratch / "x.part").write_text(name)
            store.add(outcome(name), [store.scratch / "x.part"])
            store.flush()
            folder = store.layout.released
            os.utime(folder / f"{name}.dcm", (number, len(list(folder.rglob("*")))))
        store.publish()
        store.close()
        layouts.append(store.layout)
    one, other = (layout.released_list.read_text() for layout in layouts)
    listed = [json.loads(line)["output"] for line in one.splitlines()]
    assert one == other and listed == sorted(f"released/{name}.dcm" for name in names)
    for layout in layouts:
        times = {path.stat().st_mtime_ns for path in (layout.released, layout.released_list, *layout.released.rglob("*"))}
        assert len(times) == 1 and not times.pop() % 10**9


def exposed(private: Path) -> list[str]:
    """What below private/ somebody but its owner may look into."""
    paths = (path for path in (private, *private.rglob("*")) if not path.is_symlink())
    wanted = ((path, 0o700 if path.is_dir() else 0o600) for path in paths if path.is_dir() or path.is_file())
    return [
        f"{path.name} {stat.S_IMODE(path.stat().st_mode):o}"
        for path, mode in wanted
        if stat.S_IMODE(path.stat().st_mode) != mode
    ]


@pytest.fixture(params=[0o000, 0o022, 0o027, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_permissions_do_not_hang_on_the_umask(umask: int, tmp_path: Path) -> None:
    root = tmp_path / "out"
    store = Store.open(root, IDENTITY, resume=False)
    name = "study/series/a"
    (store.scratch / "a.part").write_text("a")
    store.add(outcome(name), [store.scratch / "a.part"])
    store.flush()
    held(store, None)
    (store.layout.quarantine / "item1.dcm").write_text("attempt")
    (store.layout.quarantine / "item1.dcm").chmod(0o600)
    held(store, "private/quarantine/item1.dcm")
    store.publish()
    store.close()
    quarantine.release(root, "item1", "Dr Reviewer")
    assert exposed(store.layout.private) == []
    released = [store.layout.released_list, *store.layout.released.rglob("*")]
    files = {stat.S_IMODE(path.stat().st_mode) for path in released if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in (store.layout.released, *released) if path.is_dir()}
    assert files == {0o644 & ~umask} and folders == {0o755 & ~umask}


def test_a_review_waits_for_a_run_and_leaves_a_list_in_order(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    put(store, "z")
    (store.layout.quarantine / "item1.dcm").write_text("attempt")
    held(store, "private/quarantine/item1.dcm")
    store.flush()
    with pytest.raises(UsageError, match="another run"):
        quarantine.release(tmp_path / "out", "item1", "Dr Reviewer")
    assert not (store.layout.released / "study").exists()
    store.close()
    with store.layout.manifest.open("a") as stream:
        stream.write('{"source": "torn')
    quarantine.release(tmp_path / "out", "item1", "Dr Reviewer")
    listed = [json.loads(line) for line in store.layout.released_list.read_text().splitlines()]
    assert [(line["output"], line["released_by_review"]) for line in listed] == [
        ("released/study/a.dcm", True),
        ("released/z.dcm", False),
    ]
    again = Store.open(tmp_path / "out", IDENTITY, resume=True)
    again.publish()
    assert set(again.done) == {(0, "in-a"), (0, "in-z")}
    assert listed == [json.loads(line) for line in again.layout.released_list.read_text().splitlines()]
    again.close()


def test_a_review_that_is_stopped_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    (store.layout.quarantine / "item1.dcm").write_text("attempt")
    held(store, "private/quarantine/item1.dcm")
    store.close()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            quarantine.release(tmp_path / "out", "item1", "Dr Reviewer")
    Store.open(tmp_path / "out", IDENTITY, resume=True).close()
    assert not list(store.layout.released.iterdir()) and not store.layout.strays.exists()
    assert quarantine.release(tmp_path / "out", "item1", "Dr Reviewer").read_text() == "attempt"


def held(store: Store, attempt: str | None, content: bytes = b"attempt") -> None:
    digest = hashlib.sha256(content).hexdigest()
    quarantine.record(store.layout, "item1", outcome("a", "quarantined", attempt=attempt, sha256=digest), "study/a.dcm")


def test_release_needs_a_reviewer_and_a_kept_attempt_and_leaves_a_record(tmp_path):
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    held(store, None)
    with pytest.raises(UsageError, match="was not kept"):
        quarantine.release(tmp_path / "out", "item1", "Dr Reviewer")
    (store.layout.quarantine / "item1.dcm").write_text("attempt")
    held(store, "private/quarantine/item1.dcm", b"another")
    with pytest.raises(UsageError, match="hash differs"):
        quarantine.release(tmp_path / "out", "item1", "Dr Reviewer")
    held(store, "private/quarantine/item1.dcm")
    store.close()
    with pytest.raises(UsageError, match="--reviewer"):
        quarantine.release(tmp_path / "out", "item1", " ")
    with pytest.raises(UsageError, match="no quarantined item"):
        quarantine.release(tmp_path / "out", "other", "Dr Reviewer")
    target = quarantine.release(tmp_path / "out", "item1", "Dr Reviewer", "seen")
    assert target.read_text() == "attempt" and target == store.layout.released / "study" / "a.dcm"
    assert f'"sha256":"{hashlib.sha256(b"attempt").hexdigest()}"' in store.layout.released_list.read_text()
    assert quarantine.entry(tmp_path / "out", "item1")["released_by"] == "Dr Reviewer"
    assert "Dr Reviewer" not in store.layout.released_list.read_text()
    assert "Dr Reviewer" in (store.layout.private / "reviews.jsonl").read_text()
    with pytest.raises(UsageError, match="already"):
        quarantine.release(tmp_path / "out", "item1", "Dr Reviewer")
    assert set(Store.open(tmp_path / "out", IDENTITY, resume=True).done) == {(0, "in-a")}
