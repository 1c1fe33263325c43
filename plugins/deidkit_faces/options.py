"""Options of the verifier of faces."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class FacesOptions(Options):
    """What a face means, and what it means that nobody can look for one."""

    faces: Literal["quarantine", "none-expected"] = "quarantine"
    """quarantine fails a file that shows a face; with none-expected a profile vouches that there are none, and nobody looks."""

    without_network: Literal["quarantine", "quarantine-photographs", "warn"] = "quarantine"
    """Which files fail where no network for faces is installed: all, those with many colours, as photographs have, or none, and
    the record warns."""

    min_score: float = Field(default=0.7, gt=0.0, le=1.0)
    """Confidence of the network from which there is a face. Of 341 medical pictures without one, looked at from all four sides,
    the highest reached 0.65; faces in photographs, blurred, in grey or with the eyes covered, 0.83 and more."""

    frames: int = Field(default=16, ge=1, le=1000)
    """At most so many frames of a multi-frame object are looked at, spread over time."""
