"""Attacks the written pixels with what an adversary could try, and passes when none of it works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging import boxes as geometry
from deidkit.interfaces import Detector
from deidkit.types import Action, Case, Check, Context, Region, Status
from deidkit_reconstruct.attack.leakage import measure
from deidkit_reconstruct.attack.neighbours import Slice, doomed, shown_next_door
from deidkit_reconstruct.attack.reading import best, read
from deidkit_reconstruct.attack.reverse import ReverseModel
from deidkit_reconstruct.attack.shape import MOST_UNTOUCHED, fragments, untouched
from deidkit_reconstruct.attack.strokes import grey
from deidkit_reconstruct.options import ReconstructOptions

AROUND_PX = 16


@dataclass(slots=True)
class Suspect:
    """A region that is not of one value, kept for reading. ``text`` is what stood there."""

    advantage: float
    values: Array
    text: str = field(repr=False)


@dataclass(slots=True)
class Findings:
    """Counts and worst scores over all frames."""

    regions: int = 0
    flat: int = 0
    attacked: int = 0
    leaking: int = 0
    advantage: float = 0.0
    area: float = 0.0
    glyphs: int = 0
    untouched: float = 0.0
    fragments: int = 0
    shown: int = 0
    likeness: float = 0.0
    suspects: list[Suspect] = field(default_factory=list)


class Reconstruct:
    """Checks: ``reconstruct-views`` (attack views against the old strokes), ``reconstruct-shape`` (edits shaped like glyphs),
    ``reconstruct-neighbours`` (adjacent frames) and, with a reader, ``reconstruct-reading``.

    Args:
        options: thresholds and sampling.
        reader: a detector that reads, or None.
        reverse: the reverse model, or None.
    """

    def __init__(
        self, options: ReconstructOptions, reader: Detector | None = None, reverse: ReverseModel | None = None
    ) -> None:
        self._options = options
        self._reader = reader
        self._reverse = reverse

    def verify(self, case: Case) -> list[Check]:
        if not case.edits_known:
            return [Check("reconstruct-views", Status.WARNED, "nobody knows what was redacted, so nothing was attacked")]
        found = Findings()
        sampled = self._sampled(case)
        previous: tuple[int, Slice] | None = None
        for index in self._visited(case):
            case.context.deadline.check("reconstruct")
            current = _slice(case, index)
            self._shapes(current, case.masks.get(index, ()), found)
            if index in sampled:
                self._attack(current, case.masks.get(index, ()), found)
            if previous is not None and previous[0] == index - 1:
                self._compare(previous[1], current, found)
            previous = index, current
        checks = [self._views(found), self._shape(found), self._neighbours(found)]
        return checks if self._reader is None else [*checks, self._reading(found, self._reader, case.context)]

    def _visited(self, case: Case) -> Iterator[int]:
        """Frames with redacted regions and, where neighbours are compared, those beside them."""
        wanted = {index for index in case.regions if _redacted(case, index)}
        if self._options.neighbours != "off":
            wanted |= {index + step for index in wanted for step in (-1, 1)}
        return (index for index in sorted(wanted) if 0 <= index < case.before.frame_count)

    def _sampled(self, case: Case) -> frozenset[int]:
        wanted = sorted(index for index in case.regions if _redacted(case, index))
        count = min(len(wanted), self._options.frames)
        return frozenset(wanted[i] for i in np.linspace(0, len(wanted) - 1, count).astype(int)) if count else frozenset()

    def _shapes(self, current: Slice, masks: tuple[Box, ...], found: Findings) -> None:
        for region in current.regions:
            found.regions += 1
            if region.kind in self._options.strokes_allowed:
                continue
            x0, y0, x1, y1 = region.box
            pieces = fragments(region.box, masks)
            share = untouched(current.before[y0:y1, x0:x1], current.after[y0:y1, x0:x1])
            found.fragments, found.untouched = max(found.fragments, pieces), max(found.untouched, share)
            found.glyphs += pieces > self._options.most_fragments or share > MOST_UNTOUCHED

    def _attack(self, current: Slice, masks: tuple[Box, ...], found: Findings) -> None:
        uneven = []
        for region in current.regions:
            x0, y0, x1, y1 = region.box
            before, after = current.before[y0:y1, x0:x1], current.after[y0:y1, x0:x1]
            spread = float(after.reshape(-1, 1 if after.ndim == 2 else after.shape[2]).std(0).max())
            if spread == 0:
                found.flat += 1
                continue
            uneven.append((-spread, region.box, before, after, region))
        for _, _, before, after, region in sorted(uneven, key=lambda item: item[:2])[: self._options.regions]:
            leak = measure(before, after, self._guesses(current.after, region.box, masks))
            found.attacked += 1
            found.leaking += leak.advantage > self._options.most_advantage
            found.advantage, found.area = max(found.advantage, leak.advantage), max(found.area, leak.area)
            if self._reader is not None and region.text:
                found.suspects.append(Suspect(leak.advantage, grey(after), region.text))

    def _guesses(self, after: Array, box: Box, masks: tuple[Box, ...]) -> list[Array]:
        """The reverse model's view of a region, which it sees with its surroundings."""
        around = geometry.grow(box, AROUND_PX, (after.shape[0], after.shape[1]))
        if self._reverse is None or around is None:
            return []
        left, top, right, bottom = around
        local = [(x0 - left, y0 - top, x1 - left, y1 - top) for x0, y0, x1, y1 in masks]
        mask = geometry.rasterise(local, (bottom - top, right - left))
        view = self._reverse.strokes(grey(after[top:bottom, left:right]), mask)
        return [view[box[1] - top : box[3] - top, box[0] - left : box[2] - left]]

    def _compare(self, one: Slice, other: Slice, found: Findings) -> None:
        for left, right in ((one, other), (other, one)):
            looked_for = Slice(left.before, left.after, doomed(left.regions, self._options.neighbours))
            shown, worst = shown_next_door(looked_for, right, self._options.most_likeness)
            found.shown, found.likeness = found.shown + shown, max(found.likeness, worst)

    def _views(self, found: Findings) -> Check:
        measured = {
            "regions": float(found.regions),
            "regions_of_one_value": float(found.flat),
            "regions_attacked": float(found.attacked),
            "worst_advantage": round(found.advantage, 4),
            "most_advantage": self._options.most_advantage,
            "worst_area": round(found.area, 4),
        }
        detail = f"old strokes show in {found.leaking} of {found.attacked} attacked regions"
        return Check("reconstruct-views", _status(found.leaking), detail, measured)

    def _shape(self, found: Findings) -> Check:
        measured = {
            "worst_untouched": round(found.untouched, 4),
            "most_untouched": MOST_UNTOUCHED,
            "worst_fragments": float(found.fragments),
            "most_fragments": float(self._options.most_fragments),
        }
        detail = f"{found.glyphs} of {found.regions} edits have the shape of glyphs"
        return Check("reconstruct-shape", _status(found.glyphs), detail, measured)

    def _neighbours(self, found: Findings) -> Check:
        measured = {"worst_likeness": round(found.likeness, 4), "most_likeness": self._options.most_likeness}
        detail = f"{found.shown} redacted regions still show in a neighbouring frame"
        return Check("reconstruct-neighbours", _status(found.shown), detail, measured)

    def _reading(self, found: Findings, reader: Detector, context: Context) -> Check:
        chosen = sorted(found.suspects, key=lambda suspect: -suspect.advantage)[: self._options.read_regions]
        scores = [best(read(suspect.values, reader, context), suspect.text) for suspect in chosen]
        worst = max(scores, default=0.0)
        told = sum(score > self._options.most_alike for score in scores)
        measured = {"regions_read": float(len(chosen)), "worst_alike": round(worst, 4), "most_alike": self._options.most_alike}
        return Check("reconstruct-reading", _status(told), f"{told} of {len(chosen)} regions can be read", measured)


def _redacted(case: Case, index: int) -> tuple[Region, ...]:
    return tuple(region for region in case.regions.get(index, ()) if region.action is Action.REDACT)


def _slice(case: Case, index: int) -> Slice:
    return Slice(case.before.frame(index).samples, case.after.frame(index).samples, _redacted(case, index))


def _status(bad: int) -> Status:
    return Status.FAILED if bad else Status.PASSED
