"""What a network plugin offers through the hook ``deidkit_recipes`` to the training kit. Imports torch for types only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from deidkit.image import Array

if TYPE_CHECKING:
    import torch
    from torch import nn

Example = tuple[Array, ...]
"""Arrays of one training example; each is stacked over the batch."""


class Recipe(Protocol):
    """One network's part of training; the kit brings data, loop, checkpoints, logs, card and gate.

    A plugin offers it through the hook ``deidkit_recipes``.
    """

    name: str
    batch: int
    rate: float
    inputs: int
    """Channels that the network reads; ``export`` states them on the card as ``inputs``."""

    def model(self) -> nn.Module:
        """A fresh network."""

    def described(self, facts: Mapping[str, Any]) -> nn.Module:
        """A fresh network of the shape that the facts of a card state, for weights made with other options."""

    def example(self, tile: Any) -> Example:
        """Arrays of one tile of the generator; all examples have arrays of the same shapes."""

    def loss(self, model: nn.Module, batch: Sequence[torch.Tensor]) -> torch.Tensor:
        """A scalar to be minimised."""

    def calibrate(self, model: nn.Module, tiles: Iterable[Any], clean: Iterable[Array]) -> None:
        """Chooses, after training, from what on an answer is text: on tiles of the validation part, and on ``clean`` images,
        uint8 (rows, columns, 3), without text. None of them belongs to the fixed validation set.
        """

    def coverage(self, model: nn.Module, tile: Any) -> Array:
        """Boolean (rows, columns): what the detector would cover on a validation tile."""

    def export(self, model: nn.Module, folder: Path, samples: Sequence[Any]) -> dict[str, Any]:
        """Writes the weights files, checks that ONNX answers as torch does, and gives facts for the card: ``files``, a list of
        file names, and whatever the detector needs to read from it.
        """
