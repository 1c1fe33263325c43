"""Options of the black box."""

from __future__ import annotations

from pydantic import Field

from deidkit.components import Options


class BlackboxOptions(Options):
    margin_px: int = Field(default=3, ge=0, le=200)
    """Pixels by which each region grows on every side before it is redacted."""
