"""The dbnet detector: lines of text from the probability maps of the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deidkit.image import Array
from deidkit.nn.cards import Card, load_card
from deidkit.nn.look_detector import Finding, LookDetector
from deidkit.nn.preprocessing import channels, channels_of, padded
from deidkit.nn.runtimes import onnx_file, open_network
from deidkit_dbnet.options import DBNetOptions
from deidkit_dbnet.postprocess.boxes import find, probabilities
from deidkit_dbnet.postprocess.ends import NEAR
from deidkit_dbnet.postprocess.rules import Rules

CARD = Path(__file__).parent / "weights" / "dbnet.card.json"


class DBNetDetector(LookDetector):
    """Finds lines of text; reads nothing. Lines are followed to faint ends, which are guesses.

    Raises:
        EnvironmentFault: the weights are missing, altered or cannot be run here.
    """

    name = "dbnet"

    def __init__(self, options: DBNetOptions) -> None:
        super().__init__(options)
        self.options = options
        card = load_card(CARD)
        rules = dict(card.facts.get("rules", {}))
        if options.threshold is not None:
            rules.update(region=options.threshold, extent=min(options.threshold, rules.get("extent", 1.0)))
        self.rules = Rules.of(rules)
        if options.min_score is not None:
            self.rules = self.rules.from_score(options.min_score)
        self.inputs = channels_of(card.facts)
        weights = onnx_file(card, options.precision, options.runtime)
        self.network = open_network(card, weights, options.runtime, options.device, lambda: _module(card))

    def findings(self, look: Array, factor: float) -> Iterator[Finding]:
        cut = self.rules.cut(factor)
        least = cut.hint if self.options.hints else cut.score
        for found in find(self.maps(look), self.rules, cut, least, near=factor <= NEAR):
            yield Finding(found.box, 2 * factor, found.score, certain=found.score >= cut.score, guessed=found.end)

    def maps(self, view: Array) -> Array:
        """Probabilities (3, rows / 2, columns / 2) rounded up: region, core, stroke."""
        return probabilities(self.network.run(padded(channels(view, self.inputs)))[0][0], *view.shape[:2])


def _module(card: Card) -> Any:
    from deidkit_dbnet.network import DBNet

    return DBNet.described(card.facts)
