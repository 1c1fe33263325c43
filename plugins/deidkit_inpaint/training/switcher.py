"""Which of two opponents is to be trained next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Switcher:
    """Trains the critic until its mean loss falls below ``enough``, then the generator until the critic is fooled again.

    After the adaptive switch of GAN training in fastai (AdaptiveGANSwitcher), with a running mean in place of one batch and at
    most ``longest`` turns in a row, so that neither starves.
    """

    enough: float = 0.65
    longest: int = 5
    mean: float = 1.0
    turns: int = 0
    critic: bool = True

    def next(self, critic_loss: float) -> bool:
        """Whether the critic is trained in the next step, given its loss on the last batch."""
        self.mean = 0.8 * self.mean + 0.2 * critic_loss
        wanted = self.mean > self.enough
        self.turns = self.turns + 1 if wanted == self.critic else 0
        if self.turns >= self.longest:
            wanted, self.turns = not self.critic, 0
        self.critic = wanted
        return self.critic
