"""The output folder: what is vouched for is there, what is not vouched for is gone."""

from __future__ import annotations

import hashlib
import json

import pytest

from deidkit import quarantine
from deidkit.errors import UsageError
from deidkit.output import Store
from deidkit.report import Outcome

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


def test_released_lines_name_no_input(tmp_path):
    line = outcome("a", scope=3).released_line()
    assert not {"source", "root", "stamp", "seconds", "duplicate_of"} & set(line)


def held(store: Store, attempt: str | None, content: bytes = b"attempt") -> None:
    digest = hashlib.sha256(content).hexdigest()
    quarantine.record(store.layout, "item1", outcome("a", "quarantined", attempt=attempt, sha256=digest), "study/a.dcm")


def test_release_needs_a_reviewer_and_a_kept_attempt_and_leaves_a_record(tmp_path):
    store = Store.open(tmp_path / "out", IDENTITY, resume=False)
    held(store, None)
    with pytest.raises(UsageError, match="no attempt"):
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
