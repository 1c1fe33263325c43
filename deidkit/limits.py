"""Budgets that are checked before decoding, so that a small hostile file cannot exhaust the machine."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from deidkit.errors import OverBudget

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one file.

    ``frame_bytes`` bounds one decoded frame, ``file_bytes`` the file on disk, ``header_bytes`` what of it is no pixel data and
    goes into memory, ``elements`` how many elements and items that may be, ``inflated_bytes`` what a deflated file may hold (it
    goes to disk), ``frames`` their number, ``depth`` the nesting of sequences, ``stage_seconds`` one stage (one frame of it
    where it works by frames), ``item_seconds`` all stages together that follow on the choice of the profile. Seconds are those
    of work; see ``deidkit.types.Deadline``.
    """

    frame_bytes: int = 256 * 2**20
    file_bytes: int = 16 * 2**30
    header_bytes: int = 256 * 2**20
    elements: int = 2_000_000
    inflated_bytes: int = 2 * 2**30
    frames: int = 100_000
    depth: int = 64
    stage_seconds: float = 120.0
    item_seconds: float = 3600.0

    @classmethod
    def ceiling(cls, *limits: Limits) -> Limits:
        """The highest of each: what holds while nobody knows yet which of these a file will get."""
        return cls(*(max(getattr(one, field.name) for one in limits) for field in dataclasses.fields(cls)))

    def opens_alike(self, other: Limits) -> bool:
        """Whether opening a file under ``other`` ends as it does under these: all but the time is equal."""
        return dataclasses.replace(self, stage_seconds=other.stage_seconds, item_seconds=other.item_seconds) == other

    def check_file(self, size: int) -> None:
        """Raises OverBudget for a file of more than ``file_bytes``."""
        if size > self.file_bytes:
            raise OverBudget("file-too-large", f"the file has more than {self.file_bytes} bytes")

    def check_frame(self, rows: int, columns: int, samples: int, bits: int) -> None:
        """Raises OverBudget when one decoded frame of this size would not fit, or when a size is not positive."""
        if min(rows, columns, samples, bits) <= 0:
            raise OverBudget("size-invalid", "a dimension of the image is zero or negative")
        if rows * columns * samples * ((bits + 7) // 8) > self.frame_bytes:
            raise OverBudget("frame-too-large", f"one decoded frame would take more than {self.frame_bytes} bytes")

    def check_frames(self, frames: int) -> None:
        if not 0 < frames <= self.frames:
            raise OverBudget("frames-out-of-range", f"the number of frames is not within 1 and {self.frames}")
