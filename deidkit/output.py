"""The output folder: nothing partial in released/, no claim in the manifest before its file is safe on disk.

A result is written below private/tmp, flushed to disk, renamed into released/, and only then vouched for: first in
released.jsonl, then in private/manifest.jsonl. Files are flushed in batches, because flushing one costs tens of milliseconds.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deidkit.errors import UsageError
from deidkit.report import Outcome

BATCH = 32
BATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything lies below the output folder."""

    root: Path

    @property
    def released(self) -> Path:
        return self.root / "released"

    @property
    def released_list(self) -> Path:
        return self.root / "released.jsonl"

    @property
    def private(self) -> Path:
        return self.root / "private"

    @property
    def manifest(self) -> Path:
        return self.private / "manifest.jsonl"

    @property
    def state(self) -> Path:
        return self.private / "run.json"

    @property
    def dangling(self) -> Path:
        return self.private / "dangling.jsonl"

    @property
    def temporary(self) -> Path:
        return self.private / "tmp"

    @property
    def quarantine(self) -> Path:
        return self.private / "quarantine"

    @property
    def evidence(self) -> Path:
        return self.private / "evidence"

    @property
    def maps(self) -> Path:
        return self.private / "maps"


@dataclass(slots=True)
class _Pending:
    outcome: Outcome
    moves: tuple[tuple[Path, Path], ...]


@dataclass(slots=True)
class Store:
    """One open output folder, locked against a second run.

    Raises:
        UsageError: the folder holds an earlier run and ``resume`` is off, or that run had another key or profile.
    """

    layout: Layout
    done: dict[tuple[int, str], Outcome] = field(default_factory=dict)
    before_flush: Callable[[], None] = lambda: None
    """Called before outcomes are made durable."""

    _pending: list[_Pending] = field(default_factory=list)
    _lock: int = -1
    _token: str = field(default_factory=lambda: secrets.token_hex(4))
    _flushed: float = field(default_factory=time.monotonic)

    @classmethod
    def open(cls, root: Path, identity: dict[str, Any], resume: bool, holds: Callable[[Outcome], bool] = bool) -> Store:
        """Opens or resumes. Outcomes of an earlier run for which ``holds`` is false are forgotten and their files removed."""
        layout = Layout(root)
        if not resume and root.exists() and any(root.iterdir()):
            raise UsageError("the output folder is not empty; choose a new one, or go on with --resume")
        for folder in (layout.private, layout.released):
            folder.mkdir(parents=True, exist_ok=True)
        layout.private.chmod(0o700)
        store = cls(layout)
        store._acquire()
        try:
            store._check_identity(identity)
            store._recover(holds)
        except BaseException:
            os.close(store._lock)
            raise
        return store

    @property
    def scratch(self) -> Path:
        """Where this run, and no worker that outlived an earlier one, writes what is not finished."""
        return self.layout.temporary / self._token

    def _acquire(self) -> None:
        self._lock = os.open(self.layout.private / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError("another run is writing to this output folder") from None

    def _check_identity(self, identity: dict[str, Any]) -> None:
        if self.layout.state.exists():
            before = self._earlier()
            changed = sorted(name for name in identity if before.get(name) != identity[name])
            if changed:
                raise UsageError(f"cannot resume: not the same {', '.join(changed)} as the run that began here")
            return
        write_whole(self.layout.state, json.dumps(identity, indent=1) + "\n")

    def _earlier(self) -> dict[str, Any]:
        try:
            known: dict[str, Any] = json.loads(self.layout.state.read_text())
        except ValueError:
            raise UsageError("cannot resume: private/run.json is damaged") from None
        return known

    def _recover(self, holds: Callable[[Outcome], bool]) -> None:
        """Forgets what no manifest line vouches for and sweeps temporary files of a run that was killed."""
        shutil.rmtree(self.layout.temporary, ignore_errors=True)
        self.scratch.mkdir(mode=0o700, parents=True)
        self.layout.quarantine.mkdir(mode=0o700, exist_ok=True)
        outcomes = read_outcomes(self.layout.manifest)
        self.done = {(outcome.root, outcome.source): outcome for outcome in outcomes if holds(outcome) and self._there(outcome)}
        self._rewrite()

    def _rewrite(self) -> None:
        """Brings the lists and released/ in line with ``done``."""
        vouched = {output for outcome in self.done.values() for output in outcome.outputs}
        kept = [line for line in read_lines(self.layout.released_list) if line.get("output") in vouched]
        write_whole(self.layout.manifest, "".join(dumps(outcome.manifest_line()) for outcome in self.done.values()))
        write_whole(self.layout.released_list, "".join(map(dumps, kept)))
        for path in self.layout.released.rglob("*"):
            if path.is_file() and path.relative_to(self.layout.root).as_posix() not in vouched:
                path.unlink()

    def _there(self, outcome: Outcome) -> bool:
        return all((self.layout.root / output).is_file() for output in outcome.outputs)

    def forget(self, keys: Collection[tuple[int, str]]) -> None:
        """Drops outcomes of an earlier run, their files included; to be called before anything is added."""
        for key in keys:
            del self.done[key]
        if keys:
            self._rewrite()

    def add(self, outcome: Outcome, temporaries: Sequence[Path] = ()) -> list[Outcome]:
        """Queues one outcome with the files that become its outputs; returns those outcomes that are now safe on disk."""
        targets = [self.layout.root / output for output in outcome.outputs] if temporaries else []
        self._pending.append(_Pending(outcome, tuple(zip(temporaries, targets, strict=True))))
        due = len(self._pending) >= BATCH or time.monotonic() - self._flushed > BATCH_SECONDS
        return self.flush() if due else []

    def flush(self) -> list[Outcome]:
        """Makes everything queued durable: files first, then the lists that vouch for them."""
        batch, self._pending = self._pending, []
        self._flushed = time.monotonic()
        self.before_flush()
        moves = [move for pending in batch for move in pending.moves]
        for temporary, _ in moves:
            sync(temporary)
        folders = {self.layout.released}
        for temporary, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)
            folders |= {folder for folder in target.parents if folder.is_relative_to(self.layout.released)}
        for folder in folders if moves else ():
            sync(folder)
        outcomes = [pending.outcome for pending in batch]
        released = [o for o in outcomes if o.outcome == "released" and not o.duplicate_of]
        append(self.layout.released_list, [outcome.released_line() for outcome in released])
        append(self.layout.manifest, [outcome.manifest_line() for outcome in outcomes])
        return outcomes

    def close(self) -> None:
        shutil.rmtree(self.layout.temporary, ignore_errors=True)
        os.close(self._lock)


def dumps(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n"


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(path: Path, records: list[dict[str, Any]]) -> None:
    if not records:
        return
    with path.open("a", encoding="ascii") as stream:
        stream.write("".join(map(dumps, records)))
        stream.flush()
        os.fsync(stream.fileno())


def write_whole(path: Path, text: str) -> None:
    """Replaces ``path`` by ``text`` so that a reader sees the old content or the new one, never a part."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSON-lines file; what a crash or a failing disk left of others is left out."""
    if not path.exists():
        return
    with path.open(encoding="ascii", errors="replace") as stream:
        for line in stream:
            with suppress(ValueError):
                record = json.loads(line)
                if line.endswith("\n") and isinstance(record, dict):
                    yield record


def read_outcomes(path: Path) -> Iterator[Outcome]:
    """The outcomes of a manifest; lines that are none are left out, so that their items are done again."""
    for record in read_lines(path):
        with suppress(ValueError):
            yield Outcome.model_validate(record)
