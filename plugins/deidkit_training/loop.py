"""The training loop, by PyTorch Lightning: seeded, resumable, bf16 and several GPUs where there are any. Imports torch."""

from __future__ import annotations

import copy
import hashlib
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as pl
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor, nn

from deidkit.errors import UsageError
from deidkit_training.config import TrainOptions
from deidkit_training.data import Examples, Place, loader
from deidkit_training.recipe import Recipe
from deidkit_training.start import weights_for

WARM_UP = 200
LAST, RUN = "last.ckpt", "deidkit"
AFTERWARDS = {"checkpoint_minutes", "validation", "calibration", "clean"}
"""Options that do not touch the training itself; a resumed run may change them, and move the files it reads."""


class Learner(pl.LightningModule):
    """A recipe's network, its optimiser and the moving average of its weights."""

    def __init__(self, recipe: Recipe, options: TrainOptions) -> None:
        super().__init__()
        self.recipe, self.options = recipe, options
        self.network = recipe.model().to(memory_format=torch.channels_last)
        if options.start is not None:
            self.network.load_state_dict(weights_for(self.network, options.start))
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self.rate = options.rate or recipe.rate
        self.started, self.spent = time.monotonic(), 0.0

    def on_train_start(self) -> None:
        self.started = time.monotonic() - self.spent

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint[RUN] = {"options": deciding(self.recipe, self.options), "seconds": time.monotonic() - self.started}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.spent = float(checkpoint.get(RUN, {}).get("seconds", 0.0))

    def progress(self) -> float:
        """Share of the run that is over, in [0, 1]."""
        if self.options.minutes is not None:
            return min(1.0, (time.monotonic() - self.started) / (60 * self.options.minutes))
        return min(1.0, float(self.global_step) / self.options.steps)

    def training_step(self, batch: Sequence[Tensor], batch_idx: int) -> Tensor:  # noqa: ARG002
        parts = [part.to(memory_format=torch.channels_last) if part.ndim == 4 else part for part in batch]
        loss = self.recipe.loss(self.network, parts)
        self.log("loss", loss, prog_bar=True)
        self.log("rate", self.trainer.optimizers[0].param_groups[0]["lr"])
        return loss

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> int | None:  # noqa: ARG002
        done = self.progress()
        if done >= 1.0:
            self.trainer.should_stop = True
            return -1
        warm = min(1.0, (self.global_step + 1) / WARM_UP)
        rate = self.rate * warm * (0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = rate
        return None

    def follow(self) -> None:
        """Moves the average towards the weights of now."""
        keep = min(self.options.average, (1 + self.global_step) / (10 + self.global_step))
        with torch.no_grad():
            for mean, now in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(now, 1 - keep)
                else:
                    mean.copy_(now)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.network.parameters(), lr=self.rate, weight_decay=1e-2)


class Follow(pl.Callback):
    """Averages before the state is saved, which is too early for the module's own hook."""

    def __init__(self, learner: Learner) -> None:
        self.learner = learner

    def on_train_batch_end(self, *_: Any) -> None:
        self.learner.follow()


def fit(recipe: Recipe, options: TrainOptions, folder: Path) -> nn.Module | None:
    """Trains, or goes on from ``folder/last.ckpt``, and returns the averaged network on the CPU in evaluation mode.

    With several devices, each in its own process, only the first gets it, the others None. On one CPU, a run that was stopped
    and resumed with the same options ends with the weights of an undisturbed one, to the bit, unless ``minutes`` is set; it
    first draws again what it had drawn. The checkpoint is this run's own and holds the optimiser's state; it is never shipped.

    Raises:
        UsageError: the run in ``folder`` was begun with other options.
    """
    pl.seed_everything(options.seed, workers=True)
    torch.set_num_threads(options.threads)
    learner = Learner(recipe, options)
    saver = ModelCheckpoint(dirpath=folder, filename="last", train_time_interval=_minutes(options.checkpoint_minutes))
    saver.CHECKPOINT_NAME_LAST = "last"
    trainer = pl.Trainer(
        accelerator=options.accelerator,
        devices=options.devices,
        precision=options.precision,
        max_steps=options.steps if options.minutes is None else -1,
        max_epochs=-1,
        gradient_clip_val=5.0,
        callbacks=[Follow(learner), saver],
        logger=CSVLogger(folder, name="log"),
        log_every_n_steps=min(50, options.steps),
        enable_model_summary=False,
        enable_progress_bar=False,
        default_root_dir=folder,
    )
    resumed = folder / LAST
    batch = options.batch or recipe.batch
    done = steps_of(resumed, deciding(recipe, options)) if resumed.exists() else 0
    timed = options.minutes is not None
    place = Place(trainer.global_rank, 0 if timed else done, batch)
    examples = Examples(recipe, options.tiles, options.seed + done if timed else options.seed, place)
    batches = loader(examples, batch, options.workers)
    trainer.fit(learner, batches, ckpt_path=str(resumed) if resumed.exists() else None, weights_only=False)
    trainer.save_checkpoint(resumed)
    return learner.average.cpu().eval() if trainer.is_global_zero else None


def steps_of(checkpoint: Path, now: dict[str, Any]) -> int:
    """Optimiser steps, each of one batch a device, that a checkpoint of a run with the options ``now`` has behind it.

    Raises:
        UsageError: it is of a run with others.
    """
    state = torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)
    before = state.get(RUN, {}).get("options", {})
    changed = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    if changed:
        raise UsageError(f"the run in the output folder has other options ({', '.join(changed)}); choose another folder")
    return int(state["global_step"])


def deciding(recipe: Recipe, options: TrainOptions) -> dict[str, Any]:
    """What decides which weights come out, as JSON has it: options, and digests of files in place of their paths."""
    given = options.model_dump(mode="json", exclude=AFTERWARDS)
    tiles = given["tiles"]
    pool, mined = tiles.pop("pool", None), tiles.pop("mined", None)
    start = options.start and hashlib.sha256(Path(options.start).read_bytes()).hexdigest()
    data = [hashlib.sha256((Path(pool) / "manifest.csv").read_bytes()).hexdigest() if pool else None, mined is not None]
    return {**given, "recipe": recipe.name, "inputs": recipe.inputs, "start": start, "data": data}


def _minutes(value: float) -> Any:
    from datetime import timedelta

    return timedelta(minutes=value)
