"""The loop over all items of a run: first pass, workers, commits, observers."""

from __future__ import annotations

import errno
import itertools
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deidkit import __version__
from deidkit.batch import index as firstpass
from deidkit.batch import inputs as sources
from deidkit.batch.commit import CONFLICT, NOT_READ, Batch
from deidkit.batch.hold_back import Holding
from deidkit.batch.index import Index
from deidkit.batch.inputs import Source
from deidkit.batch.supervisor import Supervisor
from deidkit.batch.worker import Spec
from deidkit.errors import RunError
from deidkit.item.task import DISK_FULL, Task
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.output.durable import private_folder
from deidkit.output.id_maps import Maps
from deidkit.output.store import Store
from deidkit.processes import no_core_dumps
from deidkit.profiles.profile_set import ProfileSet
from deidkit.profiles.selection import choose_classifier
from deidkit.records import Answer, Outcome, RunStarted, RunSummary, Tally
from deidkit.registry import Registry

log = logging.getLogger("deidkit")


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a run. ``phase`` is ``index`` (first pass) or ``items``."""

    phase: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a run.

    Args:
        keys: the site key.
        profile: name or file of a profile for all files. None selects a profile for each file by its labels.
        folders: folders with profiles of the site, strongest first.
        workers: number of worker processes.
        resume: continue a run that was stopped.
        write_maps: write maps of old and new identifiers to private/maps.
        keep_rejected: keep files that failed verification in private/quarantine, so that a reviewer can release them.
        evidence: draw each file before and after, in private/evidence.
        plugins: see ``Spec``.
    """

    keys: Keys = field(repr=False)
    profile: str | None = None
    folders: tuple[Path, ...] = ()
    workers: int = 1
    resume: bool = False
    write_maps: bool = False
    keep_rejected: bool = False
    evidence: bool = False
    plugins: tuple[tuple[str, str], ...] | None = None

    def spec(self) -> Spec:
        return Spec(self.keys, self.profile, self.folders, self.plugins, self.write_maps)


def run(
    inputs: Sequence[Path], output: Path, settings: Settings, on_progress: Callable[[Progress], None] | None = None
) -> RunSummary:
    """De-identify every file below ``inputs``.

    The output folder receives released/, released.jsonl and private/.

    Raises:
        UsageError: inputs, output, key or a profile are invalid. Nothing was changed.
        EnvironmentFault: something that a profile needs is missing on this machine.
        RunError: the run cannot continue, for example because the disk is full. Continue it with ``resume``.
    """
    no_core_dumps()
    started = time.monotonic()
    found = sources.find(inputs, output)
    registry = settings.spec().registry()
    loaded = _profiles(registry, settings)
    usable = settings.spec().usable(loaded)
    profiles = {profile.name: profile.digest for profile in usable}
    stamps = {source.key: source.stamp for source in found}
    identity = {
        "version": __version__,
        "key": settings.keys.fingerprint(),
        "profiles": profiles,
        "site": loaded.rules.digest,
        "inputs": _mark(inputs, settings),
    }
    with _disk_errors():
        store = Store.open(output, identity, settings.resume, lambda o: stamps.get((o.root, o.source), o.stamp) == o.stamp)
        try:
            _observe(
                registry,
                "deidkit_run_started",
                run=RunStarted(version=__version__, inputs=len(found), workers=settings.workers, profiles=tuple(profiles)),
            )
            limits = Limits.ceiling(*(profile.limits for profile in usable))
            tally = _work(found, store, registry, settings, limits, on_progress or _unheard)
        finally:
            store.close()
    summary = tally.summary(__version__, time.monotonic() - started)
    _observe(registry, "deidkit_run_finished", summary=summary)
    return summary


def _mark(inputs: Sequence[Path], settings: Settings) -> str:
    """Stands for the inputs of a run, so that another run does not go on with other files under the same names."""
    return settings.keys.digest("inputs", *(os.fsencode(path.resolve()) for path in inputs)).hex()[:16]


def _unheard(progress: Progress) -> None:
    del progress


def _profiles(registry: Registry, settings: Settings) -> ProfileSet:
    """The profiles of the run.

    Raises:
        UsageError: a profile is invalid, or several classifiers are installed and the site names none.
    """
    loaded = settings.spec().profiles(registry)
    choose_classifier(loaded.rules, registry)
    return loaded


def _work(
    found: Sequence[Source],
    store: Store,
    registry: Registry,
    settings: Settings,
    limits: Limits,
    on_progress: Callable[[Progress], None],
) -> Tally:
    counted = itertools.count(1)
    index = firstpass.build(found, lambda: on_progress(Progress("index", next(counted), len(found))), settings.keys.uid, limits)
    index.settle(_contents(index.to_compare(), found, settings, store.scratch))
    recorded = itertools.count(1 + len(store.done))

    def on_record(outcome: Outcome) -> None:
        _observe(registry, "deidkit_item_finished", outcome=outcome.public())
        on_progress(Progress("items", next(recorded), len(found)))

    if settings.evidence:
        private_folder(store.layout.evidence)
    maps = Maps(store.layout.maps) if settings.write_maps else None
    batch = Batch(found, index, store, settings.keys, settings.keep_rejected, settings.evidence, maps, on_record)
    workers = max(1, min(settings.workers, len(found)))
    for answer in Supervisor(settings.spec(), workers, store.scratch).run(batch.tasks()):
        batch.answered(answer)
    batch.finish()
    return batch.tally


def _contents(numbers: Sequence[int], found: Sequence[Source], settings: Settings, scratch: Path) -> dict[int, bytes]:
    """Digests of what these sources hold; none of those that cannot be read. Workers make them, because pixels are decoded."""
    tasks = (Task(number, found[number].path, None, compare=True) for number in numbers)
    workers = max(1, min(settings.workers, len(numbers)))
    answers = Supervisor(settings.spec(), workers, scratch).run(tasks) if numbers else ()
    return {answer.number: answer.content for answer in answers if answer.content is not None}


def plan(inputs: Sequence[Path], settings: Settings) -> Iterator[Outcome]:
    """Yield what would be done to each file, in ``Outcome.plan``. No image and no folder is written.

    Raises:
        UsageError, EnvironmentFault: as ``run``.
    """
    no_core_dumps()
    found = sources.find(inputs)
    loaded = _profiles(settings.spec().registry(), settings)
    limits = Limits.ceiling(*(profile.limits for profile in settings.spec().usable(loaded)))
    index = firstpass.build(found, limits=limits)
    with TemporaryDirectory(prefix="deidkit-") as scratch:
        index.settle(_contents(index.to_compare(), found, settings, Path(scratch)))
        yield from _planned(found, index, settings, Path(scratch))


def _planned(found: Sequence[Source], index: Index, settings: Settings, scratch: Path) -> Iterator[Outcome]:
    numbers = [number for number, source in enumerate(found) if source.stamp and index.entries[number].duplicate_of is None]
    holding = Holding(index.entries, numbers)
    conflicts = [Answer(number, reasons=(CONFLICT,)) for number in numbers if index.entries[number].conflict]
    unread = [Answer(number, "failed", (NOT_READ,)) for number, source in enumerate(found) if not source.stamp]
    tasks = (
        Task(number, found[number].path, None, index.identifiers(number))
        for number in numbers
        if not index.entries[number].conflict
    )
    workers = max(1, min(settings.workers, len(found)))
    awaited = {entry.duplicate_of for entry in index.entries}
    firsts: dict[int, Outcome] = {}
    for answer in itertools.chain(unread, conflicts, Supervisor(settings.spec(), workers, scratch).run(tasks)):
        for number, final in holding.settle(answer.number, answer):
            outcome = Outcome.of(final, found[number].relative, found[number].root)
            firsts |= {number: outcome} if number in awaited else {}
            yield outcome
    for number, entry in enumerate(index.entries):
        if entry.duplicate_of in firsts:
            first, source = firsts[entry.duplicate_of], found[number]
            yield first.model_copy(update={"source": source.relative, "root": source.root, "duplicate_of": first.source})


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise RunError("the disk is full; free some space and run again with --resume") from None
        name = errno.errorcode.get(error.errno or 0, "unknown error")
        raise RunError(f"the output folder cannot be written ({name})") from None


def _observe(registry: Registry, hook: str, **record: Any) -> None:
    """Tells observers. One that fails is named in the log by its exception's type; the run does not depend on it."""
    try:
        getattr(registry.hook, hook)(**record)
    except Exception as error:  # an observer must never stop a run
        log.warning("an observer of %s failed with %s", hook, type(error).__name__)
