"""Options of the dbnet detector."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from deidkit.nn.options import NetworkOptions


class DBNetOptions(NetworkOptions):
    """Which network answers, on which views, and from what on its answer is text."""

    threshold: float | None = Field(default=None, gt=0.0, lt=1.0, strict=False)
    """Probability from which a pixel belongs to text. Default: the value of the model card."""

    turns: tuple[Annotated[float, Field(gt=0, lt=90)], ...] = Field(default=(22.5, 45.0, 67.5), strict=False)
    """Angles in degrees by which views are rotated and analysed again, to find slanted lines. The network finds lines that
    slant by up to 12 degrees, so the default covers every angle. Empty: never rotate."""

    min_score: float | None = Field(default=None, ge=0.0, le=1.0, strict=False)
    """Lowest calibrated score of a region. Default: the value of the model card."""
