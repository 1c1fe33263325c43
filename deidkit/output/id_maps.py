"""``private/maps/uid.csv`` and ``patient.csv`` (id_old,id_new): written only when asked for, readable by the owner alone."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deidkit.output.durable import open_for, private_folder

FIELDS = ("id_old", "id_new")


@dataclass(slots=True)
class Maps:
    """Appends each pair once; pairs of an earlier run in the same folder count."""

    folder: Path
    _seen: set[str] = field(default_factory=set, repr=False)
    _new: dict[Path, list[tuple[str, str]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        private_folder(self.folder)
        for path in (self._path("PatientID"), self._path("")):
            _end_last_line(path)
            if path.exists():
                with path.open(newline="", encoding="utf-8") as stream:
                    self._seen.update(str(row["id_new"]) for row in csv.DictReader(stream))

    def _path(self, keyword: str) -> Path:
        return self.folder / ("patient.csv" if keyword == "PatientID" else "uid.csv")

    def add(self, ids: Iterable[tuple[str, str, str]]) -> None:
        """Keyword, old and new value of each pair."""
        for keyword, old, new in ids:
            if new not in self._seen:
                self._seen.add(new)
                self._new.setdefault(self._path(keyword), []).append((old, new))

    def flush(self) -> None:
        """Makes what was added durable."""
        for path, pairs in self._new.items():
            self._write(path, pairs)
        self._new.clear()

    def _write(self, path: Path, pairs: Sequence[tuple[str, str]]) -> None:
        with open_for(path, os.O_APPEND) as stream:
            writer = csv.writer(stream)
            if not os.fstat(stream.fileno()).st_size:
                writer.writerow(FIELDS)
            writer.writerows(pairs)
            stream.flush()
            os.fsync(stream.fileno())


def _end_last_line(path: Path) -> None:
    """Drops the row that a crash cut short, if there is one."""
    if path.exists():
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            os.truncate(path, content.rfind(b"\n") + 1)
