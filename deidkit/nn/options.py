"""Options that detectors with a network of deidkit's own share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from deidkit.components import Options


class NetworkOptions(Options):
    """Which views and sizes a network looks at, and what runs it."""

    hints: bool = False
    """Also gives what is too uncertain to count alone; a run drops it where no other detector sees anything,
    unless it is no larger than a letter."""

    margin: int = Field(default=2, ge=0, le=50)
    """Pixels added around every region, beside a tenth of its shorter side."""

    views: Literal["default", "telling", "all"] = "telling"
    """Which display views are looked at: the first, also those that show detail which the ones before hide, or all."""

    large: int = Field(default=300, ge=32)
    """Images with a side above this many pixels are looked at in half size too, and so on, for letters taller than those that
    the network was trained on."""

    enlarged: int = Field(default=1_500_000, ge=0)
    """Images are looked at in up to twice their size too where that gives no more than this many pixels: text of five pixels
    is found half as often again. 0 for never."""

    turns: tuple[Annotated[float, Field(gt=0, lt=90)], ...] = Field(default=(), strict=False)
    """Degrees by which views are turned and looked at once more, for lines that run neither along rows nor along columns.
    Networks find lines that slant by up to 12 degrees, so 22.5, 45 and 67.5 leave no angle out."""

    turned: int = Field(default=4_000_000, ge=0)
    """Sizes of a view with more than this many pixels are not turned; slanting lines are looked for in smaller ones."""

    precision: Literal["auto", "float", "int8"] = "auto"
    """Which weights ONNX Runtime or OpenVINO run; auto takes for the first what the model card recommends where the CPU sums
    bytes without loss (VNNI or ARM), else float."""

    runtime: Literal["onnx", "openvino", "torch"] = "onnx"
    """What runs the network. openvino needs the extra of its name and may be faster on CPUs with AMX, is slower on others;
    torch needs the `train` extra and is only worth it with a GPU."""

    device: Literal["cpu", "cuda"] = "cpu"
    """Where torch runs the network."""
