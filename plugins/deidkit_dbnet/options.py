"""Options of the dbnet detector."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from deidkit.nn.options import NetworkOptions


class DBNetOptions(NetworkOptions):
    """Which network answers, on which views, and from what on its answer is text."""

    threshold: float | None = Field(default=None, gt=0.0, lt=1.0, strict=False)
    """Pixels of the region map above this probability belong to text; the model card's own value when not given."""

    turns: tuple[Annotated[float, Field(gt=0, lt=90)], ...] = Field(default=(22.5, 45.0, 67.5), strict=False)
    """Degrees by which views are turned and looked at once more, for lines that run neither along rows nor along columns.
    The network finds lines that slant by up to 12 degrees, so these leave no angle out; empty for never."""

    min_score: float | None = Field(default=None, ge=0.0, le=1.0, strict=False)
    """Regions whose calibrated score lies below are dropped; the model card's own value when not given."""
