"""The networks over features, and how they leave as ONNX and safetensors. Imports torch."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

WIDTH = 128
CLIP = 5.0


class Member(nn.Module):
    """One network: standardised features in, logits out."""

    def __init__(self, mean: Tensor, spread: Tensor, outputs: int) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("spread", spread)
        self.layers = nn.Sequential(
            nn.Dropout(0.15),
            nn.Linear(len(mean), WIDTH),
            nn.GELU(),
            nn.Dropout(0.3),
            nn.Linear(WIDTH, WIDTH // 2),
            nn.GELU(),
            nn.Dropout(0.3),
            nn.Linear(WIDTH // 2, outputs),
        )

    def standard(self, features: Tensor) -> Tensor:
        return ((features - self.mean) / self.spread).clamp(-CLIP, CLIP)

    def forward(self, features: Tensor) -> Tensor:
        logits: Tensor = self.layers(self.standard(features))
        return logits


class Committee(nn.Module):
    """Members that vote: the mean of their probabilities, each at its temperature (Guo 2017)."""

    def __init__(self, members: list[Member], temperature: float = 1.0) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.register_buffer("temperature", torch.tensor(temperature))

    def forward(self, features: Tensor) -> Tensor:
        votes = [torch.softmax(member(features) / self.temperature, dim=1) for member in self.members]
        return torch.stack(votes).mean(dim=0)


class Shipped(nn.Module):
    """Both committees: probabilities of classes and of qualities."""

    def __init__(self, classes: Committee, qualities: Committee) -> None:
        super().__init__()
        self.classes, self.qualities = classes, qualities

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        return self.classes(features), self.qualities(features)


def fit_temperature(logits: NDArray[Any], labels: NDArray[Any], weights: NDArray[Any]) -> float:
    """The temperature that makes held-out log loss smallest."""
    scores, target, weight = torch.tensor(logits), torch.tensor(labels), torch.tensor(weights, dtype=torch.float32)

    def loss(temperature: float) -> float:
        each = nn.functional.cross_entropy(scores / temperature, target, reduction="none")
        return float((each * weight).sum())

    return float(min(np.geomspace(0.3, 4.0, 80), key=loss))


def export(model: Shipped, folder: Path, name: str, samples: NDArray[Any]) -> float:
    """Writes ``NAME.onnx`` and ``NAME.safetensors``; gives the largest difference between ONNX and torch on ``samples``."""
    import onnxruntime
    from safetensors.torch import save_file

    model.eval()
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, folder / f"{name}.safetensors")
    batch = torch.tensor(samples)
    path = folder / f"{name}.onnx"
    free = {"features": {0: "n"}, "classes": {0: "n"}, "qualities": {0: "n"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            model,
            (batch,),
            str(path),
            input_names=["features"],
            output_names=["classes", "qualities"],
            dynamic_axes=free,
            opset_version=17,
            dynamo=False,
        )
    made = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"features": samples})
    with torch.inference_mode():
        wanted = model(batch)
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(made, wanted, strict=True))
