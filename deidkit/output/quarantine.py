"""What was held back: one record an item, and its release by a named person who takes responsibility."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from deidkit.errors import UsageError
from deidkit.files import sha256
from deidkit.output.durable import append, sync, write_whole
from deidkit.output.layout import Layout
from deidkit.output.store import intend, lock, publish
from deidkit.records import Outcome


def record(layout: Layout, item: str, outcome: Outcome, name: str | None) -> None:
    """Writes ``private/quarantine/ITEM.json``. ``name`` is the output name that a kept attempt would be released under."""
    entry = {"item": item, "name": name, **outcome.manifest_line()}
    write_whole(layout.quarantine / f"{item}.json", [json.dumps(entry, indent=1, ensure_ascii=True) + "\n"])


def forget(layout: Layout, item: str) -> None:
    """Drops the record and the kept attempt of an item that is worked on again."""
    for path in layout.quarantine.glob(f"{item}.*"):
        path.unlink()


def entries(root: Path) -> Iterator[dict[str, Any]]:
    """The records of one output folder, in the order of their item names.

    Raises:
        UsageError: the folder holds no run, or a record is damaged.
    """
    layout = _layout(root)
    for path in sorted(layout.quarantine.glob("*.json")):
        try:
            yield json.loads(path.read_text(encoding="ascii"))
        except ValueError:
            raise UsageError(f"the record private/quarantine/{path.name} is damaged") from None


def entry(root: Path, item: str) -> dict[str, Any]:
    """One record. Raises UsageError when there is none of that name."""
    for found in entries(root):
        if found["item"] == item:
            return found
    raise UsageError("no quarantined item has that number; list them with: deidkit quarantine list DIR")


def release(root: Path, item: str, reviewer: str, note: str = "") -> Path:
    """Moves a kept attempt into released/ on a person's word and leaves a record of it in every list.

    Raises:
        UsageError: no such item, no attempt kept (``run --keep-rejected``) or another than was held back, released
            already, or no reviewer named.
    """
    layout, found = _layout(root), entry(root, item)
    if not reviewer.strip():
        raise UsageError("a release needs the name of the responsible person: --reviewer NAME")
    if found.get("released_by"):
        raise UsageError("the item is already released")
    attempt = root / found["attempt"] if found.get("attempt") else None
    if attempt is None or not attempt.is_file() or not found.get("name"):
        raise UsageError("the rejected file of this item was not kept; run again with --keep-rejected, or correct the profile")
    target = layout.released / str(found["name"])
    if target.exists() and sha256(target).hex() != found.get("sha256"):
        raise UsageError("a file of that name is already released")
    if sha256(attempt).hex() != found.get("sha256") or not _companions_kept(layout, found):
        raise UsageError("the rejected file has changed since the run: its hash differs")
    beside = [(layout.root / str(one.attempt), layout.released / one.name) for one in _outcome(found).companions]
    moves = [*beside, (attempt, target)]
    held = lock(layout)
    try:
        intend(layout, [goal.relative_to(root).as_posix() for _, goal in moves])
        for kept, goal in moves:
            _place(layout, kept, goal)
        _vouch(layout, found, target.relative_to(root).as_posix(), reviewer.strip(), note)
        publish(layout)
        for kept, _ in moves:
            kept.unlink()
    finally:
        os.close(held)
    return target


def _place(layout: Layout, kept: Path, goal: Path) -> None:
    """Puts a file into released/ and leaves it in quarantine, so that one that is stopped before it is vouched for can be tried
    again.
    """
    copy = layout.quarantine / f"{kept.name}.release"
    shutil.copyfile(kept, copy)
    copy.chmod(layout.released_mode())
    sync(copy)
    layout.admit(copy, goal.relative_to(layout.root).as_posix())


def _companions_kept(layout: Layout, found: dict[str, Any]) -> bool:
    kept = [(layout.root / str(one.attempt), one.sha256) for one in _outcome(found).companions]
    return all(path.is_file() and sha256(path).hex() == digest for path, digest in kept)


def _vouch(layout: Layout, found: dict[str, Any], output: str, reviewer: str, note: str) -> None:
    before = _outcome(found)
    beside = tuple(one.model_copy(update={"attempt": None}) for one in before.companions)
    made = {"outcome": "released", "output": output, "attempt": None, "companions": beside, "released_by_review": True}
    outcome = before.model_copy(update=made)
    when = datetime.now(timezone.utc).isoformat(timespec="seconds")
    append(layout.manifest, [outcome.manifest_line()])
    append(layout.reviews, [{"item": found["item"], "reviewer": reviewer, "note": note, "time": when}])
    found.update({"released_by": reviewer, "released_at": when, "note": note, "output": output})
    write_whole(layout.quarantine / f"{found['item']}.json", [json.dumps(found, indent=1, ensure_ascii=True) + "\n"])


def _outcome(found: dict[str, Any]) -> Outcome:
    return Outcome.model_validate({key: value for key, value in found.items() if key in Outcome.model_fields})


def _layout(root: Path) -> Layout:
    layout = Layout(root)
    if not layout.quarantine.is_dir():
        raise UsageError("the folder contains no deidkit run")
    return layout
