"""Options of the rapidocr components."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class RapidOcrOptions(Options):
    """Options of the detector."""

    views: Literal["default", "auto", "all"] = "auto"
    """Display views to search: the default view, all views, or (auto) the default view and views that show hidden detail."""

    side: int = Field(default=960, ge=320, le=2560)
    """Long side in pixels to which a whole frame is scaled. Fine detail is also searched at full resolution."""

    glyphs: bool = True
    """Also search for single flat characters with sharp edges, such as an isolated L, which the network often misses."""

    min_confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    """Lowest confidence of a reading. Above 0, unreadable text is missed, so use it for comparisons only."""

    margin: float = Field(default=0.2, ge=0.0, le=1.0)
    """Space added around every box, as a share of the height of its line."""


class ReaderOptions(Options):
    """Options of the rapidocr recogniser: none."""
