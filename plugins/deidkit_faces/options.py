"""Options of the verifier of faces."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class FacesOptions(Options):
    """Options of the verifier."""

    faces: Literal["quarantine", "none-expected"] = "quarantine"
    """``quarantine`` fails a file that shows a face. ``none-expected`` skips the search, on the word of the site."""

    without_network: Literal["quarantine", "quarantine-photographs", "warn"] = "quarantine"
    """Files that fail if the network for faces is not installed: all, those with the colours of a photograph, or none with a
    warning in the record."""

    min_score: float = Field(default=0.7, gt=0.0, le=1.0)
    """Lowest confidence of a face. The highest value on 341 medical images without a face, in four orientations, was 0.65.
    Faces in photographs, also blurred, in grey or with covered eyes, reached at least 0.83."""

    frames: int = Field(default=16, ge=1, le=1000)
    """Largest number of frames of a multi-frame object that are searched, spread over time."""
