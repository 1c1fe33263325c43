"""Options of the modality classifier."""

from __future__ import annotations

from pydantic import Field

from deidkit.components import Options


class ModalityOptions(Options):
    """How far the pixels have a say."""

    pixels: bool = True
    """Look at the pixels as well; without it a raster file is always of unsure kind."""

    threshold: float | None = Field(default=None, ge=0.0, le=1.0)
    """Probability below which the pixels are unsure; by default the one that the model card gives."""
