"""The retinanet detector: boxes around lines, straight from the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.inference import Card, Network, TorchNetwork, load_card, open_onnx
from deidkit.tensors import channels, padded, sizes, telling_views
from deidkit.types import Array, Box, Context, Frame, Region
from deidkit_retinanet.anchors import STRIDES, decode, place, suppress
from deidkit_retinanet.options import RetinaNetOptions

CARD = Path(__file__).parent / "weights" / "retinanet.card.json"


def boxes_of(logits: Array, steps: Array, shape: tuple[int, int], least: float, most: int) -> tuple[Array, Array]:
    """Boxes (n, 4) and scores (n,) above ``least``, at most ``most``, best first, before overlapping ones are dropped.

    Args:
        logits: (anchors, 1) and ``steps`` (anchors, 4): the network's answer to one input.
        shape: rows and columns of that input, multiples of the last stride.
    """
    scores = 1 / (1 + np.exp(-logits[:, 0]))
    chosen = np.flatnonzero(scores >= least)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")][:most]
    anchors = np.concatenate(place(*shape))
    return decode(steps[chosen], anchors[chosen]), scores[chosen]


class RetinaNetDetector:
    """Finds lines of text; reads nothing.

    Raises:
        EnvironmentFault: the weights are missing, altered or cannot be run here.
    """

    def __init__(self, options: RetinaNetOptions) -> None:
        self.options = options
        card = load_card(CARD)
        self.least = options.min_score if options.min_score is not None else float(card.facts.get("min_score", 0.3))
        self.hint = min(self.least, float(card.facts.get("hint_score", self.least))) if options.hints else self.least
        self.network = _torch(card, options.device) if options.runtime == "torch" else open_onnx(card, "retinanet.onnx")

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Regions of every frame, boxes in stored pixels."""
        answers: list[list[Region]] = []
        for frame in frames:
            context.deadline.check("retinanet")
            found: dict[Box, float] = {}
            for view in telling_views(frame, self.options.views):
                for box, score in self._view(view):
                    found[box] = max(score, found.get(box, 0.0))
            answers.append([Region(box, score, "retinanet", hint=score < self.least) for box, score in sorted(found.items())])
        return answers

    def _view(self, view: Array) -> Iterator[tuple[Box, float]]:
        for look, factor in sizes(view, self.options.large):
            batch = padded(channels(look), STRIDES[-1])
            logits, steps = (output[0] for output in self.network.run(batch))
            boxes, scores = boxes_of(logits, steps, (batch.shape[2], batch.shape[3]), self.hint, self.options.most)
            for i in suppress(boxes, scores, self.options.overlap):
                box = grown_box(factor * boxes[i], self.options.margin, (view.shape[0], view.shape[1]))
                if box is not None:
                    yield box, float(scores[i])


def grown_box(box: Array, margin: int, shape: tuple[int, int]) -> Box | None:
    """Whole pixels around ``box``, grown by ``margin`` and a tenth of its shorter side, inside ``shape``."""
    x0, y0, x1, y1 = (float(v) for v in box)
    extra = margin + 0.1 * min(x1 - x0, y1 - y0)
    left, top = max(0, int(np.floor(x0 - extra))), max(0, int(np.floor(y0 - extra)))
    right, bottom = min(shape[1], int(np.ceil(x1 + extra))), min(shape[0], int(np.ceil(y1 + extra)))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _torch(card: Card, device: str) -> Network:
    try:
        from deidkit_retinanet.network import RetinaNet
    except ImportError:
        raise EnvironmentFault("runtime: torch needs torch: pip install 'deidkit[train]'") from None
    return TorchNetwork(card, "retinanet.safetensors", RetinaNet(card.facts.get("backbone", "light")), device)
