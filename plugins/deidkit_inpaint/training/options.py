"""Options of ``deidkit train inpainter``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class InpainterTraining(Options):
    """Everything that decides what a run gives, beside the code and the fonts of the machine."""

    model: Literal["unet", "gan"] = "unet"
    """The U-Net alone, or the same one trained further against a patch critic."""

    seed: int = Field(default=1, ge=0)
    """Seed of weights, tiles and order."""

    steps: int = Field(default=20_000, ge=1)
    """Steps of the generator's own training, or with `gan` of the contest."""

    minutes: float | None = Field(default=None, gt=0.0, strict=False)
    """Stop after this long, whatever the steps; the learning rate then follows the clock."""

    seer_steps: int = Field(default=600, ge=1)
    """Steps of the network that looks for strokes, trained first and frozen then."""

    critic_steps: int = Field(default=200, ge=0)
    """Steps of the critic alone before the contest."""

    start: str | None = None
    """A safetensors file of an earlier generator to go on from; `gan` needs one."""

    batch: int = Field(default=8, ge=1)
    """Crops a step and device."""

    rate: float = Field(default=8e-4, gt=0.0, strict=False)
    """Highest learning rate; it falls to a hundredth by half a cosine."""

    sizes: tuple[int, ...] = Field(default=(96,), strict=False)
    """Sides of the crops in pixels, one after the other in equal shares of the run (progressive resizing: 64, 128, 256)."""

    stock: int = Field(default=1500, ge=8)
    """Backgrounds and layouts drawn once and combined at random."""

    visible: float = Field(default=0.4, ge=0.0, le=1.0, strict=False)
    """Share of crops on which the network may see the text; the rest are blanked first."""

    log_weight: float = Field(default=0.0, ge=0.0, strict=False)
    """Weight of the logarithm of the squared error beside the absolute error."""

    feature_weight: float = Field(default=0.1, ge=0.0, strict=False)
    """Weight of the feature loss beside the absolute error."""

    text_weight: float = Field(default=0.05, ge=0.0, strict=False)
    """Weight of strokes that the seer still makes out."""

    look_every: int = Field(default=2, ge=1)
    """How often the two losses that need the seer are taken, in steps; it costs as much as the rest."""

    adversarial_weight: float = Field(default=0.02, ge=0.0, strict=False)
    """Weight of the critic's opinion, with `gan`."""

    vgg: str | None = None
    """Safetensors file of VGG16-bn for the feature loss, in place of the seer's encoder."""

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
