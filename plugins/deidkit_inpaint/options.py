"""Options of the inpainting redactor."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from deidkit.components import Options

StrokeKind = Literal["laterality", "position", "scale", "technical", "anatomy"]


class InpaintOptions(Options):
    model: Literal["telea", "navier_stokes", "harmonic", "unet", "gan"] = "harmonic"
    """What invents the pixels: the fast marching method (Telea 2004), the Navier-Stokes method (Bertalmio 2001), both of
    OpenCV; the smoothest surface through the surroundings (harmonic); a U-Net, or the same one trained against a critic."""

    mode: Literal["conditioned", "visible"] = "conditioned"
    """Whether regions are blanked before anything looks at them, so that nothing of the text can pass into the filling
    (conditioned), or the model may see what it replaces (visible, for comparison; the provenance says so)."""

    mask: Literal["box", "strokes"] = "box"
    """Whether whole regions are filled, or only their strokes in regions whose kind `stroke_kinds` names. The outline of a
    stroke spells the text, and strokes can only be found by looking at them."""

    stroke_kinds: tuple[StrokeKind, ...] = Field(default=(), strict=False)
    """Kinds of regions that may be filled stroke by stroke. Identity, unreadable and other text is always filled whole."""

    margin_px: Annotated[int, Field(ge=0, le=64)] = 3
    """Added around every region on all sides, in pixels."""

    context_px: Annotated[int, Field(ge=4, le=256)] = 24
    """Surroundings that the filling is made from, in pixels around a region."""

    record: Literal["block", "seg"] = "block"
    """Where the generated regions are told: in a private block of the image, or there and as a segmentation object beside it
    (DICOM SEG; needs `pip install 'deidkit-imaging[seg]'`). Where none can be made, as for a cine without a Frame of
    Reference, the block stays alone."""

    @model_validator(mode="after")
    def _strokes_need_kinds(self) -> InpaintOptions:
        if (self.mask == "strokes") != bool(self.stroke_kinds):
            raise ValueError("mask: strokes and stroke_kinds go together")
        return self
