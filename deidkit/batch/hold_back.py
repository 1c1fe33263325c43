"""Holding back whole series and studies: what passed waits until everything it belongs to has been answered.

A profile says ``hold_back: series`` or ``study``. Such an object does not leave before all of its study has been looked at,
so that a run that is killed leaves no half of it in released/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from deidkit.profiles.schema import NOTHING, STUDY

if TYPE_CHECKING:
    from deidkit.batch.index import Entry
    from deidkit.records import Answer

HELD_BACK = "held-back"
Numbered = tuple[int, "Answer"]


@dataclass(slots=True)
class _Group:
    """One study: how many of its objects are still to come, the series that lost one, and what waits."""

    open: int = 0
    lost: set[bytes | None] = field(default_factory=set)
    waiting: list[Numbered] = field(default_factory=list)


class Holding:
    """Decides when an answer is final.

    Args:
        entries: the first pass's view of all sources.
        members: the numbers of those that will be answered; copies of others are none.
    """

    def __init__(self, entries: Sequence[Entry], members: Iterable[int]) -> None:
        self._entries = entries
        self._groups: dict[bytes, _Group] = {}
        for number in members:
            study = entries[number].study
            if study is not None:
                self._groups.setdefault(study, _Group()).open += 1

    def settle(self, number: int, answer: Answer) -> list[Numbered]:
        """Takes one answer; returns those that are final now, some of them turned from released to quarantined."""
        entry = self._entries[number]
        group = self._groups.get(entry.study) if entry.study is not None else None
        if group is None:
            return [(number, answer)]
        group.open -= 1
        final: list[Numbered] = []
        if answer.outcome == "released" and answer.hold_back != NOTHING:
            group.waiting.append((number, answer))
        else:
            final.append((number, answer))
            if answer.outcome != "released":
                group.lost.add(entry.series)
        if group.open <= 0:
            final += self._decide(group)
        return final

    def rest(self) -> Iterator[Numbered]:
        """What still waits for an object that was never answered: nobody knows that it is whole, so it is held back."""
        for group in self._groups.values():
            yield from ((number, _held(answer)) for number, answer in group.waiting)
            group.waiting.clear()

    def _decide(self, group: _Group) -> list[Numbered]:
        """An object that is held back is one more that its study lacks, so it goes on until nothing changes."""
        waiting, group.waiting = group.waiting, []
        final: list[Numbered] = []
        while True:
            doomed = [one for one in waiting if self._is_doomed(one, group)]
            if not doomed:
                return final + waiting
            final += [(number, _held(answer)) for number, answer in doomed]
            group.lost |= {self._entries[number].series for number, _ in doomed}
            waiting = [one for one in waiting if one not in doomed]

    def _is_doomed(self, one: Numbered, group: _Group) -> bool:
        number, answer = one
        return bool(group.lost) if answer.hold_back == STUDY else self._entries[number].series in group.lost


def _held(answer: Answer) -> Answer:
    reason = f"{HELD_BACK}: another object of its {answer.hold_back} was not released"
    return replace(answer, outcome="quarantined", reasons=(reason,))
