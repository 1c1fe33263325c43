"""Options of the detector and the verifier of codes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options

Views = Literal["default", "telling", "all"]


class CodesOptions(Options):
    """Options of the detector."""

    views: Views = "telling"
    """Display views to search: the first view, also views that show hidden detail, or all views."""

    margin: int = Field(default=4, ge=0, le=50)
    """Pixels added around each code. Text detectors find the text below it."""

    undecoded: bool = True
    """Also mark bars that look like a code but cannot be decoded, because they are blurred or cut."""


class CodesCheckOptions(Options):
    """Options of the verifier."""

    views: Views = "all"
    """Display views to search: the first view, also views that show hidden detail, or all views."""
