"""Options of the dbnet detector."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class DBNetOptions(Options):
    """Which network answers, on which views, and from what on its answer is text."""

    threshold: float | None = Field(default=None, gt=0.0, lt=1.0, strict=False)
    """Pixels of the region map above this probability belong to text; the model card's own value when not given."""

    min_score: float | None = Field(default=None, ge=0.0, le=1.0, strict=False)
    """Regions whose calibrated score lies below are dropped; the model card's own value when not given."""

    hints: bool = False
    """Also gives what is too uncertain to count alone; a run drops it where no other detector sees anything,
    unless it is no larger than a letter."""

    margin: int = Field(default=2, ge=0, le=50)
    """Pixels added around every region, beside a tenth of its height."""

    views: Literal["default", "telling", "all"] = "telling"
    """Which display views are looked at: the first, also those that show detail which the ones before hide, or all."""

    large: int = Field(default=300, ge=256)
    """Images with a side above this many pixels are looked at in half size too, and so on, for letters taller than those that
    the network was trained on."""

    enlarged: int = Field(default=1_500_000, ge=0)
    """Images are looked at in up to twice their size too where that gives no more than this many pixels: text of five pixels
    is found half as often again. 0 for never."""

    precision: Literal["auto", "float", "int8"] = "auto"
    """Which weights ONNX Runtime or OpenVINO run; auto takes for the first what the model card recommends where the CPU sums
    bytes without loss (VNNI or ARM), else float."""

    runtime: Literal["onnx", "openvino", "torch"] = "onnx"
    """What runs the network. openvino needs the extra of its name and may be faster on CPUs with AMX, is slower on others;
    torch needs the `train` extra and is only worth it with a GPU."""

    device: Literal["cpu", "cuda"] = "cpu"
    """Where torch runs the network."""
