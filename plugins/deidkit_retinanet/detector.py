"""The retinanet detector: boxes around lines, straight from the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.image import Array
from deidkit.nn.cards import Card, load_card
from deidkit.nn.look_detector import Finding, LookDetector
from deidkit.nn.looks import LOOKS, look_of
from deidkit.nn.preprocessing import channels, channels_of, padded
from deidkit.nn.runtimes import onnx_file, open_network
from deidkit_retinanet.anchors import STRIDES, anchors_at, decode, settle
from deidkit_retinanet.options import RetinaNetOptions

CARD = Path(__file__).parent / "weights" / "retinanet.card.json"
USUAL = 0.3
VOICE = 0.1
"""From what score on a box has a say in where better ones end."""


def scores_by_look(card: Card, key: str) -> dict[str, float]:
    """A score for each look, as the card has them.

    Raises:
        EnvironmentFault: the card was written by another version.
    """
    given = card.facts.get(key, {})
    if not isinstance(given, dict):
        raise EnvironmentFault("the card of the retinanet weights is of another version of deidkit")
    return given


def boxes_of(logits: Array, steps: Array, shape: tuple[int, int], least: float, most: int) -> tuple[Array, Array]:
    """Boxes (n, 4) and scores (n,) above ``least``, at most ``most``, best first, before overlapping ones are dropped.

    Args:
        logits: (anchors, 1) and ``steps`` (anchors, 4): the network's answer to one input.
        shape: rows and columns of that input, multiples of the last stride.
    """
    scores = 1 / (1 + np.exp(-logits[:, 0]))
    chosen = np.flatnonzero(scores >= least)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")][:most]
    return decode(steps[chosen], anchors_at(chosen, *shape)), scores[chosen]


def lines_of(
    logits: Array, steps: Array, shape: tuple[int, int], least: float, options: RetinaNetOptions
) -> tuple[Array, Array]:
    """Boxes (n, 4) and scores (n,) of at least ``least``, best first; arguments as those of ``boxes_of``."""
    boxes, scores = boxes_of(logits, steps, shape, min(least, VOICE), options.most)
    return settle(boxes, scores, options.overlap, least)


class RetinaNetDetector(LookDetector):
    """Finds lines of text; reads nothing.

    Raises:
        EnvironmentFault: the weights are missing, altered or cannot be run here.
    """

    name = "retinanet"
    highest = 0.65
    compares_grown = True
    hints_yield = True

    def __init__(self, options: RetinaNetOptions) -> None:
        super().__init__(options)
        self.options = options
        card = load_card(CARD)
        self.least, self.hint = (scores_by_look(card, key) for key in ("min_score", "hint_score"))
        if options.min_score is not None:
            self.least = self.hint = dict.fromkeys(LOOKS, options.min_score)
        self.inputs = channels_of(card.facts)
        weights = onnx_file(card, options.precision, options.runtime)
        self.network = open_network(card, weights, options.runtime, options.device, lambda: _module(card))

    def findings(self, look: Array, factor: float) -> Iterator[Finding]:
        least = self.least.get(look_of(factor), USUAL)
        hint = min(least, self.hint.get(look_of(factor), least)) if self.options.hints else least
        batch = padded(channels(look, self.inputs), STRIDES[-1])
        logits, steps = (output[0] for output in self.network.run(batch))
        places, scores = lines_of(logits, steps, (batch.shape[2], batch.shape[3]), hint, self.options)
        for place, score in zip(places, scores, strict=True):
            yield Finding(place, factor, float(score), certain=bool(score >= least))


def _module(card: Card) -> Any:
    from deidkit_retinanet.network import RetinaNet

    return RetinaNet.described(card.facts)
