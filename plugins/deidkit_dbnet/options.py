"""Options of the dbnet detector."""

from __future__ import annotations

from pydantic import Field

from deidkit.nn.options import NetworkOptions


class DBNetOptions(NetworkOptions):
    """Which network answers, on which views, and from what on its answer is text."""

    threshold: float | None = Field(default=None, gt=0.0, lt=1.0, strict=False)
    """Pixels of the region map above this probability belong to text; the model card's own value when not given."""

    min_score: float | None = Field(default=None, ge=0.0, le=1.0, strict=False)
    """Regions whose calibrated score lies below are dropped; the model card's own value when not given."""
