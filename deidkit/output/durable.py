"""Files that survive a crash, and the permissions of everything below an output folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""Below private/, whatever the umask of the process."""

RELEASED_FILE, RELEASED_FOLDER = 0o644, 0o755
"""Below released/, less what the umask of the run that made the folder takes away."""


def dumps(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n"


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(path: Path) -> None:
    """Makes ``path``, whose parent has to be there, or takes it over, for its owner alone."""
    path.mkdir(exist_ok=True)
    path.chmod(PRIVATE_FOLDER)


def open_for(path: Path, flags: int, mode: int = PRIVATE_FILE) -> TextIO:
    """A text stream into ``path``, which gets exactly ``mode``; a link in its place is not followed."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | flags, mode)
    os.fchmod(descriptor, mode)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


def append(path: Path, records: Sequence[dict[str, Any]]) -> None:
    """Adds lines to a JSON-lines file of the owner alone, and makes them durable."""
    if not records:
        return
    with open_for(path, os.O_APPEND) as stream:
        stream.write("".join([_end_of_torn_line(path), *map(dumps, records)]))
        stream.flush()
        os.fsync(stream.fileno())


def _end_of_torn_line(path: Path) -> str:
    """What has to follow a line that a crash cut short, so that it spoils no other."""
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 1))
        return "" if stream.read(1) in {b"", b"\n"} else "\n"


def write_whole(path: Path, parts: Iterable[str], mode: int = PRIVATE_FILE) -> None:
    """Replaces ``path`` by ``parts`` so that a reader, after a crash too, sees the old content or all of the new one."""
    temporary = path.with_name(path.name + ".new")
    with suppress(FileNotFoundError):
        temporary.unlink()
    with open_for(temporary, os.O_EXCL, mode) as stream:
        stream.writelines(parts)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync(path.parent)


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records of a JSON-lines file, each with the place where its line begins, in bytes.

    What a crash or a failing disk left of others is left out.
    """
    with suppress(FileNotFoundError), path.open("rb") as stream:
        place = 0
        for line in stream:
            with suppress(ValueError):
                record = json.loads(line)
                if line.endswith(b"\n") and isinstance(record, dict):
                    yield place, record
            place += len(line)
