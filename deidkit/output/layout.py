"""Where everything lies below the output folder."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deidkit.output.durable import (
    PRIVATE_FILE,
    RELEASED_FILE,
)


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
    def moves(self) -> Path:
        """Outputs that may lie in released/ without being vouched for."""
        return self.private / "moves.jsonl"

    @property
    def state(self) -> Path:
        return self.private / "run.json"

    @property
    def lock(self) -> Path:
        return self.private / "lock"

    @property
    def dangling(self) -> Path:
        return self.private / "dangling.jsonl"

    @property
    def reviews(self) -> Path:
        return self.private / "reviews.jsonl"

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

    @property
    def strays(self) -> Path:
        """Where files go that somebody else put into released/."""
        return self.private / "strays"

    def parts(self) -> Iterator[tuple[Path, Callable[[int], bool]]]:
        """Everything with a fixed place, and whether a mode is what it has to be: a folder or a file, never a link."""
        folders = (self.released, self.private, self.temporary, self.quarantine, self.evidence, self.maps, self.strays)
        files = (self.released_list, self.manifest, self.moves, self.state, self.lock, self.dangling, self.reviews)
        yield from ((folder, stat.S_ISDIR) for folder in folders)
        yield from ((file, stat.S_ISREG) for file in files)

    def released_mode(self) -> int:
        """The mode of files below released/: that of the folder, which the umask of the run that made it has a part in."""
        return self.released.stat().st_mode & RELEASED_FILE | PRIVATE_FILE

    def admit(self, temporary: Path, output: str) -> None:
        """Moves a file that is safe on disk to its place below released/."""
        target = self.root / output
        mode = stat.S_IMODE(self.released.stat().st_mode)
        for folder in sorted(self.folders_of([output])):
            if not folder.is_dir():
                folder.mkdir()
                folder.chmod(mode)
        temporary.replace(target)

    def folders_of(self, outputs: Iterable[str]) -> set[Path]:
        """All folders from released/ down that hold one of the outputs."""
        parents = {folder for output in outputs for folder in (self.root / output).parents}
        return {folder for folder in parents if folder.is_relative_to(self.released)}
