"""What decides on a network's answers; fitted by calibration and kept in the model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deidkit.errors import EnvironmentFault
from deidkit.nn.looks import LOOKS, look_of

FEATURES = 11
WEIGHTS = {"alone": FEATURES, "weights": FEATURES + 1}
"""How many numbers each kind of weights has."""
PLAIN = (0.0, 0.4, 0.4, 0.2, *[0.0] * (FEATURES - 4))


@dataclass(frozen=True, slots=True)
class Cut:
    """What parts of one look are text: ``alone`` turns a part's features into the log-odds of its being text, and ``weights``
    these and what the best part on its line has by itself; from ``score`` on it is, from ``hint`` on it may be. Fitted on data
    and kept in the model card.
    """

    alone: tuple[float, ...] = PLAIN
    weights: tuple[float, ...] = (*PLAIN, 0.0)
    score: float = 0.7
    hint: float = 0.7


@dataclass(frozen=True, slots=True)
class Rules:
    """From what on a map's answer belongs to a part, all probabilities but ``smallest`` (pixels of the map); ``extent`` is the
    region from which on it also counts for the part's reach. A cut for each look, because each errs in its own way.
    """

    region: float = 0.35
    extent: float = 0.5
    core: float = 0.45
    stroke: float = 0.5
    smallest: int = 4
    enlarged: Cut = Cut()
    fine: Cut = Cut()
    coarse: Cut = Cut()

    def cut(self, factor: float) -> Cut:
        """The cut of the look with ``factor`` view pixels a pixel."""
        cut: Cut = getattr(self, look_of(factor))
        return cut

    def from_score(self, least: float) -> Rules:
        """Rules by which all that scores at least ``least`` is text, in any look."""
        cuts = {name: replace(getattr(self, name), score=least, hint=least) for name in LOOKS}
        return replace(self, **cuts)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Rules:
        """The rules in a model card.

        Raises:
            EnvironmentFault: the card was written by another version.
        """
        given = dict(facts)
        try:
            for name in set(LOOKS) & set(given):
                cut = dict(given[name])
                given[name] = Cut(**{**cut, **{key: _numbers(cut[key], count) for key, count in WEIGHTS.items() if key in cut}})
            return cls(**given)
        except (TypeError, ValueError):
            raise EnvironmentFault("the card of the dbnet weights is of another version of deidkit") from None


def _numbers(values: Sequence[float], count: int) -> tuple[float, ...]:
    """As many numbers as there are features; a ValueError of others."""
    if len(values) != count:
        raise ValueError("weights of another number of features")
    return tuple(float(value) for value in values)
