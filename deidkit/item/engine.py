"""One item, from reading to verdict, in the process that this runs in."""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.errors import DeidkitError, IndexFile, ItemError, RunError
from deidkit.files import sha256
from deidkit.generated import seg
from deidkit.generated.marks import mark_generated
from deidkit.headers import references, uids
from deidkit.headers.quiet import quiet
from deidkit.identity.harvest import harvest
from deidkit.image import Image
from deidkit.interfaces import Classifier, Format
from deidkit.item import evidence, reading, stages
from deidkit.item import pipeline as chains
from deidkit.item.pipeline import Chain
from deidkit.item.task import DISK_FULL, Task, companion_path
from deidkit.item.time_limits import within
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.nn.weights_used import noted
from deidkit.output.names import output_name
from deidkit.profiles.profile_set import Profile, ProfileSet
from deidkit.profiles.selection import check_pixels, check_refused, choose, choose_classifier
from deidkit.records import Answer, CheckRecord, Companion, Plan, PlannedChange, PlannedRegion
from deidkit.registry import Registry
from deidkit.types import Case, Context, Deadline, HeaderChange, Labels, Verdict

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.item.stages import FrameRegions


class Engine:
    """Everything built that items need.

    Args:
        forced: the profile to use whatever the classifier says; None lets labels choose.
        maps: also answer with old and new identifiers, for ``--write-maps``.

    Raises:
        UsageError: several classifiers are installed and the site names none.
        EnvironmentFault: this machine lacks something that a component needs.
    """

    def __init__(self, registry: Registry, profiles: ProfileSet, keys: Keys, forced: Profile | None, maps: bool) -> None:
        self._keys = keys
        self._profiles = profiles
        self._forced = forced
        self._maps = maps
        self._formats: Mapping[str, Format] = {name: registry.build("format", name) for name in registry.names("format")}
        with noted() as self._weights:
            chosen = choose_classifier(profiles.rules, registry)
            self._classifier: Classifier | None = registry.build("classifier", chosen.name, chosen.options) if chosen else None
        wanted = [forced] if forced else list(profiles)
        self._chains: dict[str, Chain] = {profile.name: chains.build(profile, registry) for profile in wanted}
        self.limits = Limits.ceiling(*(profile.limits for profile in wanted))

    def process(self, task: Task, beat: stages.Beat = stages.unheard) -> Answer:
        """Works on one item. Never raises for anything that is the item's own fault.

        Raises:
            RunError: the disk is full, or the encrypted map cannot be written.
        """
        answer = Answer(task.number, scope=task.identifiers.scope)
        with noted() as late, _guarded(answer, beat) as heard:
            if task.compare:
                self._digest(task, answer, heard)
            else:
                self._process(task, answer, heard)
        answer.weights |= late
        return answer

    def compare(self, before: Path, after: Path) -> Answer:
        """Runs the verifiers of the profile that fits ``before`` on ``after``, whoever made that file. No edit is known."""
        answer = Answer(0)
        with _guarded(answer, stages.unheard) as beat:
            _, image, chain, labels = self._open(before, answer, beat)
            context = self._context(chain, labels, image, Task(0, before, None))
            _, made = reading.read(after, self._formats, self.limits)
            _conclude(answer, stages.verify(chain, Case(image, made, after, {}, {}, (), context, edits_known=False), beat))
        return answer

    def _digest(self, task: Task, answer: Answer, beat: stages.Beat) -> None:
        beat("read", stages.WHOLE, self.limits.stage_seconds)
        _, image = reading.read(task.path, self._formats, self.limits)
        answer.content = stages.digest(image, self.limits, beat)

    def _process(self, task: Task, answer: Answer, beat: stages.Beat) -> None:
        target, image, chain, labels = self._open(task.path, answer, beat)
        beat = within(Deadline.after(chain.limits.item_seconds), beat)
        context = self._context(chain, labels, image, task)
        decided = stages.decide(chain, stages.detect(chain, image, context, beat), context, beat)
        decided = stages.clear(image, decided)
        answer.regions = stages.count_reasons(decided)
        edits = stages.redact(chain, image, decided, context, beat)
        answer.generated = any(edit.generated for edit in edits)
        header, changes = stages.scrub(chain, image, context, beat)
        changes += tuple(mark_generated(header, edits))
        answer.minted = uids.made(changes)
        if task.temporary is None:
            answer.plan, answer.outcome = _plan(decided, changes), "released"
            return
        answer.name = output_name(header, target.suffix(image, edits), task.path, self._keys)
        answer.instance, answer.references = str(header.get("SOPInstanceUID") or ""), references.referenced(header)
        if self._maps:
            answer.ids = _ids(image.header, header)
        masks = stages.write(chain, target, image, header, edits, task.temporary, beat)
        answer.written = True
        answer.sha256 = sha256(task.temporary).hex()
        beside = self._accompany(seg.generated_regions(header, edits, image.frame_count, self._keys), task.temporary, answer)
        _, after = reading.read(task.temporary, self._formats, self.limits)
        case = Case(image, after, task.temporary, masks, decided, changes, context, companions=beside)
        if task.evidence:
            evidence.draw(case, task.evidence)
        verdict = stages.verify(chain, case, beat)
        _conclude(answer, Verdict((*verdict.checks, *seg.checks(edits, bool(beside)))))

    def _accompany(self, beside: Dataset | None, temporary: Path, answer: Answer) -> tuple[Path, ...]:
        if beside is None:
            return ()
        path = companion_path(temporary)
        beside.save_as(path, enforce_file_format=True)
        answer.companions = (Companion(name=output_name(beside, path.suffix, path, self._keys), sha256=sha256(path).hex()),)
        return (path,)

    def _open(self, path: Path, answer: Answer, beat: stages.Beat) -> tuple[Format, Image, Chain, Labels]:
        """The file under the limits of the profile that it gets. Until that is chosen, the most that any profile allows holds.

        Where the profile allows less in anything, the file is opened again, so that its limits are those of the whole run.
        """
        beat("read", stages.WHOLE, self.limits.stage_seconds)
        target, image = reading.read(path, self._formats, self.limits)
        uids.check_class(image.header)
        chain, labels = self._choose(image, answer, beat)
        if not chain.limits.opens_alike(self.limits):
            beat("read", stages.WHOLE, chain.limits.stage_seconds)
            target, image = reading.read(path, self._formats, chain.limits)
        return target, image, chain, labels

    def _choose(self, image: Image, answer: Answer, beat: stages.Beat) -> tuple[Chain, Labels]:
        beat("classify", stages.WHOLE, self.limits.stage_seconds)
        labels, answer.weights = Labels(), dict(self._weights)
        if self._classifier is not None:
            labels = self._classifier.classify(image)
        answer.labels = labels.values()
        profile = self._forced or choose(labels, self._profiles)
        answer.profile, answer.hold_back = profile.name, profile.hold_back
        answer.weights |= self._chains[profile.name].weights
        check_refused(labels, profile)
        check_pixels(image, profile)
        return self._chains[profile.name], labels

    def _context(self, chain: Chain, labels: Labels, image: Image, task: Task) -> Context:
        return Context(
            labels=labels,
            profile=chain.profile.name,
            detectors=tuple(name for name, _ in chain.detectors),
            keys=self._keys,
            deadline=Deadline.after(chain.limits.stage_seconds),
            header=image.header,
            identifiers=harvest(image.header, chain.limits).merged(task.identifiers),
        )


@contextmanager
def _guarded(answer: Answer, beat: stages.Beat) -> Iterator[stages.Beat]:
    """Turns whatever goes wrong into the answer's outcome and reasons, but for what no further item can do without."""
    started = time.perf_counter()
    stage = "read"

    def heard(name: str, frame: int, seconds: float) -> None:
        nonlocal stage
        stage = name
        beat(name, frame, seconds)

    try:
        with quiet():
            yield heard
    except IndexFile as error:
        answer.outcome, answer.reasons = "skipped", (str(error),)
    except ItemError as error:
        answer.reasons = (str(error),)
    except RunError:
        raise
    except DeidkitError as error:  # the fault is not the file's, but of what its profile needs
        answer.reasons = (f"{error.code}: {error}",)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise RunError("the disk is full; free some space and run again with --resume") from None
        answer.outcome = "failed" if stage == "read" else "quarantined"
        answer.reasons = (f"input-output: {errno.errorcode.get(error.errno or 0, 'error')} in {stage}",)
    except MemoryError:
        answer.reasons = (f"out-of-memory: in {stage}",)
    except Exception as error:  # its text may hold identifiers: the type alone is told
        answer.reasons = (f"internal-error: {type(error).__name__} in {stage} at {_place(error)}",)
    answer.seconds = round(time.perf_counter() - started, 3)


def _place(error: BaseException) -> str:
    """File name and line of our own or a plugin's source where the exception came from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _conclude(answer: Answer, verdict: Verdict) -> None:
    answer.checks = tuple(
        CheckRecord(name=c.name, status=c.status.value, detail=c.detail, measured=dict(c.measured)) for c in verdict.checks
    )
    if verdict.clean:
        answer.outcome = "released"
        return
    failed = [check for check in verdict.checks if check.status.value == "failed"]
    answer.reasons = tuple(f"not-proven-clean:{check.name}: {check.detail}" for check in failed)


def _plan(decided: FrameRegions, changes: tuple[HeaderChange, ...]) -> Plan:
    return Plan(
        regions=tuple(
            PlannedRegion(
                frame=index,
                box=region.box,
                score=round(region.score, 4),
                detector=region.detector,
                kind=region.kind,
                action=region.action.value,
                reason=region.reason,
            )
            for index in sorted(decided)
            for region in decided[index]
        ),
        changes=tuple(PlannedChange(path=c.path, action=c.action, source=c.source) for c in changes),
    )


def _ids(before: Dataset, after: Dataset) -> tuple[tuple[str, str, str], ...]:
    found = []
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "PatientID"):
        old, new = before.get(keyword), after.get(keyword)
        if old and new:
            found.append((keyword, str(old), str(new)))
    return tuple(found)
