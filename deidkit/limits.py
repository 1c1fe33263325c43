"""Budgets that are checked before decoding, so that a small hostile file cannot exhaust the machine."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from deidkit.errors import OverBudget

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one file.

    Args:
        frame_bytes: size of one decoded frame.
        file_bytes: size of the file on disk.
        header_bytes: size of everything except the pixel data, which is read into memory.
        elements: number of elements and items.
        inflated_bytes: inflated size of a deflated file, which is written to disk.
        frames: number of frames.
        depth: nesting of sequences.
        stage_seconds: time of one stage, or of one frame if the stage works by frames.
        item_seconds: time of all stages after the selection of the profile.

    Seconds are seconds of work; see ``deidkit.types.Deadline``.
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
        """Return the highest of each limit. It applies until the profile of a file is selected."""
        return cls(*(max(getattr(one, field.name) for one in limits) for field in dataclasses.fields(cls)))

    def opens_alike(self, other: Limits) -> bool:
        """Return whether all limits except times are equal, so that opening a file ends alike under both."""
        return dataclasses.replace(self, stage_seconds=other.stage_seconds, item_seconds=other.item_seconds) == other

    def check_file(self, size: int) -> None:
        """Raise OverBudget if a file has more than ``file_bytes``."""
        if size > self.file_bytes:
            raise OverBudget("file-too-large", f"the file has more than {self.file_bytes} bytes")

    def check_frame(self, rows: int, columns: int, samples: int, bits: int) -> None:
        """Raise OverBudget if one decoded frame of this size exceeds the limit, or if a size is not positive."""
        if min(rows, columns, samples, bits) <= 0:
            raise OverBudget("size-invalid", "a dimension of the image is zero or negative")
        if rows * columns * samples * ((bits + 7) // 8) > self.frame_bytes:
            raise OverBudget("frame-too-large", f"one decoded frame would take more than {self.frame_bytes} bytes")

    def check_frames(self, frames: int) -> None:
        if not 0 < frames <= self.frames:
            raise OverBudget("frames-out-of-range", f"the number of frames is not within 1 and {self.frames}")
