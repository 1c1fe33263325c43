"""Options of the rapidocr components."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class RapidOcrOptions(Options):
    """How frames are searched for text and what counts as text."""

    views: Literal["default", "auto", "all"] = "auto"
    """Display views to search: the default one, all, or (auto) the default one and those that show what it hides."""

    side: int = Field(default=960, ge=320, le=2560)
    """Long side in pixels at which a whole frame is searched; fine detail is searched at full resolution as well."""

    glyphs: bool = True
    """Also look for single flat characters with sharp edges, such as a lone L, which the network often passes over."""

    min_confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    """Regions read with less confidence are dropped. Above 0 text that cannot be read is missed: for comparisons only."""

    margin: float = Field(default=0.2, ge=0.0, le=1.0)
    """Space added around every box, as a share of the height of its line."""


class ReaderOptions(Options):
    """Options of the rapidocr recogniser: none."""
