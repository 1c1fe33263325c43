"""What runs a network instead of ONNX Runtime: OpenVINO on CPUs that multiply bfloat16, torch on GPUs."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.inference import Card, Network, Tensor, checked_bytes, open_onnx
from deidkit.weights import note

_compiled: dict[tuple[str, str], OpenVinoNetwork] = {}


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
        key, content = (name, card.files.get(name, "")), checked_bytes(card, name)
        if key not in _compiled:
            _compiled[key] = OpenVinoNetwork(content, card.files[name])
        note({f"{name} (openvino, {_compiled[key].precision})": card.files[name]})
        return _compiled[key]
    try:
        model = module()
    except ImportError:
        raise EnvironmentFault("runtime: torch needs torch: pip install 'deidkit[train]'") from None
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


def _openvino() -> Any:
    """OpenVINO without its telemetry, which tells Google of every import unless its package is out of reach.

    Raises:
        EnvironmentFault: not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError:
        raise EnvironmentFault("runtime: openvino needs OpenVINO: pip install 'deidkit[openvino]'") from None
    return openvino


class OpenVinoNetwork:
    """A network run by OpenVINO on the CPU, one thread; in bfloat16 where the CPU has it, in float32 elsewhere.

    The content is passed as bytes, so that a model can name no other file. Nothing is kept of the sizes of earlier images.
    """

    def __init__(self, content: bytes, digest: str) -> None:
        core = _openvino().Core()
        settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "CPU_RUNTIME_CACHE_CAPACITY": 0}
        try:
            compiled = core.compile_model(core.read_model(content), "CPU", settings)
        except Exception:
            raise EnvironmentFault("OpenVINO cannot load the weights") from None
        self._request = compiled.create_infer_request()
        self.precision = str(compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name())
        self._digest = digest

    @property
    def digest(self) -> str:
        return self._digest

    def run(self, batch: Tensor) -> list[Tensor]:
        return list(self._request.infer({0: batch}).values())


class TorchNetwork:
    """A network run by torch, for machines with a GPU; weights from safetensors.

    Args:
        model: a ``torch.nn.Module`` of the shape that the weights are for.
        device: cpu or cuda.
    """

    def __init__(self, card: Card, name: str, model: Any, device: str) -> None:
        try:
            import torch
            from safetensors.torch import load
        except ImportError:
            raise EnvironmentFault("runtime: torch needs torch and safetensors: pip install 'deidkit[train]'") from None
        if device == "cuda" and not torch.cuda.is_available():
            raise EnvironmentFault("torch finds no CUDA device here")
        model.load_state_dict(load(checked_bytes(card, name)))
        self._model = model.eval().to(device)
        self._device = device
        self._digest = card.files[name]

    @property
    def digest(self) -> str:
        return self._digest

    def run(self, batch: Tensor) -> list[Tensor]:
        import torch

        with torch.inference_mode():
            answer = self._model(torch.from_numpy(batch).to(self._device))
        outputs = answer if isinstance(answer, (tuple, list)) else (answer,)
        return [np.asarray(output.float().cpu().numpy()) for output in outputs]
