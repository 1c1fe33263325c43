"""A network run by torch, for machines with a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.nn.cards import Card, Tensor, checked_bytes


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
            raise EnvironmentFault("runtime: torch needs torch and safetensors: pip install 'deidkit-imaging[train]'") from None
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
