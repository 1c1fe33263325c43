"""Networks from weights files that were checked before anything read them: SHA-256, card, format; one thread each.

A weights file is ONNX or safetensors, never a pickle, because unpickling runs whatever the file says. Beside it lies its
model card ``NAME.card.json``: every file of the model with its SHA-256, how it was made and what it reached.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from deidkit.errors import EnvironmentFault
from deidkit.weights import note

Tensor = NDArray[np.float32]
MOST_BYTES = 1 << 30
_PICKLED = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04", b"(lp", b"(dp", b"c__builtin__")
_sessions: dict[tuple[str, str], Network] = {}


class Network(Protocol):
    """A loaded network. ``digest`` is the hexadecimal SHA-256 of the weights file."""

    @property
    def digest(self) -> str: ...

    def run(self, batch: Tensor) -> list[Tensor]:
        """Outputs, in the network's own order, for one float32 batch (n, channels, rows, columns)."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model card. ``files`` maps a file name beside the card to its SHA-256; ``facts`` is all that the card says."""

    name: str
    version: str
    files: Mapping[str, str]
    facts: Mapping[str, Any] = field(repr=False)
    folder: Path = field(repr=False)


def load_card(path: Path) -> Card:
    """Reads ``NAME.card.json``.

    Raises:
        EnvironmentFault: missing, not JSON, or without name, version and a SHA-256 per file.
    """
    try:
        facts = json.loads(path.read_text("utf-8"))
        files = {str(name): str(digest).lower() for name, digest in facts["files"].items()}
        card = Card(str(facts["name"]), str(facts["version"]), files, facts, path.parent)
    except OSError:
        raise EnvironmentFault(f"the model card {path.name} is missing or cannot be read") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EnvironmentFault(f"the model card {path.name} is not a card: it needs name, version and files") from None
    if not all(len(digest) == 64 for digest in files.values()):
        raise EnvironmentFault(f"the model card {path.name} lacks the SHA-256 of a file")
    return card


def checked_bytes(card: Card, name: str) -> bytes:
    """The content of a weights file, once it is what the card says and no pickle.

    Raises:
        EnvironmentFault: not on the card, missing, another SHA-256, a pickle, or neither ONNX nor safetensors.
    """
    if name not in card.files or Path(name).name != name:
        raise EnvironmentFault(f"the model card of {card.name} does not name {name}")
    path = card.folder / name
    if path.suffix not in {".onnx", ".safetensors"}:
        raise EnvironmentFault(f"{name} is refused: weights are .onnx or .safetensors, never pickles")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise EnvironmentFault(f"{name} is larger than any weights file of deidkit")
        content = path.read_bytes()
    except OSError:
        raise EnvironmentFault(f"the weights {name} are missing or cannot be read") from None
    if hashlib.sha256(content).hexdigest() != card.files[name]:
        raise EnvironmentFault(f"{name} is not the file that its model card describes: another SHA-256")
    _check_format(name, content)
    return content


def _check_format(name: str, content: bytes) -> None:
    if content.startswith(_PICKLED):
        raise EnvironmentFault(f"{name} is a pickle under another name and is refused unread")
    if name.endswith(".safetensors"):
        size = int.from_bytes(content[:8], "little")
        good = len(content) > 8 and size <= len(content) - 8 and content[8:9] == b"{"
    else:
        good = content[:1] == b"\x08"
    if not good:
        raise EnvironmentFault(f"{name} does not look like what its suffix says")


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
