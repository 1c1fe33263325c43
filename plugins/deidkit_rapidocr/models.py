"""Finds the networks that the rapidocr wheel carries and runs them with ONNX Runtime, without importing rapidocr itself.

rapidocr's own engine may download models, writes log lines and reads a global configuration; none of that is wanted next to
recognised text, so only its two files of weights are used (PP-OCR, Apache-2.0, see MODEL_LICENSES.md in the wheel).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from deidkit.errors import EnvironmentFault
from deidkit.nn.weights_used import note

Floats = NDArray[np.float32]
INSTALL = "pip install rapidocr onnxruntime"


class Network:
    """One ONNX network on one thread.

    Args:
        path: the weights.

    Attributes:
        characters: the alphabet that the file carries (empty for a detection network).
        name, sha256: file name and hexadecimal hash of the weights.
    """

    def __init__(self, path: Path) -> None:
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.inter_op_num_threads = 1
        settings.enable_cpu_mem_arena = False
        settings.log_severity_level = 4
        try:
            self.name, self.sha256 = path.name, hashlib.sha256(path.read_bytes()).hexdigest()
            self._session = ort.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
        except Exception:
            raise EnvironmentFault(f"the network {path.name} of the rapidocr wheel cannot be loaded; run: {INSTALL}") from None
        self._input = self._session.get_inputs()[0].name
        self.characters = tuple(self._session.get_modelmeta().custom_metadata_map.get("character", "").splitlines())

    def run(self, batch: Floats) -> Floats:
        """The first output for ``batch``, float32 (n, 3, rows, columns) in [-1, 1]."""
        output: Floats = self._session.run(None, {self._input: batch})[0]
        return output


def network(task: str) -> Network:
    """The wheel's network for ``task``: ``det`` or ``rec``. One a process.

    Raises:
        EnvironmentFault: rapidocr is not installed, or its wheel carries no such network.
    """
    found = loaded(task)
    note({found.name: found.sha256})
    return found


@lru_cache(maxsize=2)
def loaded(task: str) -> Network:
    """The same without saying that it is used."""
    spec = find_spec("rapidocr")
    for root in (spec.submodule_search_locations or ()) if spec else ():
        found = sorted((Path(root) / "models").glob(f"*_{task}_*.onnx"))
        if found:
            return Network(found[0])
    raise EnvironmentFault(f"the rapidocr wheel with its networks is not installed; run: {INSTALL}")


def to_input(image: NDArray[np.uint8]) -> Floats:
    """uint8 RGB (rows, columns, 3) -> float32 (3, rows, columns) in [-1, 1], blue first as PP-OCR was trained."""
    scaled = image[:, :, ::-1].astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))
