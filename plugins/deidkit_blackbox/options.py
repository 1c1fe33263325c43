"""Options of the black box."""

from __future__ import annotations

from pydantic import Field

from deidkit.components import Options


class BlackboxOptions(Options):
    margin_px: int = Field(default=3, ge=0, le=200)
    """Stored pixels that each region grows by on every side before it is covered."""
