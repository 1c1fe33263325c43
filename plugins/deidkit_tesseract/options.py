"""Options of the tesseract detector."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class TesseractOptions(Options):
    """How the tesseract program is run and what of its answer counts as text."""

    min_confidence: float = Field(default=0.3, ge=0.0, le=1.0)
    """Words below this confidence, from 0 to 1, are dropped."""

    psm: Literal[3, 4, 6, 11, 12] = 11
    """Page segmentation mode: 11 finds sparse text in no order, 6 reads one uniform block."""

    thresholding: Literal["whole", "tiles"] = "tiles"
    """How black and white are told apart: one threshold for the whole picture, or one for each part of it, which reads dim
    text beside a bright picture (tesseract 5; older ones always take the whole)."""

    languages: tuple[str, ...] = Field(default=("eng",), strict=False, min_length=1)
    """Language data to read with, as installed for tesseract, for instance [eng, deu]."""

    views: Literal["default", "all"] = "default"
    """Which display views of a frame are looked at; boxes of all of them are put together."""

    seconds: float = Field(default=30.0, gt=0.0, le=600.0, strict=False)
    """Time limit of one run of the program, in seconds of processor time, and five times as many on the clock; beyond it the
    program is killed and the file cannot be proven clean."""

    margin: int = Field(default=2, ge=0, le=50)
    """Pixels added around every box."""
