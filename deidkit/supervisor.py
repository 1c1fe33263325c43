"""The parent's side of the worker processes: feeds them, ends those that hang, replaces those that die."""

from __future__ import annotations

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

from deidkit.engine import Answer, Task
from deidkit.errors import EnvironmentFault, RunError, UsageError
from deidkit.worker import Spec

TRIES = 2
GRACE = 5.0
START_SECONDS = 300.0
THREADS = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

ROOMY = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Large pages for the networks where the C library is glibc; measured once, they took half of dbnet's time after other work."""


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    connection: Connection
    limit: float
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

    def _start(self) -> _Child:
        mine, theirs = socket.socketpair()
        environment = {**ROOMY, **os.environ, **dict.fromkeys(THREADS, "1"), "TMPDIR": str(self.scratch)}
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "deidkit.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        connection = Connection(mine.detach())
        connection.send(self.spec)
        return _Child(process, connection, time.monotonic() + START_SECONDS)

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
                child.task, child.stage, child.limit = task, "read", time.monotonic() + START_SECONDS
                with suppress(OSError):  # it died while it had nothing to do; it is found dead when it is heard
                    child.connection.send(task)

    def _readable(self) -> list[_Child]:
        soonest = min((child.limit for child in self._children if child.task or not child.ready), default=0.0)
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
            child.stage, child.limit = rest[0], time.monotonic() + rest[2] + GRACE
        elif kind == "ready":
            child.ready = True
        else:
            raise _fault(*rest)

    def _died(self, child: _Child) -> Iterator[Answer]:
        if not child.ready:
            raise EnvironmentFault("a worker process ended while it was starting")
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
        now = time.monotonic()
        for child in [child for child in self._children if now > child.limit]:
            if not child.ready:
                raise EnvironmentFault("a worker process did not start in time")
            if child.task:
                task = child.task
                self._replace(child)
                yield Answer(task.number, reasons=(f"time-limit: {child.stage} did not return and its process was ended",))

    def _replace(self, child: _Child) -> None:
        self._stop(child)
        if child.task and child.task.temporary:
            child.task.temporary.unlink(missing_ok=True)
        self._children[self._children.index(child)] = self._start()


def _fault(exit_code: int, message: str) -> Exception:
    known: dict[int, Any] = {2: UsageError, 4: EnvironmentFault}
    error: Exception = known.get(exit_code, RunError)(message)
    return error
