"""One run in progress: turns answers of workers into outcomes, commits them, and tells observers what is safe on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from deidkit.batch import dangling
from deidkit.batch.dangling import References
from deidkit.batch.hold_back import Holding
from deidkit.batch.index import Index
from deidkit.batch.inputs import Source, stamp_of
from deidkit.item.task import Task, companion_path
from deidkit.keys import Keys
from deidkit.output import quarantine
from deidkit.output.durable import PRIVATE_FILE, dumps, sync, write_whole
from deidkit.output.id_maps import Maps
from deidkit.output.store import Store
from deidkit.profiles.schema import NOTHING
from deidkit.records import Answer, Outcome, Tally

NOT_READ = "not-a-file: not a regular file that can be read; links to folders are not followed"
CONFLICT = "uid-conflict: another file of this run has the same SOP Instance UID and another data set"
CHANGED = "input-changed: the file changed during the run; continue with --resume"
NAME_TAKEN = "name-taken: another file of this run has the same new SOP Instance UID"


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
    _references: References = field(default_factory=References)
    _names: dict[str | None, tuple[int, str]] = field(default_factory=dict)
    _holding: Holding = field(init=False)
    _records: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.index.prefer(self._released_before())
        repeats = (entry.duplicate_of for entry in self.index.entries)
        self._awaited = frozenset(first for first in repeats if first is not None)
        numbered = enumerate(zip(self.sources, self.index.entries, strict=True))
        members = [number for number, (source, entry) in numbered if source.stamp and entry.duplicate_of is None]
        self._holding = Holding(self.index.entries, members)
        if self.maps:
            self.store.before_flush = self.maps.flush
        self._forget_broken_up(members)
        for key, outcome in self.store.done.items():
            if outcome.output and outcome.duplicate_of is None:
                self._names[outcome.output.removeprefix("released/")] = key
        self._records = {path.stem for path in self.store.layout.quarantine.glob("*.json")}

    def _released_before(self) -> frozenset[int]:
        """Sources that an earlier run released, copies of them left out."""
        known = (self.store.done.get(source.key) for source in self.sources)
        return frozenset(number for number, done in enumerate(known) if done and done.output and not done.duplicate_of)

    def _forget_broken_up(self, members: Sequence[int]) -> None:
        """What an earlier run decided of a study as a whole does not hold when one of its objects is to be done again."""
        done, entries = self.store.done, self.index.entries
        again = {entries[n].study for n in members if self.sources[n].key not in done} - {None}
        stale = [n for n, source in enumerate(self.sources) if entries[n].study in again and source.key in done]
        stale = [n for n in stale if done[self.sources[n].key].hold_back != NOTHING]
        for number in stale:
            quarantine.forget(self.store.layout, self._item(self.sources[number].root, self.sources[number].relative))
        self.store.forget([self.sources[number].key for number in stale])

    def tasks(self) -> Iterator[Task]:
        """Work that is left, in input order. What needs no worker is answered on the way."""
        for number, source in enumerate(self.sources):
            known = self.store.done.pop(source.key, None)
            if known is not None:
                self.tally.add(known)
                self.tally.resumed += 1
                self._resumed.add(number)
                self._remember(number, known)
                self._settle_known(number, known)
                continue
            entry = self.index.entries[number]
            if source.stamp is None:
                self._add(number, Answer(number, "failed", (NOT_READ,)))
            elif entry.conflict:
                self.answered(Answer(number, reasons=(CONFLICT,)))
            elif entry.duplicate_of is None:
                temporary = self.store.scratch / f"{number}.part"
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
        if answer.outcome == "released":
            answer = self._still_released(answer)
        for number, final in self._holding.settle(answer.number, answer):
            self._add(number, final)

    def _still_released(self, answer: Answer) -> Answer:
        """The answer, or why it does not hold: the input was changed meanwhile, or its new name is another file's."""
        source = self.sources[answer.number]
        now = stamp_of(source.path)
        if now is not None and now != source.stamp:
            return replace(answer, outcome="quarantined", reasons=(CHANGED,))
        if self._names.setdefault(answer.name, source.key) != source.key:
            return replace(answer, outcome="quarantined", reasons=(NAME_TAKEN,))
        return answer

    def _settle_known(self, number: int, known: Outcome) -> None:
        """Lets an outcome of an earlier run count for the rest of its study."""
        if known.duplicate_of is not None:
            return
        for other, final in self._holding.settle(number, Answer(number, known.outcome)):
            if other != number:
                self._add(other, final)
        if known.output:
            instance, meant = dangling.of_file(self.store.layout.root / known.output)
            if instance:
                self._references.add(known.output, instance, meant)

    def finish(self) -> None:
        """Answers the duplicates as their first copies were answered, commits what is left, tells of dangling references, and
        publishes the list of what was released.
        """
        for number, final in self._holding.rest():
            self._add(number, final)
        for number, entry in enumerate(self.index.entries):
            if entry.duplicate_of is None or number in self._resumed or self.sources[number].stamp is None:
                continue
            source, first = self.sources[number], self._firsts[entry.duplicate_of]
            copied = {"source": source.relative, "root": source.root, "stamp": source.stamp, "duplicate_of": first.source}
            self._commit(first.model_copy(update=copied), [])
        self._told(self.store.flush())
        self._tell_dangling()
        self.store.publish()

    def _tell_dangling(self) -> None:
        """Writes ``private/dangling.jsonl`` when a released file refers to what is not there."""
        path = self.store.layout.dangling
        known = {digest for entry in self.index.entries for digest in (entry.instance, entry.stand_in) if digest}
        found = list(self._references.dangling(known))
        path.unlink(missing_ok=True)
        if found:
            write_whole(path, (dumps(asdict(one)) for one in found))
        for one in found:
            self.tally.dangling.update(["not-released"] * (one.not_released > 0) + ["not-in-input"] * (one.not_in_input > 0))

    def _add(self, number: int, answer: Answer) -> None:
        source = self.sources[number]
        temporary = self.store.scratch / f"{number}.part"
        outcome = Outcome.of(answer, source.relative, source.root, source.stamp)
        if answer.outcome == "skipped":
            temporary.unlink(missing_ok=True)
        elif not outcome.output:
            outcome = self._hold(outcome, answer, temporary)
        else:
            self._forget_record(self._item(source.root, source.relative))
            self._references.add(outcome.output, answer.instance, answer.references)
            if self.maps:
                self.maps.add(answer.ids)
        self._remember(number, outcome)
        self._commit(outcome, [temporary, *self._beside(answer, temporary)] if outcome.output else [])

    def _forget_record(self, item: str) -> None:
        """An input that an earlier run held back may have been mended."""
        if item in self._records:
            quarantine.forget(self.store.layout, item)

    def _hold(self, outcome: Outcome, answer: Answer, temporary: Path) -> Outcome:
        """Leaves a record in quarantine, with the rejected attempt when that was asked for."""
        layout = self.store.layout
        item = self._item(outcome.root, outcome.source)
        if self.keep_rejected and answer.written and answer.name and temporary.exists():
            where = self._keep(temporary, item + Path(answer.name).suffix)
            beside = [
                one.model_copy(update={"attempt": self._keep(path, f"{item}.seg.dcm")})
                for one, path in zip(answer.companions, self._beside(answer, temporary), strict=True)
            ]
            outcome = outcome.model_copy(update={"attempt": where, "sha256": answer.sha256, "companions": tuple(beside)})
        for path in (temporary, companion_path(temporary)):
            path.unlink(missing_ok=True)
        quarantine.record(layout, item, outcome, answer.name)
        return outcome

    def _keep(self, temporary: Path, name: str) -> str:
        kept = self.store.layout.quarantine / name
        temporary.chmod(PRIVATE_FILE)
        sync(temporary)
        temporary.replace(kept)
        return kept.relative_to(self.store.layout.root).as_posix()

    @staticmethod
    def _beside(answer: Answer, temporary: Path) -> list[Path]:
        return [companion_path(temporary)] if answer.companions else []

    def _commit(self, outcome: Outcome, temporaries: Sequence[Path]) -> None:
        self._told(self.store.add(outcome, temporaries))

    def _told(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.tally.add(outcome)
            self.recorded(outcome)
