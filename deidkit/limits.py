"""Budgets checked before decoding, so that a small hostile file cannot take the machine down."""

from __future__ import annotations

from dataclasses import dataclass

from deidkit.errors import OverBudget


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one file.

    ``frame_bytes`` bounds one decoded frame, ``file_bytes`` the file on disk, ``inflated_bytes`` what a deflated one may hold
    (it goes to disk, not into memory), ``frames`` their number, ``depth`` the nesting of sequences, ``stage_seconds`` one stage
    (one frame of it where it works by frames), ``item_seconds`` all stages together that follow on the choice of the profile.
    Seconds are those of work; see ``deidkit.types.Deadline``.
    """

    frame_bytes: int = 256 * 2**20
    file_bytes: int = 16 * 2**30
    inflated_bytes: int = 2 * 2**30
    frames: int = 100_000
    depth: int = 64
    stage_seconds: float = 120.0
    item_seconds: float = 3600.0

    def check_frame(self, rows: int, columns: int, samples: int, bits: int) -> None:
        """Raises OverBudget when one decoded frame of this size would not fit, or when a size is not positive."""
        if min(rows, columns, samples, bits) <= 0:
            raise OverBudget("size-invalid", "a dimension of the image is zero or negative")
        if rows * columns * samples * ((bits + 7) // 8) > self.frame_bytes:
            raise OverBudget("frame-too-large", f"one decoded frame would take more than {self.frame_bytes} bytes")

    def check_frames(self, frames: int) -> None:
        if not 0 < frames <= self.frames:
            raise OverBudget("frames-out-of-range", f"the number of frames is not within 1 and {self.frames}")
