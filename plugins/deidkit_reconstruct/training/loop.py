"""The Lightning module of the reverse model. Imports torch."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import lightning as L  # noqa: N812
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.utils.data import IterableDataset

from deidkit_reconstruct.attack.reverse import planes
from deidkit_reconstruct.training.crops import Hidden
from deidkit_reconstruct.training.network import Reverse
from deidkit_reconstruct.training.options import VerifierTraining
from deidkit_reconstruct.training.redactions import LEAKY

POSITIVE = 3.0


class Crops(IterableDataset[tuple[Tensor, Tensor]]):
    """Endless crops of redacted tiles: planes (6, n, n) and strokes (1, n, n)."""

    def __init__(self, tiles: Sequence[Hidden], seed: int, size: int, leaky: float) -> None:
        super().__init__()
        self.tiles, self.seed, self.size, self.leaky = tiles, seed, size, leaky

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        rng = np.random.default_rng([self.seed, 19])
        while True:
            tile = self.tiles[int(rng.integers(len(self.tiles)))]
            leaky = bool(rng.random() < self.leaky)
            names = [name for name in tile.redacted if (name in LEAKY) == leaky]
            redacted = tile.redacted[names[int(rng.integers(len(names)))]]
            rows, columns = redacted.shape
            y, x = int(rng.integers(rows - self.size + 1)), int(rng.integers(columns - self.size + 1))
            place = np.s_[y : y + self.size, x : x + self.size]
            mask = tile.mask[place]
            if mask.any():
                plane = redacted[place] if rng.random() < 0.5 else 255 - redacted[place]
                given = planes(plane, mask)
                yield torch.from_numpy(given), torch.from_numpy(tile.strokes[place][None].astype(np.float32))


class ReverseTraining(L.LightningModule):
    """Binary cross entropy inside the mask."""

    def __init__(self, options: VerifierTraining) -> None:
        super().__init__()
        self.options = options
        self.model = Reverse().to(memory_format=torch.channels_last)
        self.started, self.before = time.monotonic(), 0.0

    def done(self) -> float:
        """How far the run is, in [0, 1], by steps or by the clock."""
        if self.options.minutes:
            return min(1.0, (self.before + time.monotonic() - self.started) / (60 * self.options.minutes))
        return min(1.0, float(self.global_step) / self.options.steps)

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        given, strokes = (part.contiguous(memory_format=torch.channels_last) for part in batch)
        logits = self.model(given)
        mask = given[:, -1:]
        weight = logits.new_tensor(POSITIVE)
        loss = F.binary_cross_entropy_with_logits(logits, strokes, reduction="none", pos_weight=weight)
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.options.rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * self.done())))
        if self.done() >= 1:
            self.trainer.should_stop = True
        return (loss * mask).sum() / mask.sum().clamp(min=1)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.model.parameters(), self.options.rate)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["seconds"] = self.before + time.monotonic() - self.started

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.before = float(checkpoint["seconds"])
