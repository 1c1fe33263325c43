"""The output folder: nothing partial in released/, no claim in the manifest before its file is safe on disk.

A result is written below private/tmp, flushed to disk, renamed into released/, and only then vouched for in
private/manifest.jsonl. Files are flushed in batches, because flushing one costs tens of milliseconds. What is about to be
renamed stands in private/moves.jsonl, so that a file of a killed run is told from one that somebody else put there. The list
that leaves the house, released.jsonl, is made of the manifest at the end: its lines and the times of the files would tell in
which order the inputs came.

A folder is written to when it is new or empty, or when its private/run.json says that the same run began it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deidkit.errors import UsageError
from deidkit.output.durable import (
    PRIVATE_FILE,
    RELEASED_FOLDER,
    append,
    dumps,
    open_for,
    private_folder,
    read_lines,
    sync,
    write_whole,
)
from deidkit.output.layout import Layout
from deidkit.records import Outcome

log = logging.getLogger("deidkit")

BATCH = 32
BATCH_SECONDS = 1.0

BEGINNING = frozenset({"lock", "run.json.new"})
"""What a run that was killed before it had written its run.json may have left below private/."""


@dataclass(slots=True)
class _Pending:
    outcome: Outcome
    temporaries: tuple[Path, ...]


@dataclass(slots=True)
class Store:
    """One open output folder, locked against a second run.

    Raises:
        UsageError: the folder is not empty and holds no run; or it holds one and ``resume`` is off, or that run had another
            key, profile, version or input. Nothing was written to it.
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
        _check_folder(layout, identity, resume)
        root.mkdir(mode=RELEASED_FOLDER, parents=True, exist_ok=True)
        private_folder(layout.private)
        store = cls(layout, _lock=lock(layout))
        try:
            _check_folder(layout, identity, resume, begun=True)
            if not layout.state.exists():
                write_whole(layout.state, [json.dumps(identity, indent=1) + "\n"])
            store._recover(holds)
        except BaseException:
            os.close(store._lock)
            raise
        return store

    @property
    def scratch(self) -> Path:
        """Where this run, and no worker that outlived an earlier one, writes what is not finished."""
        return self.layout.temporary / self._token

    def _recover(self, holds: Callable[[Outcome], bool]) -> None:
        """Forgets what no manifest line vouches for and sweeps temporary files of a run that was killed."""
        shutil.rmtree(self.layout.temporary, ignore_errors=True)
        for folder in (self.layout.temporary, self.scratch, self.layout.quarantine):
            private_folder(folder)
        self.layout.released.mkdir(mode=RELEASED_FOLDER, exist_ok=True)
        known = {(outcome.root, outcome.source): outcome for outcome in read_outcomes(self.layout.manifest)}
        own = {output for outcome in known.values() for output in outcome.outputs}
        own |= {str(record.get("output")) for _, record in read_lines(self.layout.moves)}
        self.done = {key: outcome for key, outcome in known.items() if holds(outcome) and self._there(outcome)}
        self._rewrite(own)

    def _rewrite(self, own: set[str]) -> None:
        """Brings the lists and released/ in line with ``done``. ``own`` are outputs that runs may have written."""
        vouched = {output for outcome in self.done.values() for output in outcome.outputs}
        intend(self.layout, own - vouched)
        write_whole(self.layout.manifest, (dumps(outcome.manifest_line()) for outcome in self.done.values()))
        _sweep(self.layout, vouched, own)
        write_released_list(self.layout)

    def _there(self, outcome: Outcome) -> bool:
        return all(_is(self.layout.root / output, stat.S_ISREG) for output in outcome.outputs)

    def forget(self, keys: Collection[tuple[int, str]]) -> None:
        """Drops outcomes of an earlier run, their files included; to be called before anything is added."""
        if keys:
            self._rewrite({output for key in keys for output in self.done.pop(key).outputs})

    def add(self, outcome: Outcome, temporaries: Sequence[Path] = ()) -> list[Outcome]:
        """Queues one outcome with the files that become its outputs; returns those outcomes that are now safe on disk."""
        self._pending.append(_Pending(outcome, tuple(temporaries)))
        due = len(self._pending) >= BATCH or time.monotonic() - self._flushed > BATCH_SECONDS
        return self.flush() if due else []

    def flush(self) -> list[Outcome]:
        """Makes everything queued durable: files first, then the manifest that vouches for them."""
        batch, self._pending = self._pending, []
        self._flushed = time.monotonic()
        self.before_flush()
        moves = [move for one in batch if one.temporaries for move in zip(one.temporaries, one.outcome.outputs, strict=True)]
        mode = self.layout.released_mode()
        for temporary, _ in moves:
            temporary.chmod(mode)
            sync(temporary)
        if moves:
            intend(self.layout, [output for _, output in moves])
        for temporary, output in moves:
            self.layout.admit(temporary, output)
        for folder in self.layout.folders_of(output for _, output in moves):
            sync(folder)
        outcomes = [pending.outcome for pending in batch]
        append(self.layout.manifest, [outcome.manifest_line() for outcome in outcomes])
        return outcomes

    def publish(self) -> None:
        """To be called at the end, when everything was flushed; see ``publish`` of this module."""
        publish(self.layout)

    def close(self) -> None:
        shutil.rmtree(self.layout.temporary, ignore_errors=True)
        os.close(self._lock)


def lock(layout: Layout) -> int:
    """The descriptor that holds the folder until it is closed.

    Raises:
        UsageError: somebody else holds it.
        OSError: the file system cannot lock.
    """
    descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        os.fchmod(descriptor, PRIVATE_FILE)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError("another run is writing to this output folder") from None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check_folder(layout: Layout, identity: dict[str, Any], resume: bool, begun: bool = False) -> None:
    """Looks only. ``begun`` says that this run itself holds the folder.

    Raises:
        UsageError: the folder must not be written to.
    """
    root = layout.root
    if not os.path.lexists(root):
        return
    if not root.is_dir():
        raise UsageError("the output is not a folder")
    entries = {path.name for path in root.iterdir()}
    if entries and not (resume or begun):
        raise UsageError("the output folder is not empty; choose a new one, or continue its run with --resume")
    if _is(layout.state, stat.S_ISREG):
        _check_run(layout, identity)
    elif entries and not _is_beginning(layout, entries):
        raise UsageError("the output folder is not empty and contains no deidkit run to resume; nothing was changed")


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    """Whether ``path`` itself, and not what it may link to, is there and of that kind."""
    try:
        return kind(path.lstat().st_mode)
    except OSError:
        return False


def _is_beginning(layout: Layout, entries: set[str]) -> bool:
    if entries != {layout.private.name} or not _is(layout.private, stat.S_ISDIR):
        return False
    left = {path.name: path.lstat() for path in layout.private.iterdir()}
    return left.keys() <= BEGINNING and not ("lock" in left and left["lock"].st_size)


def _check_run(layout: Layout, identity: dict[str, Any]) -> None:
    """Raises UsageError unless the run of ``identity`` began here and nobody turned a part of it into something else."""
    try:
        before = json.loads(layout.state.read_text(encoding="utf-8"))
    except ValueError:
        raise UsageError("cannot resume: private/run.json is damaged") from None
    if not isinstance(before, dict) or not before.keys() >= identity.keys():
        raise UsageError("cannot resume: private/run.json does not describe a deidkit run")
    changed = sorted(name for name in identity if before[name] != identity[name])
    if changed:
        raise UsageError(f"cannot resume: not the same {', '.join(changed)} as in the run that began here")
    for path, kind in layout.parts():
        if os.path.lexists(path) and not _is(path, kind):
            name = path.relative_to(layout.root).as_posix()
            raise UsageError(f"cannot resume: {name} in the output folder is a link or was not made by a run")


def intend(layout: Layout, outputs: Iterable[str]) -> None:
    """Notes outputs that are about to be in released/, or to leave it, before they are vouched for."""
    with open_for(layout.moves, os.O_TRUNC) as stream:
        stream.writelines(dumps({"output": output}) for output in outputs)


def _sweep(layout: Layout, vouched: Collection[str], own: Collection[str]) -> None:
    """Leaves in released/ what is vouched for. Files of runs go; those of others are not ours to delete: they are set aside."""
    aside, strays = layout.strays / secrets.token_hex(4), 0
    for folder, folders, files in os.walk(layout.released, topdown=False):
        here = Path(folder)
        for path in [here / name for name in files] + [here / name for name in folders if (here / name).is_symlink()]:
            output = path.relative_to(layout.root).as_posix()
            if output in vouched and _is(path, stat.S_ISREG):
                continue
            if output in own:
                path.unlink()
            else:
                strays += 1
                _set_aside(layout, path, aside / path.relative_to(layout.released))
        if here != layout.released:
            with suppress(OSError):  # not empty
                here.rmdir()
    if strays:
        log.warning("%d files in released/ that no run wrote were moved to private/strays", strays)


def _set_aside(layout: Layout, path: Path, target: Path) -> None:
    for folder in sorted(folder for folder in target.parents if folder.is_relative_to(layout.strays)):
        private_folder(folder)
    path.replace(target)
    if _is(target, stat.S_ISREG):
        target.chmod(PRIVATE_FILE)


def publish(layout: Layout) -> None:
    """Makes released.jsonl of the manifest and gives the list, and all of released/, one time of modification."""
    write_released_list(layout)
    now = int(time.time())
    for folder, _, files in os.walk(layout.released, topdown=False):
        for path in (*(Path(folder) / name for name in files), Path(folder)):
            os.utime(path, (now, now), follow_symlinks=False)
    os.utime(layout.released_list, (now, now))


def write_released_list(layout: Layout) -> None:
    """One line for each file that the manifest vouches for, in the order of the output names, which tells nothing of the input.

    Memory: the names of the outputs.
    """
    places = {str(record["output"]): place for place, record in read_lines(layout.manifest) if record.get("output")}
    write_whole(layout.released_list, _released_lines(layout, places), layout.released_mode())


def _released_lines(layout: Layout, places: dict[str, int]) -> Iterator[str]:
    if not places:
        return
    with layout.manifest.open("rb") as stream:
        for output in sorted(places):
            stream.seek(places[output])
            with suppress(ValueError):
                yield dumps(Outcome.model_validate_json(stream.readline()).released_line())


def read_outcomes(path: Path) -> Iterator[Outcome]:
    """The outcomes of a manifest; lines that are none are left out, so that their items are done again."""
    for _, record in read_lines(path):
        with suppress(ValueError):
            yield Outcome.model_validate(record)
