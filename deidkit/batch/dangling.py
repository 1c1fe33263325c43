"""References between released objects that lead nowhere, because what they mean was not released or was never in the input."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deidkit.batch.index import instance_digest
from deidkit.errors import ItemError
from deidkit.headers.bounded_read import skim
from deidkit.headers.references import REFERENCED_CLASS, REFERENCED_INSTANCE, referenced
from deidkit.headers.uids import INSTANCE, value
from deidkit.limits import Limits

SIZE = 16


def of_file(path: Path) -> tuple[str, frozenset[str]]:
    """SOP Instance UID of a released file and those that it refers to; nothing for a file without a header."""
    wanted = (INSTANCE, REFERENCED_CLASS, REFERENCED_INSTANCE)
    try:
        header = skim(path, lambda tag, _: tag in wanted, Limits())
    except (OSError, ItemError):
        return "", frozenset()
    return ("", frozenset()) if header is None else (value(header, INSTANCE), referenced(header))


@dataclass(frozen=True, slots=True)
class Dangling:
    """One released file: how many objects it refers to that the run held back, and how many that it never saw."""

    output: str
    not_released: int
    not_in_input: int


@dataclass(slots=True)
class References:
    """What was released and what it refers to, as digests: 16 bytes a reference."""

    _released: set[bytes] = field(default_factory=set)
    _meant: dict[str, bytes] = field(default_factory=dict)

    def add(self, output: str, instance: str, meant: Collection[str]) -> None:
        """One released file by its new SOP Instance UID and those that it refers to."""
        self._released.add(instance_digest(instance))
        if meant:
            self._meant[output] = b"".join(instance_digest(uid) for uid in sorted(meant))

    def dangling(self, known: Collection[bytes]) -> Iterator[Dangling]:
        """Files with references that lead nowhere. ``known`` are the digests of all objects of the input under any UID."""
        for output, joined in sorted(self._meant.items()):
            lost = [d for d in (joined[n : n + SIZE] for n in range(0, len(joined), SIZE)) if d not in self._released]
            if lost:
                held = sum(digest in known for digest in lost)
                yield Dangling(output, held, len(lost) - held)
