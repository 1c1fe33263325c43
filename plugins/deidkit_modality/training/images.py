"""EfficientNet-B0 on the pixels (Tan 2019), from scratch: seeded, resumable, classes and groups balanced. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from deidkit_modality.training.loop import mixed_entropy
from deidkit_modality.training.pictures import Pictures, jittered

BATCH = 32
RATE = 2e-3
SMOOTHING = 0.1
DROPOUT = 0.3
MIXED = 0.2


class ImageNetwork(nn.Module):
    """uint8-valued float RGB (n, 3, SIDE, SIDE) in, logits out; centred and scaled inside, so that export carries it."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        from torchvision.models import efficientnet_b0

        self.body = efficientnet_b0(weights=None, num_classes=outputs, dropout=DROPOUT, stochastic_depth_prob=0.1)

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.body(pixels / 64 - 1)
        return logits


class Batches(IterableDataset[tuple[Tensor, Tensor]]):
    """``steps`` batches drawn with weights; batch ``n`` depends on seed and ``n`` alone, so that a resumed run goes on."""

    def __init__(self, pictures: Pictures, rows: NDArray[Any], weights: NDArray[Any], seed: int, steps: range) -> None:
        super().__init__()
        self._pictures, self._rows, self._weights = pictures, rows, weights
        self._seed, self._steps = seed, steps

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for step in self._steps:
            random = np.random.default_rng([self._seed, step])
            chosen = self._rows[random.choice(len(self._rows), BATCH, p=self._weights)]
            pixels = jittered(self._pictures.pixels[chosen], random)
            yield as_batch(pixels), torch.tensor(self._pictures.label[chosen])


def as_batch(pixels: NDArray[np.uint8]) -> Tensor:
    made = torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))).float()
    return made.contiguous(memory_format=torch.channels_last)


class ImageLearner(pl.LightningModule):
    """Cross entropy with label smoothing and mixup (Zhang 2018)."""

    def __init__(self, network: ImageNetwork, steps: int) -> None:
        super().__init__()
        self.network, self.steps = network, steps

    def training_step(self, batch: list[Tensor], batch_idx: int) -> Tensor:  # noqa: ARG002
        pixels, target = batch
        share = float(torch.distributions.Beta(MIXED, MIXED).sample())
        other = torch.randperm(len(pixels))
        logits = self.network(share * pixels + (1 - share) * pixels[other])
        return mixed_entropy(logits, target, other, share, SMOOTHING)

    def configure_optimizers(self) -> Any:
        optimiser = torch.optim.AdamW(self.network.parameters(), lr=RATE, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=self.steps, pct_start=0.15)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def fit(
    pictures: Pictures, rows: NDArray[Any], weights: NDArray[Any], outputs: int, steps: int, seed: int, folder: Path
) -> ImageNetwork:
    """A network trained on ``rows``, in evaluation mode; goes on from ``folder/last.ckpt`` when a run was cut short."""
    pl.seed_everything(seed, workers=True, verbose=False)
    network = ImageNetwork(outputs).to(memory_format=torch.channels_last)
    resumed = folder / "last.ckpt"
    done = _steps_done(resumed)
    loader = DataLoader(Batches(pictures, rows, weights, seed, range(done, steps)), batch_size=None)
    saver = ModelCheckpoint(dirpath=folder, filename="last", every_n_train_steps=max(1, min(50, steps)), save_last=False)
    trainer = pl.Trainer(
        accelerator="cpu", max_steps=steps, max_epochs=-1, callbacks=[saver], logger=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=folder, gradient_clip_val=5.0,
    )  # fmt: skip
    learner = ImageLearner(network, steps)
    if done < steps:
        trainer.fit(learner, loader, ckpt_path=str(resumed) if done else None, weights_only=False)
    else:
        learner.load_state_dict(torch.load(resumed, weights_only=True)["state_dict"])
    learner.network.eval()
    return learner.network


def _steps_done(checkpoint: Path) -> int:
    return int(torch.load(checkpoint, weights_only=True)["global_step"]) if checkpoint.exists() else 0


def logits(network: ImageNetwork, pixels: NDArray[np.uint8]) -> NDArray[Any]:
    with torch.inference_mode():
        parts = [network(as_batch(pixels[start : start + 64])).numpy() for start in range(0, len(pixels), 64)]
    return np.concatenate(parts)
