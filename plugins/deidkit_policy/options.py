"""Options of the policy."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options

Keepable = Literal["marker", "laterality", "position", "scale", "technical", "anatomy"]


class PolicyOptions(Options):
    """Classes of text to retain. Identity, unreadable and doubtful text and all other classes are always redacted."""

    keep: tuple[Keepable, ...] = Field(default=(), strict=False)
    """Classes of text to retain: laterality (L, R, LT, left), position (AP, SUPINE, portable), marker (both of them), scale
    (numbers with units, rulers), technical (settings of the device), anatomy (organs and protocol words)."""

    min_confidence: float = Field(default=0.7, ge=0.0, le=1.0)
    """Text read with less confidence counts as unreadable."""
