"""One member's training, by PyTorch Lightning: seeded, resumable, classes and groups balanced. Imports torch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import lightning as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, TensorDataset, WeightedRandomSampler

from deidkit_modality.training.model import Member

BATCH = 256
RATE = 2e-3
NOISE = 0.15
SMOOTHING = 0.05
MIXED = 0.3
ENOUGH = 10
_SPREAD = 0.05


def balance(labels: NDArray[Any], groups: NDArray[Any]) -> NDArray[Any]:
    """How often each row should be drawn: groups by the 0.4th power of their size, classes equally.

    A class of fewer than ``ENOUGH`` groups is drawn less in proportion: it must not outweigh what is known better.
    """
    counts = Counter(groups.tolist())
    weights = np.array([counts[group] ** -0.6 for group in groups.tolist()])
    for label in np.unique(labels):
        mine = labels == label
        weights[mine] *= min(1.0, len(np.unique(groups[mine])) / ENOUGH) / weights[mine].sum()
    return np.asarray(weights / weights.sum())


def mixed_entropy(logits: Tensor, target: Tensor, other: Tensor, share: float, smoothing: float) -> Tensor:
    """Smoothed cross entropy of examples mixed with those that ``other`` names, ``share`` of each its own (Zhang 2018)."""
    entropy = nn.functional.cross_entropy
    first = entropy(logits, target, label_smoothing=smoothing)
    loss: Tensor = share * first + (1 - share) * entropy(logits, target[other], label_smoothing=smoothing)
    return loss


class Learner(pl.LightningModule):
    """Cross entropy with label smoothing, noise on features and mixup (Zhang 2018)."""

    def __init__(self, member: Member, steps: int) -> None:
        super().__init__()
        self.member, self.steps = member, steps

    def training_step(self, batch: list[Tensor], batch_idx: int) -> Tensor:  # noqa: ARG002
        features, target = batch
        share = float(np.random.beta(MIXED, MIXED))  # noqa: NPY002
        other = torch.randperm(len(features))
        seen = self.member.standard(features)
        seen = share * seen + (1 - share) * seen[other] + NOISE * torch.randn_like(seen)
        logits = self.member.layers(seen)
        return mixed_entropy(logits, target, other, share, SMOOTHING)

    def configure_optimizers(self) -> Any:
        optimiser = torch.optim.AdamW(self.member.parameters(), lr=RATE, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=self.steps)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def fit(
    features: NDArray[Any], labels: NDArray[Any], groups: NDArray[Any], outputs: int, steps: int, seed: int, folder: Path
) -> Member:
    """A trained member in evaluation mode; goes on from ``folder/last.ckpt`` when a run was cut short."""
    pl.seed_everything(seed, workers=True, verbose=False)
    rows = torch.tensor(features)
    member = Member(rows.mean(dim=0), rows.std(dim=0) + _SPREAD, outputs)
    weights = torch.tensor(balance(labels, groups))
    sampler = WeightedRandomSampler(weights.tolist(), steps * BATCH, replacement=True)
    batches = BatchSampler(sampler, BATCH, drop_last=True)
    loader = DataLoader(TensorDataset(rows, torch.tensor(labels)), batch_size=None, sampler=batches)
    saver = ModelCheckpoint(dirpath=folder, filename="last", every_n_train_steps=max(1, steps // 4))
    trainer = pl.Trainer(
        accelerator="cpu", max_steps=steps, callbacks=[saver], logger=False, enable_progress_bar=False,
        enable_model_summary=False, default_root_dir=folder, gradient_clip_val=5.0,
    )  # fmt: skip
    resumed = folder / "last.ckpt"
    trainer.fit(Learner(member, steps), loader, ckpt_path=str(resumed) if resumed.exists() else None, weights_only=False)
    member.eval()
    return member


def logits(member: Member, features: NDArray[Any]) -> NDArray[Any]:
    with torch.inference_mode():
        return np.asarray(member(torch.tensor(features)).numpy())
