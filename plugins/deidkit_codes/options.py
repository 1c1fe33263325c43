"""Options of the detector and the verifier of codes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options

Views = Literal["default", "telling", "all"]


class CodesOptions(Options):
    """Which views are searched, and how far a region reaches beyond its code."""

    views: Views = "telling"
    """Which display views are searched: the first, also those that show detail which the ones before hide, or all."""

    margin: int = Field(default=4, ge=0, le=50)
    """Pixels added around every code. Detectors of text find what is written below it."""

    undecoded: bool = True
    """Whether bars that look like a code count when nothing can be decoded, because they are blurred or cut."""


class CodesCheckOptions(Options):
    """Which views of the written file are searched."""

    views: Views = "all"
    """Which display views are searched: the first, also those that show detail which the ones before hide, or all."""
