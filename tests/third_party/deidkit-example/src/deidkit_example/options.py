"""What a profile may set."""

from __future__ import annotations

from pydantic import Field

from deidkit.components import Options


class MarginOptions(Options):
    share: float = Field(default=0.25, gt=0.0, le=0.5)
    """Share of the rows at the top and at the bottom that is looked at."""
    step: int = Field(default=70, ge=1, le=255)
    """Least difference between neighbouring pixels of the 8-bit view that counts as a stroke."""
    gap: int = Field(default=28, ge=1)
    """Columns without a stroke that end a line."""


class FillOptions(Options):
    ring: int = Field(default=4, ge=1, le=64)
    """Width in pixels of the surroundings that give the median."""
