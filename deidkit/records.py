"""Records of a run: one Outcome for each item and one RunSummary. They contain no header value and no recognised text.

``Outcome.source`` is the only field that may identify a person, because file names can. It is written to
``private/manifest.jsonl`` only. ``released_line`` may leave the institution. ``Answer``, from which an Outcome is made, stays
in memory.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Result = Literal["released", "quarantined", "failed", "skipped"]

PUBLIC = (
    "output",
    "profile",
    "labels",
    "regions",
    "regions_by_reason",
    "weights",
    "generated",
    "companions",
    "sha256",
    "minted",
    "released_by_review",
)
"""Fields of an Outcome that leave the institution, in addition to its checks."""


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckRecord(Record):
    """One check of one verifier."""

    name: str
    status: Literal["passed", "warned", "failed"]
    detail: str = ""
    measured: dict[str, float] = Field(default_factory=dict)


class PlannedRegion(Record):
    """One decided region, as ``--dry-run`` shows it."""

    frame: int
    box: tuple[int, int, int, int]
    score: float
    detector: str
    kind: str
    action: str
    reason: str


class PlannedChange(Record):
    """One header change, as ``--dry-run`` shows it."""

    path: str
    action: str
    source: str


class Plan(Record):
    """The planned changes to one file."""

    regions: tuple[PlannedRegion, ...] = ()
    changes: tuple[PlannedChange, ...] = ()


class Companion(Record):
    """A further object beside an image. ``name`` is its path below released/, ``attempt`` that of a rejected one."""

    name: str
    sha256: str
    attempt: str | None = None


@dataclass(slots=True)
class Answer:
    """The result of one item, from the process that worked on it.

    ``name`` is the output name below released/. ``written`` is True if the temporary file exists. ``instance`` and
    ``references`` are the SOP Instance UIDs of the new object and of those that it refers to. ``content`` is the only answer
    to a Task that compares contents.
    """

    number: int
    outcome: Result = "quarantined"
    reasons: tuple[str, ...] = ()
    name: str | None = None
    written: bool = False
    sha256: str | None = None
    profile: str | None = None
    hold_back: str = "nothing"
    labels: dict[str, str | None] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    generated: bool = False
    companions: tuple[Companion, ...] = ()
    checks: tuple[CheckRecord, ...] = ()
    ids: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    instance: str = ""
    references: frozenset[str] = frozenset()
    minted: tuple[str, ...] = ()
    content: bytes | None = None
    scope: int = 1
    seconds: float = 0.0
    plan: Plan | None = None


class Outcome(Record):
    """The outcome of one input file.

    - ``output`` is relative to the output folder.
    - ``stamp`` is the size and modification time (in nanoseconds) of the input; ``--resume`` compares it to detect changes.
    - ``duplicate_of`` is the source of another file with the same object.
    - ``minted`` lists the UIDs that the object lacked and was given.
    - ``weights`` are the files of the profile's networks with their SHA-256.
    - ``scope`` is the number of objects from which the identifiers of the patient were gathered; None if it is not disclosed.
    - ``released_by_review`` is True if a person is responsible for the release.
    """

    source: str
    root: int
    outcome: Result
    output: str | None = None
    profile: str | None = None
    labels: dict[str, str | None] = Field(default_factory=dict)
    regions: int = 0
    regions_by_reason: dict[str, int] = Field(default_factory=dict)
    weights: dict[str, str] = Field(default_factory=dict)
    generated: bool = False
    companions: tuple[Companion, ...] = ()
    checks: tuple[CheckRecord, ...] = ()
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    sha256: str | None = None
    scope: int | None = 1
    duplicate_of: str | None = None
    minted: tuple[str, ...] = ()
    hold_back: str = "nothing"
    stamp: tuple[int, int] | None = None
    attempt: str | None = None
    released_by_review: bool = False
    plan: Plan | None = None

    @classmethod
    def of(cls, answer: Answer, source: str = "", root: int = 0, stamp: tuple[int, int] | None = None) -> Outcome:
        """Make an Outcome from an answer. Output, companions and hash are left out unless the item is released."""
        released = answer.outcome == "released"
        return cls(
            source=source,
            root=root,
            outcome=answer.outcome,
            output=f"released/{answer.name}" if released and answer.name else None,
            profile=answer.profile,
            labels=answer.labels,
            regions=sum(answer.regions.values()),
            regions_by_reason=answer.regions,
            weights=answer.weights,
            generated=answer.generated,
            companions=answer.companions if released else (),
            checks=answer.checks,
            reasons=answer.reasons,
            seconds=answer.seconds,
            sha256=answer.sha256 if released else None,
            scope=answer.scope,
            minted=answer.minted,
            hold_back=answer.hold_back,
            stamp=stamp,
            plan=answer.plan,
        )

    @property
    def outputs(self) -> tuple[str, ...]:
        """All files of a released item, relative to the output folder."""
        return (self.output, *(f"released/{one.name}" for one in self.companions)) if self.output else ()

    def manifest_line(self) -> dict[str, Any]:
        """Return the record for ``private/manifest.jsonl``."""
        return self.model_dump(mode="json", exclude={"plan"})

    def released_line(self) -> dict[str, Any]:
        """Return the record for ``released.jsonl``: without identifiers, times, measurements of verifiers and ``scope``.

        Measurements and scope would reveal the length and script of a name, and how many objects of the patient exist.
        """
        kept: dict[str, Any] = dict.fromkeys(PUBLIC, True)
        return self.model_dump(mode="json", include=kept | {"checks": {"__all__": {"name", "status", "detail"}}})

    def public(self) -> Outcome:
        """Return the outcome for observers, without the fields that name or measure the input."""
        checks = tuple(check.model_copy(update={"measured": {}}) for check in self.checks)
        hidden = {"source": "", "duplicate_of": None, "stamp": None, "plan": None, "scope": None, "checks": checks}
        return self.model_copy(update=hidden)


class RunStarted(Record):
    """The start of a run, for observers."""

    version: str
    inputs: int
    workers: int
    profiles: tuple[str, ...]


class RunSummary(Record):
    """Counts of one run.

    ``reasons`` counts items that were not released by reason code. ``dangling`` counts released files with references to
    objects that this run did not release (``not-released``) or never saw (``not-in-input``).
    """

    version: str
    inputs: int
    released: int = 0
    quarantined: int = 0
    failed: int = 0
    skipped: int = 0
    resumed: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)
    profiles: dict[str, int] = Field(default_factory=dict)
    warnings: dict[str, int] = Field(default_factory=dict)
    dangling: dict[str, int] = Field(default_factory=dict)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """0 if every input was released, not counting DICOMDIR files, else 3."""
        return 0 if self.released + self.skipped == self.inputs and (self.released or not self.inputs) else 3


class Tally:
    """Counts outcomes one at a time, so that memory does not grow with their number."""

    def __init__(self) -> None:
        self._results: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._profiles: Counter[str] = Counter()
        self._warnings: Counter[str] = Counter()
        self.resumed = 0
        self.dangling: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        self._results[outcome.outcome] += 1
        self._reasons.update({reason_code(reason) for reason in outcome.reasons})
        self._warnings.update({check.name for check in outcome.checks if check.status == "warned"})
        if outcome.profile:
            self._profiles[outcome.profile] += 1

    def summary(self, version: str, seconds: float) -> RunSummary:
        return RunSummary(
            version=version,
            inputs=sum(self._results.values()),
            released=self._results["released"],
            quarantined=self._results["quarantined"],
            failed=self._results["failed"],
            skipped=self._results["skipped"],
            resumed=self.resumed,
            reasons=dict(self._reasons.most_common()),
            profiles=dict(self._profiles.most_common()),
            warnings=dict(self._warnings.most_common()),
            dangling=dict(sorted(self.dangling.items())),
            seconds=round(seconds, 3),
        )


def reason_code(reason: str) -> str:
    """Return the code of a reason of the form ``code: detail``."""
    return reason.partition(": ")[0]
