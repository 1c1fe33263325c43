"""A network run by OpenVINO on the CPU."""

from __future__ import annotations

import sys
from typing import Any

from deidkit.errors import EnvironmentFault
from deidkit.nn.cards import Card, Network, Tensor, checked_bytes
from deidkit.nn.weights_used import note

_compiled: dict[tuple[str, str], OpenVinoNetwork] = {}


def _openvino() -> Any:
    """OpenVINO without its telemetry, which tells Google of every import unless its package is out of reach.

    Raises:
        EnvironmentFault: not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError:
        raise EnvironmentFault("runtime: openvino needs OpenVINO: pip install 'deidkit-imaging[openvino]'") from None
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


def open_openvino(card: Card, name: str) -> Network:
    """The network in the ONNX file ``name``, checked against its card; compiled once a process for each file.

    Raises:
        EnvironmentFault: see ``checked_bytes``; or OpenVINO is missing or refuses the file.
    """
    key, content = (name, card.files.get(name, "")), checked_bytes(card, name)
    if key not in _compiled:
        _compiled[key] = OpenVinoNetwork(content, card.files[name])
    note({f"{name} (openvino, {_compiled[key].precision})": card.files[name]})
    return _compiled[key]
