"""What runs a network instead of ONNX Runtime: OpenVINO on CPUs that multiply bfloat16, torch on GPUs."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deidkit.errors import EnvironmentFault
from deidkit.nn.cards import Card, Network
from deidkit.nn.onnx_runtime import open_onnx
from deidkit.nn.openvino_runtime import open_openvino
from deidkit.nn.torch_runtime import TorchNetwork
from deidkit.nn.weights_used import note


def open_network(card: Card, name: str, runtime: str, device: str, module: Callable[[], Any]) -> Network:
    """The network in the ONNX file ``name`` of ``card``, or in the card's safetensors where torch is to run it.

    Args:
        runtime: onnx, openvino or torch.
        device: cpu or cuda, for torch.
        module: makes the ``torch.nn.Module`` of the shape that the weights are for; called for torch alone.

    Raises:
        EnvironmentFault: see ``checked_bytes``; or the runtime or the device is missing or refuses the file.
    """
    if runtime == "onnx":
        return open_onnx(card, name)
    if runtime == "openvino":
        return open_openvino(card, name)
    try:
        model = module()
    except ImportError:
        raise EnvironmentFault("runtime: torch needs torch: pip install 'deidkit-imaging[train]'") from None
    network = TorchNetwork(card, f"{card.name}.safetensors", model, device)
    note({f"{card.name}.safetensors (torch, {device})": network.digest})
    return network


def onnx_file(card: Card, precision: str, runtime: str) -> str:
    """The name of the card's ONNX file of a precision: float, int8, or auto.

    Args:
        precision: auto stands for what the card recommends where ``runtime`` is onnx and this CPU sums bytes, else for float.
    """
    if precision == "auto":
        precision = card.facts.get("recommended", "float") if runtime == "onnx" and sums_bytes() else "float"
    return f"{card.name}.int8.onnx" if precision == "int8" else f"{card.name}.onnx"


def sums_bytes(cpu: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this CPU adds up products of bytes without loss, as ARM does and x86 with VNNI; on others, and where that is not
    known, ONNX Runtime's sums of two products saturate at 16 bits, and faint text may be lost.
    """
    if platform.machine().lower() in {"aarch64", "arm64"}:
        return True
    try:
        return "_vnni" in cpu.read_text("ascii", "replace")
    except OSError:
        return False
