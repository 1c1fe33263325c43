"""One run in progress: turns answers of workers into outcomes, commits them, and tells observers what is safe on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deidkit import quarantine
from deidkit.engine import Answer, Task
from deidkit.firstpass import Index
from deidkit.keys import Keys
from deidkit.maps import Maps
from deidkit.output import Store, sync
from deidkit.report import Outcome, Tally
from deidkit.sources import Source

NOT_READ = "not-a-file: not a regular file that can be read; links to folders are not followed"


@dataclass(slots=True)
class Batch:
    """The items of one run.

    Args:
        recorded: called with each outcome once it is safe on disk.
    """

    sources: Sequence[Source]
    index: Index
    store: Store
    keys: Keys
    keep_rejected: bool
    evidence: bool
    maps: Maps | None
    recorded: Callable[[Outcome], None]
    tally: Tally = field(default_factory=Tally)
    _firsts: dict[int, Outcome] = field(default_factory=dict)
    _awaited: frozenset[int] = frozenset()
    _resumed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        repeats = (entry.duplicate_of for entry in self.index.entries)
        self._awaited = frozenset(first for first in repeats if first is not None)

    def tasks(self) -> Iterator[Task]:
        """Work that is left, in input order. What needs no worker is answered on the way."""
        for number, source in enumerate(self.sources):
            known = self.store.done.pop(source.key, None)
            if known is not None:
                self.tally.add(known)
                self.tally.resumed += 1
                self._resumed.add(number)
                self._remember(number, known)
                continue
            entry = self.index.entries[number]
            if source.stamp is None:
                self._add(number, Answer(number, "failed", (NOT_READ,)))
            elif entry.conflict:
                reason = "uid-conflict: other files of this run have the same SOP Instance UID and other content"
                self._add(number, Answer(number, reasons=(reason,)))
            elif entry.duplicate_of is None:
                temporary = self.store.layout.temporary / f"{number}.part"
                yield Task(number, source.path, temporary, self.index.identifiers(number), self._evidence(source))

    def _evidence(self, source: Source) -> Path | None:
        return self.store.layout.evidence / f"{self._item(source.root, source.relative)}.png" if self.evidence else None

    def _item(self, root: int, relative: str) -> str:
        """A name for the item that does not tell its file's."""
        return self.keys.digest("item", str(root), relative).hex()[:16]

    def _remember(self, number: int, outcome: Outcome) -> None:
        if number in self._awaited:
            self._firsts[number] = outcome

    def answered(self, answer: Answer) -> None:
        self._add(answer.number, answer)

    def finish(self) -> None:
        """Answers the duplicates as their first copies were answered, and commits what is left."""
        for number, entry in enumerate(self.index.entries):
            if entry.duplicate_of is None or number in self._resumed or self.sources[number].stamp is None:
                continue
            source, first = self.sources[number], self._firsts[entry.duplicate_of]
            copied = {"source": source.relative, "root": source.root, "stamp": source.stamp, "duplicate_of": first.source}
            self._commit(first.model_copy(update=copied), None)
        self._told(self.store.flush())

    def _add(self, number: int, answer: Answer) -> None:
        source = self.sources[number]
        released = answer.outcome == "released"
        temporary = self.store.layout.temporary / f"{number}.part"
        outcome = Outcome(
            source=source.relative,
            root=source.root,
            outcome=answer.outcome,
            output=f"released/{answer.name}" if released else None,
            profile=answer.profile,
            labels=answer.labels,
            regions=sum(answer.regions.values()),
            regions_by_reason=answer.regions,
            generated=answer.generated,
            checks=answer.checks,
            reasons=answer.reasons,
            seconds=answer.seconds,
            sha256=answer.sha256 if released else None,
            scope=answer.scope,
            stamp=source.stamp,
        )
        if not released:
            outcome = self._hold(outcome, answer, temporary)
        elif self.maps:
            self.maps.add(answer.ids)
        self._remember(number, outcome)
        self._commit(outcome, temporary if released else None)

    def _hold(self, outcome: Outcome, answer: Answer, temporary: Path) -> Outcome:
        """Leaves a record in quarantine, with the rejected attempt when that was asked for."""
        layout = self.store.layout
        item = self._item(outcome.root, outcome.source)
        if self.keep_rejected and answer.written and answer.name and temporary.exists():
            kept = layout.quarantine / (item + Path(answer.name).suffix)
            sync(temporary)
            temporary.replace(kept)
            where = kept.relative_to(layout.root).as_posix()
            outcome = outcome.model_copy(update={"attempt": where, "sha256": answer.sha256})
        temporary.unlink(missing_ok=True)
        quarantine.record(layout, item, outcome, answer.name)
        return outcome

    def _commit(self, outcome: Outcome, temporary: Path | None) -> None:
        self._told(self.store.add(outcome, temporary))

    def _told(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.tally.add(outcome)
            self.recorded(outcome)
