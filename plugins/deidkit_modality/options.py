"""Options of the modality classifier."""

from __future__ import annotations

from pydantic import Field

from deidkit.components import Options


class ModalityOptions(Options):
    """Use of the pixels."""

    pixels: bool = True
    """Classify the pixels as well. Without it, the kind of a raster file is always uncertain."""

    threshold: float | None = Field(default=None, ge=0.0, le=1.0)
    """Probability below which the answer of the pixels is uncertain. Default: the value of the model card."""
