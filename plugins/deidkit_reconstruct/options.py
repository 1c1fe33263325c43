"""Options of the verifiers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from deidkit.components import Options


class EqualityOptions(Options):
    inside: Literal["constant", "unlike", "off"] = "constant"
    """What redacted regions must hold in the written file. `constant`: one single value a sample, which any trace of the old
    content breaks. `unlike`: for generated pixels, samples that do not follow the old ones. `off`: not looked at here, so that
    another verifier has to."""

    most_likeness: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5
    """With `unlike`: largest absolute correlation allowed between the fine detail of a region before and after."""

    reach_px: Annotated[int, Field(ge=0, le=4096)] | None = None
    """Furthest that a changed sample may lie from a redacted region, in pixels along either axis. Not limited by default, since
    a redactor may take away a whole banner for one name in it."""


class ReconstructOptions(Options):
    most_advantage: Annotated[float, Field(gt=0.0, lt=0.5)] = 0.12
    """How much better than the null an attack view of a region may tell the old strokes from the rest, as area under the ROC
    curve. The null is what the views reach against the old strokes moved along the line of text, so that knowing where text
    stands in a box is no advantage."""

    frames: Annotated[int, Field(ge=1, le=100_000)] = 32
    """Frames of one image whose regions are attacked, spread evenly over those with redacted regions. Frames are compared with
    their neighbours and checked for whole regions without regard to this."""

    regions: Annotated[int, Field(ge=1, le=1000)] = 16
    """Regions attacked in one frame, those that changed least evenly first. Regions of one single value cost nothing and do not
    count."""

    reverse: bool = False
    """Also attack with the reverse model, a network trained to find strokes in what redactors left of them."""

    reader: Literal["none", "rapidocr", "tesseract"] = "none"
    """Detector that reads the attack views of regions that are not of one value. Slow: about half a second a region."""

    read_regions: Annotated[int, Field(ge=1, le=64)] = 4
    """Regions of one image that are read, those with the largest advantage first."""

    most_alike: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5
    """Largest similarity allowed between what is read in an attack view and what stood there: 1 minus the edit distance, as a
    share of the longer text."""

    neighbours: Literal["text", "all", "off"] = "text"
    """Which redacted regions must not be visible in the frame before or after: those that were read as text, all of them, or
    none. With `all`, anatomy taken for text in one frame and not in the next sends an item to quarantine."""

    most_likeness: Annotated[float, Field(gt=0.0, le=1.0)] = 0.6
    """Largest absolute correlation allowed between the fine detail that was removed and the same place in a neighbouring
    frame."""

    strokes_allowed: tuple[Literal["laterality", "position", "scale", "technical", "anatomy"], ...] = Field(
        default=(), strict=False
    )
    """Kinds of regions that may be edited stroke by stroke. In all others the edit must not have the shape of glyphs."""

    most_fragments: Annotated[int, Field(ge=1, le=1000)] = 8
    """Boxes that one region may be made of in the mask, since many small ones can draw letters."""
