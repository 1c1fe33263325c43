"""Processor time and core dumps of the processes of a run."""

from __future__ import annotations

import contextlib
import math
import os
import re
import resource
import sys
from pathlib import Path

__all__ = ["limit_processor_time", "processor_seconds"]

PROC = Path("/proc")
PR_SET_DUMPABLE = 4
PS = ("ps", "-A", "-o", "pgid=", "-o", "time=")
PS_SECONDS = 10.0
TIME = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:\.\d+)?)")
"""How ps writes the time of a process (POSIX): [[days-]hours:]minutes:seconds."""


def no_core_dumps() -> None:
    """Keeps what this process has in memory, identifiers and the key, out of files that a crash would leave.

    Programs that it starts inherit the limit of zero. Linux may hand dumps to a program whatever the limit says, so there
    the process is marked as not to be dumped at all.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # prctl is Linux's
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def limit_processor_time(process: int, seconds: float) -> None:
    """Lets another process be ended by SIGXCPU after so many seconds of processor time, rounded up, on Linux."""
    if sys.platform == "linux":
        whole = math.ceil(seconds)
        with contextlib.suppress(OSError):  # it has ended
            resource.prlimit(process, resource.RLIMIT_CPU, (whole, whole + 1))


def processor_seconds() -> float:
    """What this process has used, together with the programs that it has waited for."""
    return sum(os.times()[:4])


def processor_seconds_of(group: int) -> float:
    """What the processes of a process group have used, each with the programs that it has waited for; 0 when none is seen."""
    if (PROC / "self" / "stat").exists():
        return _seconds_of_proc(group)
    return _seconds_of_ps(group)


def _seconds_of_proc(group: int) -> float:
    """Fields 5 (pgrp) and 14 to 17 (utime, stime, cutime, cstime) of proc(5); the name before them may hold anything."""
    ticks = 0
    for path in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            fields = path.read_bytes().rpartition(b")")[2].split()
            if int(fields[2]) == group:
                ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _seconds_of_ps(group: int) -> float:
    """Where there is no /proc, as on macOS; programs that were waited for are not counted."""
    import subprocess

    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        listed = subprocess.run(PS, capture_output=True, text=True, timeout=PS_SECONDS, check=False)
        rows = [line.split() for line in listed.stdout.splitlines()]
        return sum(_seconds(row[1]) for row in rows if len(row) == 2 and row[0] == str(group))
    return 0.0


def _seconds(text: str) -> float:
    found = TIME.fullmatch(text)
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()) if found else (0.0,) * 4
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
