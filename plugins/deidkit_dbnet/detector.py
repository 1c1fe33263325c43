"""The dbnet detector: every telling view of a frame through the network, their answers joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deidkit.nn.cards import Card, load_card
from deidkit.nn.looks import adds, plausible, sizes, telling_views
from deidkit.nn.preprocessing import channels, channels_of, padded
from deidkit.nn.runtimes import onnx_file, open_network
from deidkit.regions import around
from deidkit.types import Array, Box, Context, Frame, Region
from deidkit_dbnet.options import DBNetOptions
from deidkit_dbnet.postprocess.boxes import find, probabilities
from deidkit_dbnet.postprocess.ends import NEAR
from deidkit_dbnet.postprocess.rules import Rules

CARD = Path(__file__).parent / "weights" / "dbnet.card.json"


class DBNetDetector:
    """Finds lines of text; reads nothing.

    Raises:
        EnvironmentFault: the weights are missing, altered or cannot be run here.
    """

    def __init__(self, options: DBNetOptions) -> None:
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

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Regions of every frame, boxes in stored pixels, scores calibrated."""
        answers: list[list[Region]] = []
        for frame in frames:
            context.deadline.check("dbnet")
            answers.append(self._frame(frame))
        return answers

    def _frame(self, frame: Frame) -> list[Region]:
        boxes: dict[Box, Region] = {}
        for view in telling_views(frame, self.options.views):
            for region in self._view(view):
                boxes[region.box] = max(region, boxes.get(region.box, region), key=lambda one: (not one.hint, one.score))
        return [region for _, region in sorted(boxes.items())]

    def _view(self, view: Array) -> Iterator[Region]:
        """What is found in a view; by farther looks only what reaches beyond what nearer ones found for certain, not
        beyond the ends they guessed.
        """
        shape, known = (view.shape[0], view.shape[1]), list[Box]()
        for look, factor in sizes(view, self.options.large, self.options.enlarged):
            cut, new = self.rules.cut(factor), list[Box]()
            least = cut.hint if self.options.hints else cut.score
            for found in find(self.maps(look), self.rules, cut, least, near=factor <= NEAR):
                x0, y0, x1, y1 = (round(2 * factor * v) for v in found.box)
                box = around(found.box, 2 * factor, self.options.margin, shape)
                if box is None or not plausible(box, factor, shape) or not adds((x0, y0, x1, y1), known, factor):
                    continue
                certain = found.score >= cut.score
                if certain and not found.end:
                    new.append(box)
                yield Region(box, found.score, "dbnet", hint=not certain)
            known += new

    def maps(self, view: Array) -> Array:
        """Probabilities (3, rows / 2, columns / 2) rounded up: region, core, stroke."""
        return probabilities(self.network.run(padded(channels(view, self.inputs)))[0][0], *view.shape[:2])


def _module(card: Card) -> Any:
    from deidkit_dbnet.network import DBNet

    return DBNet.described(card.facts)
