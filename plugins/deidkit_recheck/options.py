"""Options of the recheck verifier."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options

Look = Literal[
    "plain",
    "faint",
    "negative",
    "equalised",
    "enlarged",
    "reduced",
    "mirrored",
    "turned-22",
    "turned-45",
    "turned-67",
    "turned-90",
]


class RecheckOptions(Options):
    """Who reads the written file once more, in which contrasts, and what counts as text left behind."""

    detector: str = "auto"
    """Name of the detector that looks; auto takes one of another family than those that found the regions, rapidocr first."""

    readers: int = Field(default=2, ge=1, le=8)
    """So many detectors look where auto finds as many that can read. Those of the family that found the regions come last, and
    look only at pictures that the detection did not show them."""

    min_confidence: float = Field(default=0.8, ge=0.0, le=1.0)
    """Text read with at least this confidence outside kept regions fails the file."""

    long_confidence: float = Field(default=0.6, ge=0.0, le=1.0)
    """The same for text of five letters or digits and more, which hardly ever comes from anatomy."""

    known_confidence: float = Field(default=0.4, ge=0.0, le=1.0)
    """The same for text like an identifier of this patient."""

    min_characters: int = Field(default=3, ge=1, le=20)
    """Shorter text is no evidence: anatomy reads as single letters all the time. Identifiers count whatever their length."""

    views: tuple[Look, ...] = Field(default=("plain", "faint", "reduced", "turned-45"), strict=False, min_length=1)
    """What the first detector looks at: plain is what another library shows of the file, and every view of the format that
    shows more; faint (dim places stretched, bright ones blanked), negative, equalised, enlarged (1.5 times), reduced (to a
    quarter), mirrored and turned (by so many degrees) change the first of these. Further detectors look at plain only."""

    unread: Literal["warn", "quarantine"] = "warn"
    """What becomes of a file in which a detector is sure of a line that nobody could read, not even enlarged, equalised and
    turned: a warning with its place, or quarantine."""

    unread_score: float = Field(default=0.8, ge=0.0, le=1.0)
    """How sure of such a line the detector has to be."""

    frames: int = Field(default=6, ge=1, le=1000)
    """At most so many frames of a multi-frame object are read one by one; all of them are read as composites over time."""


class InspectionOptions(Options):
    """Who reads frames that are no picture, and what counts as a word."""

    detector: str = "auto"
    """Name of the detector that reads; auto takes the first that is installed, tesseract first."""

    min_letters: int = Field(default=4, ge=3, le=20)
    """Letters of a word. Shorter ones are no evidence: lesions read as letters all the time."""

    min_confidence: float = Field(default=0.85, ge=0.0, le=1.0)
    """A word of just so many letters that is read with at least this confidence fails the file; longer ones need less."""

    long_confidence: float = Field(default=0.45, ge=0.0, le=1.0)
    """The least confidence that a word of any length needs."""

    known_confidence: float = Field(default=0.4, ge=0.0, le=1.0)
    """The same for text like an identifier of this patient."""

    turned: int = Field(default=8, ge=0, le=1000)
    """So many of the sheets that all frames are laid out on are read in the seven other directions as well."""
