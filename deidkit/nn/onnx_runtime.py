"""A network run by ONNX Runtime on the CPU."""

from __future__ import annotations

import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.nn.cards import Card, Network, Tensor, checked_bytes
from deidkit.nn.weights_used import note

_sessions: dict[tuple[str, str], Network] = {}


KEPT_PIXELS = 1280 * 1024
"""Pixels of an input up to which its working memory is kept for the next one, which saves a third of the time."""


class OnnxNetwork:
    """A network run by ONNX Runtime on the CPU, one intra-op thread, in order: workers are processes, not threads.

    The content is passed as bytes, so that a model can name no other file. Working memory is given back after large inputs.
    """

    def __init__(self, content: bytes, digest: str, threads: int = 1) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise EnvironmentFault("onnxruntime is not installed: pip install onnxruntime") from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._frugal = onnxruntime.RunOptions()
        self._frugal.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception:
            raise EnvironmentFault("onnxruntime cannot load the weights") from None
        self._input = self._session.get_inputs()[0].name
        self._digest = digest

    @property
    def digest(self) -> str:
        return self._digest

    def run(self, batch: Tensor) -> list[Tensor]:
        options = self._frugal if batch.shape[-2] * batch.shape[-1] > KEPT_PIXELS else None
        return [np.asarray(output) for output in self._session.run(None, {self._input: batch}, options)]


def open_onnx(card: Card, name: str) -> Network:
    """The network in ``name``, checked against its card; one session a process for each file.

    Raises:
        EnvironmentFault: see ``checked_bytes``; or onnxruntime is missing or refuses the file.
    """
    key, content = (name, card.files.get(name, "")), checked_bytes(card, name)
    if key not in _sessions:
        _sessions[key] = OnnxNetwork(content, card.files[name])
    note({name: card.files[name]})
    return _sessions[key]
