"""Options of ``deidkit train verifier``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class VerifierTraining(Options):
    """Everything that decides what a run gives, beside the code and the fonts of the machine."""

    seed: int = Field(default=1, ge=0)
    """Seed of weights, tiles and order."""

    steps: int = Field(default=8000, ge=1)
    """Optimiser steps."""

    minutes: float | None = Field(default=None, gt=0.0, strict=False)
    """Stop after this long, whatever the steps; the learning rate then follows the clock."""

    batch: int = Field(default=8, ge=1)
    """Crops a step and device."""

    rate: float = Field(default=2e-3, gt=0.0, strict=False)
    """Highest learning rate; it falls to nearly zero over the run."""

    size: int = Field(default=96, ge=32, le=512, multiple_of=8)
    """Side of the crops in pixels."""

    stock: int = Field(default=400, ge=8)
    """Tiles drawn once; each is redacted in every way."""

    models: tuple[str, ...] = Field(default=("telea", "harmonic"), strict=False)
    """Models of the inpainting redactor to learn to undo, as `model` or `model:visible`, beside black box, blur and mosaic."""

    leaky: float = Field(default=0.7, ge=0.0, le=1.0, strict=False)
    """Share of crops that were blurred or turned into mosaic, where there is something to learn."""

    start: str | None = None
    """A safetensors file of an earlier run to go on from."""

    pool: str | None = None
    """Folder with manifest.csv and images/; procedural backgrounds alone when not given."""

    threads: int = Field(default=1, ge=1, le=256)
    """Threads of the network's arithmetic on a CPU."""

    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """Lightning's precision."""

    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    """Lightning's accelerator."""

    devices: int | Literal["auto"] = "auto"
    """How many GPUs."""

    strategy: str = "auto"
    """Lightning's strategy for several GPUs, such as ddp."""
