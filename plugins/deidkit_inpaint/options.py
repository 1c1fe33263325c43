"""Options of the inpainting redactor."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from deidkit.components import Options

StrokeKind = Literal["laterality", "position", "scale", "technical", "anatomy"]


class InpaintOptions(Options):
    model: Literal["telea", "navier_stokes", "harmonic", "unet", "gan"] = "harmonic"
    """Method that generates the pixels: fast marching (Telea 2004) or Navier-Stokes (Bertalmio 2001), both from OpenCV; the
    smoothest surface through the surroundings (harmonic); a U-Net; or the same U-Net trained against a critic (gan)."""

    mode: Literal["conditioned", "visible"] = "conditioned"
    """``conditioned``: regions are blanked before the model sees them, so that no trace of the text can pass into the filling.
    ``visible``: the model sees the text; for comparison only, and the provenance says so."""

    mask: Literal["box", "strokes"] = "box"
    """Fill whole regions, or only the strokes in regions of `stroke_kinds`. The outline of a stroke spells the text."""

    stroke_kinds: tuple[StrokeKind, ...] = Field(default=(), strict=False)
    """Kinds of regions that may be filled stroke by stroke. Identity, unreadable and other text is always filled whole."""

    margin_px: Annotated[int, Field(ge=0, le=64)] = 3
    """Pixels added around each region on every side."""

    context_px: Annotated[int, Field(ge=4, le=256)] = 24
    """Pixels around a region from which the filling is computed."""

    record: Literal["block", "seg"] = "block"
    """Record of the generated regions: a private block in the image, or the block and a segmentation object beside it (DICOM
    SEG; needs `pip install 'deidkit-imaging[seg]'`). A cine without a Frame of Reference gets the block only."""

    @model_validator(mode="after")
    def _strokes_need_kinds(self) -> InpaintOptions:
        if (self.mask == "strokes") != bool(self.stroke_kinds):
            raise ValueError("mask: strokes and stroke_kinds go together")
        return self
