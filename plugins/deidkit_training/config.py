"""The one YAML file of a training run."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from deidkit.components import Options


class TrainOptions(Options):
    """Everything that decides what a training run gives, beside the code and the fonts of the machine."""

    seed: int = Field(default=1, ge=0)
    """Seed of weights, tiles and order."""

    steps: int = Field(default=12_000, ge=1)
    """Optimiser steps; the learning rate falls to nearly zero over them by half a cosine."""

    start: str | None = None
    """Safetensors of an earlier run to go on from, for instance with mined negatives."""

    minutes: float | None = Field(default=None, gt=0.0, strict=False)
    """Stop after this long, whatever the steps; the learning rate then follows the clock. Not reproducible to the bit."""

    batch: int | None = Field(default=None, ge=1)
    """Tiles a step and device; the recipe's own value when not given."""

    rate: float | None = Field(default=None, gt=0.0, strict=False)
    """Highest learning rate; the recipe's own value when not given."""

    workers: int = Field(default=1, ge=0, le=64)
    """Processes that draw tiles."""

    threads: int = Field(default=2, ge=1, le=256)
    """Threads of the network's arithmetic on a CPU."""

    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    """Lightning's precision. bf16 pays on GPUs and on CPUs with AMX or AVX512-BF16; without them it is three times slower."""

    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    """Lightning's accelerator."""

    devices: int | Literal["auto"] = "auto"
    """How many GPUs; with several, Lightning's data parallelism."""

    average: float = Field(default=0.998, ge=0.0, lt=1.0, strict=False)
    """Decay of the exponential moving average of the weights; it is what gets exported."""

    checkpoint_minutes: float = Field(default=4.0, gt=0.0, strict=False)
    """How often the state is saved; a run is resumed from it."""

    validation: int = Field(default=1200, ge=1)
    """Tiles of the fixed validation set (seed 20000, the pool's validation part); by 300 a score is sure to 1.3 points."""

    calibration: int = Field(default=300, ge=1)
    """Tiles on which it is fitted what tells text from other things."""

    clean: int = Field(default=1000, ge=1)
    """Clean images of the pool, at most, on which it is chosen from which score on an answer counts as text."""

    tiles: dict[str, Any] = Field(default_factory=dict)
    """Options of the ``tiles`` generator for training: pool, mined, size, empty, hard. Of these the pool alone counts for
    calibration and validation.
    """

    model: dict[str, Any] = Field(default_factory=dict)
    """Options of the network's recipe."""
