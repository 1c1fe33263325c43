"""Options of the retinanet detector."""

from __future__ import annotations

from pydantic import Field

from deidkit.nn.options import NetworkOptions


class RetinaNetOptions(NetworkOptions):
    """Which network answers, on which views, and which of its boxes count."""

    large: int = Field(default=100, ge=32)
    """Images with a side above this many pixels are looked at in half size too, and so on, for letters taller than those that
    the network was trained on: of up to 60 % of the height of the frame."""

    min_score: float | None = Field(default=None, ge=0.0, le=1.0, strict=False)
    """Boxes below this score are not told; the model card's own value when not given. From 0.1 on they have a say in where
    better ones end."""

    overlap: float = Field(default=0.4, gt=0.0, lt=1.0, strict=False)
    """Boxes that overlap a better one by more (intersection over union) settle with it where it ends, and are dropped."""

    most: int = Field(default=1000, ge=1, le=10_000)
    """Most boxes a view before overlapping ones are dropped."""
