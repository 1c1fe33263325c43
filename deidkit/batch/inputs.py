"""The input files of a run, in one fixed order whatever the file system says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deidkit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Source:
    """One input file: which input argument it belongs to, its path relative to it, and where it lies."""

    root: int
    relative: str
    path: Path = field(repr=False)
    stamp: tuple[int, int] | None
    """Size and modification time in nanoseconds; None when it is no regular, readable file."""

    @property
    def key(self) -> tuple[int, str]:
        return self.root, self.relative


def find(inputs: Sequence[Path], output: Path | None = None) -> list[Source]:
    """All files below the inputs, each once for every input that names it, sorted by input and path.

    Folders that cannot be listed and links to folders, which are not followed, stand for what is in them: as sources without a
    stamp, so that a run says that they were not read.

    Raises:
        UsageError: an input does not exist, or ``output`` and an input contain one another.
    """
    for root in inputs:
        if not _exists(root):
            raise UsageError("an input does not exist; nothing was read")
        if output is not None and _overlap(root, output):
            raise UsageError("the output folder is inside an input, or contains one; choose another output folder")
    return [
        Source(number, relative, path, stamp_of(path))
        for number, root in enumerate(inputs)
        for relative, path in sorted(_below(root), key=lambda item: item[0])
    ]


def _below(root: Path) -> Iterator[tuple[str, Path]]:
    if not root.is_dir():
        yield root.name, root
        return
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(root / folder))
        except OSError:  # closed, gone, or with a path that is too long
            yield folder or ".", root / folder
            continue
        for entry in entries:
            relative = f"{folder}/{entry.name}" if folder else entry.name
            if _is_folder(entry):
                folders.append(relative)
            else:
                yield relative, root / relative


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _exists(root: Path) -> bool:
    try:
        return root.exists()
    except OSError:
        return False


def stamp_of(path: Path) -> tuple[int, int] | None:
    """Size and modification time in nanoseconds; None when it is no regular file or cannot be looked at."""
    try:
        info = path.stat()
    except OSError:
        return None
    return (info.st_size, info.st_mtime_ns) if stat.S_ISREG(info.st_mode) else None


def _overlap(root: Path, output: Path) -> bool:
    a, b = root.resolve(), output.resolve()
    return a == b or b.is_relative_to(a) or a.is_relative_to(b)
