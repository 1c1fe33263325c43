"""The parent's side of the worker processes: feeds them, ends those that hang, replaces those that die."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from deidkit.batch.worker import Spec
from deidkit.errors import EnvironmentFault, RunError, UsageError
from deidkit.item.task import Task
from deidkit.processes import processor_seconds_of
from deidkit.records import Answer
from deidkit.types import PATIENCE

TRIES = 2
STARTS = 3
"""How many processes in a row may end while they start."""

GRACE = 5.0
START_SECONDS = 300.0
LOOK_SECONDS = 0.5
THREADS = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

ROOMY = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Large pages for the networks where the C library is glibc; measured once, they took half of dbnet's time after other work."""


@dataclass(slots=True)
class _Allowance:
    """How long a child may be silent, as ``deidkit.types.Deadline`` counts it, with GRACE to keep its deadline by itself.

    Args:
        seconds: of work.
        spent: processor time of the child when it was last heard.
    """

    seconds: float
    spent: float = 0.0
    begun: float = field(default_factory=time.monotonic)
    look: float = field(init=False)
    """When to ask again whether it is used up."""

    def __post_init__(self) -> None:
        self.look = self.begun + self.seconds + GRACE

    def used_up(self, group: int) -> bool:
        """Whether the processes of ``group`` have to be ended; they are looked at when the clock says that it may be so."""
        now = time.monotonic()
        if now < self.look:
            return False
        end = self.begun + PATIENCE * self.seconds + GRACE
        left = self.seconds + GRACE - (processor_seconds_of(group) - self.spent)
        self.look = min(end, now + max(LOOK_SECONDS, left))
        return left <= 0 or now >= end


@dataclass(slots=True)
class _Child:
    """One process. ``starts`` counts it and those before it in its place that ended while they started."""

    process: subprocess.Popen[bytes]
    connection: Connection
    starts: int
    allowance: _Allowance = field(default_factory=lambda: _Allowance(START_SECONDS))
    ready: bool = False
    task: Task | None = None
    stage: str = "start"


@dataclass(slots=True)
class Supervisor:
    """Runs tasks in ``count`` processes.

    Args:
        spec: what each worker builds its engine from.
        scratch: folder for the temporary files of libraries and programs that workers start.
    """

    spec: Spec
    count: int
    scratch: Path
    _children: list[_Child] = field(default_factory=list)
    _retries: list[Task] = field(default_factory=list)
    _tries: dict[int, int] = field(default_factory=dict)

    def run(self, tasks: Iterator[Task]) -> Iterator[Answer]:
        """Answers in the order in which they are ready.

        Raises:
            UsageError, EnvironmentFault, RunError: a worker could not start, or the disk is full.
        """
        try:
            self._children = [self._start() for _ in range(self.count)]
            while True:
                self._feed(tasks)
                if all(child.ready and child.task is None for child in self._children):
                    return
                for child in self._readable():
                    yield from self._hear(child)
                yield from self._end_hanging()
        finally:
            for child in self._children:
                self._stop(child)

    def _start(self, starts: int = 1) -> _Child:
        mine, theirs = socket.socketpair()
        environment = {**ROOMY, **os.environ, **dict.fromkeys(THREADS, "1"), "TMPDIR": str(self.scratch)}
        with theirs:
            try:
                process = subprocess.Popen(
                    [sys.executable, "-m", "deidkit.batch.worker", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                name = errno.errorcode.get(error.errno or 0, "unknown error")
                raise EnvironmentFault(f"a worker process cannot be started ({name})") from None
        connection = Connection(mine.detach())
        with suppress(OSError):  # it has died already; it is found dead when it is heard
            connection.send(self.spec)
        return _Child(process, connection, starts)

    def _stop(self, child: _Child) -> None:
        """Ends it together with the programs that it started."""
        child.connection.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.kill()
        child.process.wait()

    def _feed(self, tasks: Iterator[Task]) -> None:
        for child in self._children:
            if child.ready and child.task is None:
                task = self._retries.pop() if self._retries else next(tasks, None)
                if task is None:
                    return
                child.task, child.stage = task, "read"
                child.allowance = _Allowance(START_SECONDS, child.allowance.spent)
                with suppress(OSError):  # it died while it had nothing to do; it is found dead when it is heard
                    child.connection.send(task)

    def _readable(self) -> list[_Child]:
        soonest = min((child.allowance.look for child in self._children if child.task or not child.ready), default=0.0)
        ready = wait([child.connection for child in self._children], max(0.0, min(1.0, soonest - time.monotonic())))
        return [child for child in self._children if child.connection in ready]

    def _hear(self, child: _Child) -> Iterator[Answer]:
        try:
            kind, *rest = child.connection.recv()
        except (EOFError, OSError):
            yield from self._died(child)
            return
        if kind == "answer":
            child.task = None
            yield rest[0]
        elif kind == "beat":
            child.stage, child.allowance = rest[0], _Allowance(*rest[1:])
        elif kind == "ready":
            child.ready = True
        else:
            raise _fault(*rest)

    def _died(self, child: _Child) -> Iterator[Answer]:
        if not child.ready:
            self._start_again(child, "ended while it was starting")
            return
        task = child.task
        self._replace(child)
        if task is None:
            return
        self._tries[task.number] = self._tries.get(task.number, 0) + 1
        if self._tries[task.number] < TRIES:
            self._retries.append(task)
        else:
            reason = f"process-died: the process that worked on the file died {TRIES} times, last in {child.stage}"
            yield Answer(task.number, reasons=(reason,))

    def _end_hanging(self) -> Iterator[Answer]:
        working = [child for child in self._children if child.task or not child.ready]
        for child in [child for child in working if child.allowance.used_up(child.process.pid)]:
            task = child.task
            if task is None:
                self._start_again(child, "did not start in time")
            else:
                self._replace(child)
                yield Answer(task.number, reasons=(f"time-limit: {child.stage} did not return and its process was ended",))

    def _start_again(self, child: _Child, why: str) -> None:
        """What killed it, a lack of memory for instance, may be gone; what kills every process that starts is told."""
        if child.starts >= STARTS:
            raise EnvironmentFault(f"a worker process {why}, {STARTS} times in a row")
        self._replace(child, child.starts + 1)

    def _replace(self, child: _Child, starts: int = 1) -> None:
        self._stop(child)
        if child.task and child.task.temporary:
            child.task.temporary.unlink(missing_ok=True)
        self._children[self._children.index(child)] = self._start(starts)


def _fault(exit_code: int, message: str) -> Exception:
    known: dict[int, Any] = {2: UsageError, 4: EnvironmentFault}
    error: Exception = known.get(exit_code, RunError)(message)
    return error
