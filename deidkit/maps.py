"""``private/maps/uid.csv`` and ``patient.csv`` (id_old,id_new): written only when asked for, readable by the owner alone."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FIELDS = ("id_old", "id_new")


@dataclass(slots=True)
class Maps:
    """Appends each pair once; pairs of an earlier run in the same folder count."""

    folder: Path
    _seen: set[str] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for path in (self._path("PatientID"), self._path("")):
            if path.exists():
                with path.open(newline="", encoding="utf-8") as stream:
                    self._seen.update(row["id_new"] for row in csv.DictReader(stream))

    def _path(self, keyword: str) -> Path:
        return self.folder / ("patient.csv" if keyword == "PatientID" else "uid.csv")

    def add(self, ids: Iterable[tuple[str, str, str]]) -> None:
        """Keyword, old and new value of each pair."""
        for keyword, old, new in ids:
            if new not in self._seen:
                self._seen.add(new)
                self._write(self._path(keyword), old, new)

    def _write(self, path: Path, old: str, new: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            if not stream.tell():
                writer.writerow(FIELDS)
            writer.writerow((old, new))
