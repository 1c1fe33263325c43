"""What one item is asked (Task) and what came of it (Answer)."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.types import Identifiers

if TYPE_CHECKING:
    pass


DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Task:
    """One item. ``temporary`` is where the result is written, None for a dry run; ``evidence`` where a picture is drawn.

    ``compare``: nothing is done but to digest the content, by which copies of an object are told from others.
    """

    number: int
    path: Path = field(repr=False)
    temporary: Path | None
    identifiers: Identifiers = field(default=Identifiers(), repr=False)
    evidence: Path | None = None
    compare: bool = False


def companion_path(temporary: Path) -> Path:
    """Where the further object is written that goes beside ``temporary``."""
    return temporary.with_name(f"{temporary.name}.dcm")
