"""The Lightning modules: the seer, the generator alone, and the generator against a critic. Imports torch."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from typing import Any

import lightning as L  # noqa: N812
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor
from torch.utils.data import IterableDataset

from deidkit_inpaint.training.losses import Features, feature_loss, log_error, masked_l1, text_left, vgg_features
from deidkit_inpaint.training.network import Critic, Generator, Seer
from deidkit_inpaint.training.options import InpainterTraining
from deidkit_inpaint.training.pairs import Stock
from deidkit_inpaint.training.switcher import Switcher

AVERAGE = 0.995
LEAST_RATE = 0.01


class Crops(IterableDataset[tuple[Tensor, Tensor, Tensor]]):
    """Endless crops: planes (3, n, n), the clean plane (1, n, n), strokes (1, n, n); the size is set from outside."""

    def __init__(self, stock: Stock, seed: int, size: int, visible: float) -> None:
        super().__init__()
        self.stock, self.seed, self.size, self.visible = stock, seed, size, visible

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        rng = np.random.default_rng([self.seed, 17])
        while True:
            pair = self.stock.draw(rng, self.size)
            planes = pair.planes(visible=bool(rng.random() < self.visible))
            yield (torch.from_numpy(planes), torch.from_numpy(pair.clean[None]), torch.from_numpy(pair.strokes[None]).float())


class Progress:
    """How far a run is, in [0, 1], by steps or by the clock."""

    def __init__(self, steps: int, minutes: float | None) -> None:
        self.steps, self.seconds, self.before = steps, (minutes or 0) * 60, 0.0
        self.started = time.monotonic()

    def at(self, step: int) -> float:
        if self.seconds:
            return min(1.0, (self.before + time.monotonic() - self.started) / self.seconds)
        return min(1.0, step / self.steps)

    def rate(self, step: int) -> float:
        """Factor of the learning rate: a short rise, then half a cosine."""
        done = self.at(step)
        return min(1.0, (step + 1) / 100) * (LEAST_RATE + (1 - LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * done)))


class SeerTraining(L.LightningModule):
    """Teaches the seer to find strokes in text planes."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.seer, self.rate = Seer().to(memory_format=torch.channels_last), rate

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], _: int) -> Tensor:
        planes, clean, strokes = batch
        # Half the crops without text, or everything masked would look like text to it.
        bare = torch.rand(len(planes), 1, 1, 1, device=planes.device) < 0.5
        shown = torch.where(bare, clean, planes[:, :1])
        logits = self.seer(shown)
        return F.binary_cross_entropy_with_logits(logits, torch.where(bare, 0.0, strokes), pos_weight=logits.new_tensor(4.0))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.seer.parameters(), self.rate)


class InpainterTrainingLoop(L.LightningModule):
    """The generator alone (``unet``) or against the critic (``gan``)."""

    def __init__(self, options: InpainterTraining, seer: Seer, crops: Crops) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.options, self.crops = options, crops
        self.generator = Generator().to(memory_format=torch.channels_last)
        self.seer = seer.eval().requires_grad_(False).to(memory_format=torch.channels_last)
        self.features: Features = vgg_features(options.vgg) if options.vgg else self.seer.features
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.critic = Critic() if options.model == "gan" else None
        self.switcher, self.judged = Switcher(), 1.0
        self.progress = Progress(options.steps, options.minutes)

    def configure_optimizers(self) -> Any:
        first = torch.optim.AdamW(self.generator.parameters(), self.options.rate, betas=(0.9, 0.99))
        if self.critic is None:
            return first
        return [first, torch.optim.Adam(self.critic.parameters(), self.options.rate / 2, betas=(0.5, 0.99))]

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], number: int) -> None:
        self._resize()
        if self.critic is None:
            return self._generate(batch, number)
        if number < self.options.critic_steps or self.switcher.next(self.judged):
            return self._criticise(batch)
        return self._generate(batch, number)

    def _resize(self) -> None:
        sizes = self.options.sizes
        self.crops.size = sizes[min(len(sizes) - 1, int(self.progress.at(self.global_step) * len(sizes)))]
        if self.progress.at(self.global_step) >= 1:
            self.trainer.should_stop = True

    def _generate(self, batch: tuple[Tensor, Tensor, Tensor], number: int) -> None:
        planes, clean, strokes = (part.contiguous(memory_format=torch.channels_last) for part in batch)
        mask = planes[:, 2:3]
        filled = self.generator(planes)
        loss = masked_l1(filled, clean, mask, strokes)
        self.log("l1", loss, prog_bar=True)
        if self.options.log_weight:
            loss = loss + self.options.log_weight * log_error(filled, clean, mask, strokes)
        if number % self.options.look_every == 0:
            weight = self.options.look_every
            loss = loss + weight * self.options.feature_weight * feature_loss(filled, clean, self.features)
            loss = loss + weight * self.options.text_weight * text_left(filled, strokes, self.seer)
        if self.critic is not None:
            opinion = self.critic(filled, mask)
            loss = loss + self.options.adversarial_weight * F.softplus(-opinion).mean()
            self.judged = self._critic_loss(filled.detach(), clean, mask).item()
        self._step(0, loss, self.generator, self.progress.rate(number))
        with torch.no_grad():
            for kept, new in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                kept.lerp_(new, 1 - min(AVERAGE, (number + 1) / (number + 10)))

    def _criticise(self, batch: tuple[Tensor, Tensor, Tensor]) -> None:
        planes, clean, _ = batch
        with torch.no_grad():
            filled = self.generator(planes)
        loss = self._critic_loss(filled, clean, planes[:, 2:3])
        self.judged = loss.item()
        self.log("critic", loss, prog_bar=True)
        self._step(1, loss, self.critic, 1.0)

    def _critic_loss(self, filled: Tensor, clean: Tensor, mask: Tensor) -> Tensor:
        if self.critic is None:
            return filled.new_zeros(())
        real, false = self.critic(clean, mask), self.critic(filled, mask)
        return 0.5 * (F.softplus(-real).mean() + F.softplus(false).mean())

    def _step(self, which: int, loss: Tensor, trained: Any, factor: float) -> None:
        optimizers = self.optimizers()
        chosen: Any = optimizers[which] if isinstance(optimizers, list) else optimizers
        for group in chosen.param_groups:
            group["lr"] = self.options.rate * (0.5 if which else factor)
        chosen.zero_grad()
        self.manual_backward(loss)
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
        chosen.step()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["seconds"] = self.progress.before + time.monotonic() - self.progress.started

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.progress.before = float(checkpoint["seconds"])
