"""Records that stages pass to each other: small frozen dataclasses over numpy arrays.

Boxes are ``(x0, y0, x1, y1)``, half open, in stored pixels of one frame: ``samples[y0:y1, x0:x1]``. ``repr`` leaves out
recognised text and identifiers, so that no log line or traceback shows them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from deidkit.errors import StageTimeout
from deidkit.image import Array, Box
from deidkit.processes import processor_seconds

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.image import Image
    from deidkit.keys import Keys

__all__ = [
    "KINDS",
    "MODALITIES",
    "QUALITIES",
    "Action",
    "Case",
    "Check",
    "Context",
    "Deadline",
    "Edit",
    "HeaderChange",
    "Identifier",
    "Identifiers",
    "Label",
    "Labels",
    "Masks",
    "Patch",
    "Region",
    "Status",
    "is_window",
]


class Action(str, Enum):
    """The decision of the policy about one region."""

    UNDECIDED = "undecided"
    KEEP = "keep"
    REDACT = "redact"


@dataclass(frozen=True, slots=True)
class Region:
    """One region of a frame, usually text, that the policy decides about.

    Args:
        box: (x0, y0, x1, y1), half open, in stored pixels.
        score: confidence of the detector in [0, 1].
        detector: name of the detector.
        kind: class of the region, set by the policy.
        action: decision of the policy.
        reason: why the region is retained or redacted, without identifiers.
        text: recognised text; None if the region was not read.
        text_score: confidence of the recogniser in [0, 1].
        hint: the region is uncertain. It counts only if another detector of the profile found something in the same place, or
            if it is no larger than a letter (``deidkit.imaging.fusion``). Detectors return hints only if their options say so.
    """

    box: Box
    score: float
    detector: str
    kind: str = "text"
    action: Action = Action.UNDECIDED
    reason: str = ""
    text: str | None = field(default=None, repr=False)
    text_score: float = 0.0
    hint: bool = False


def is_window(view: str) -> bool:
    """Return whether a view shows the values of the default view in another window.

    Detectors may skip such a view where it shows nothing that earlier views hide. They analyse all other views.
    """
    return view.rstrip("0123456789") in ("default", "full", "window", "band")


@dataclass(frozen=True, slots=True)
class Patch:
    """One rectangle to replace. ``samples`` have its shape and the dtype of the frame; None means black."""

    box: Box
    samples: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """The changes that a redactor makes to one frame.

    ``generated`` is True if pixels were generated instead of blanked. ``record`` "seg" asks for a segmentation object of the
    generated patches beside the image.
    """

    frame: int
    patches: tuple[Patch, ...]
    method: str
    generated: bool = False
    record: Literal["block", "seg"] = "block"


Masks = Mapping[int, tuple[Box, ...]]
"""Frame index -> the boxes that changed in the written file, as returned by ``Format.save``."""


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of a classifier with its probability in [0, 1]. ``value`` None means that the classifier is uncertain."""

    value: str | None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one image.

    ``modality`` is a DICOM Modality defined term (US, CT, MR, CR, DX, MG, XA, RF, NM, PT, ES, OP, XC, SM, IO, ...) or ``OT``;
    ``kind`` one of ``deidkit.types.KINDS``. ``conflict`` is True if sources contradict each other.
    """

    modality: Label = Label(None)
    kind: Label = Label(None)
    manufacturer: Label = Label(None)
    quality: Label = Label(None)
    conflict: bool = False

    def values(self) -> dict[str, str | None]:
        names = ("modality", "kind", "manufacturer", "quality")
        return {name: getattr(self, name).value for name in names}


@dataclass(frozen=True, slots=True)
class HeaderChange:
    """One attribute that the scrubber changed, without its value.

    ``path`` is a tag path such as ``(0008,1140)[0].(0008,1155)``. ``action`` is a code of PS3.15 Table E.1-1 (X, Z, D, U, C)
    or a word of the plugin. ``source`` is the row, option or rule behind the change.
    """

    path: str
    action: str
    source: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """One known value that identifies a person, an institution or a study. ``keyword`` is the keyword of its attribute."""

    kind: str
    keyword: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """All known identifiers of a patient and study. ``scope`` is the number of objects that they were gathered from."""

    items: frozenset[Identifier] = field(default=frozenset(), repr=False)
    scope: int = 1

    def of(self, *kinds: str) -> Iterator[Identifier]:
        return (item for item in self.items if item.kind in kinds)

    def merged(self, other: Identifiers) -> Identifiers:
        return Identifiers(self.items | other.items, self.scope + other.scope)


PATIENCE = 5.0
"""Factor on a time limit for time on the clock, because work may wait for a processor of a busy machine."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The time limit of a piece of work.

    The limit counts the smaller of two times: time on the clock, and processor time of this process and of the programs that it
    has waited for. After PATIENCE times ``seconds`` on the clock, the work always ends.
    """

    seconds: float
    begun: float = field(default_factory=time.monotonic)
    spent: float = field(default_factory=processor_seconds)

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(seconds)

    def left(self) -> float:
        """Return the seconds of work that are left, at least 0."""
        on_clock = time.monotonic() - self.begun
        if on_clock >= PATIENCE * self.seconds:
            return 0.0
        return max(0.0, self.seconds - min(on_clock, processor_seconds() - self.spent))

    def remaining(self) -> float:
        """Return the seconds on the clock that are left at most. Use it as a timeout for programs."""
        end = self.begun + PATIENCE * self.seconds
        return max(0.0, end - time.monotonic()) if self._may_go_on() else 0.0

    def check(self, stage: str) -> None:
        """Raise StageTimeout if no time is left."""
        if not self._may_go_on():
            raise StageTimeout("time-limit", f"{stage} passed its time limit")

    def _may_go_on(self) -> bool:
        return time.monotonic() - self.begun < self.seconds or self.left() > 0


@dataclass(frozen=True, slots=True)
class Context:
    """What every stage may know about its item.

    ``header`` is the original header; do not change it. ``detectors`` are the names of the detectors in the profile, so that a
    verifier can use one of another family.
    """

    labels: Labels
    profile: str
    detectors: tuple[str, ...]
    keys: Keys = field(repr=False)
    deadline: Deadline
    header: Dataset = field(repr=False)
    identifiers: Identifiers = field(default=Identifiers(), repr=False)


class Status(str, Enum):
    """The result of a check."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One result of a verifier. ``detail`` and ``measured`` contain no identifiers. FAILED quarantines the item."""

    name: str
    status: Status
    detail: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """The input of a verifier.

    ``path`` is the written temporary file, and ``after`` was opened from it. If ``edits_known`` is False, ``masks``,
    ``regions`` and ``changes`` are empty because they are unknown: any tool may have made the second file. ``companions`` are
    further objects that belong to the release.
    """

    before: Image
    after: Image
    path: Path
    masks: Masks
    regions: Mapping[int, tuple[Region, ...]] = field(repr=False)
    changes: tuple[HeaderChange, ...]
    context: Context
    edits_known: bool = True
    companions: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks of one item. The item is clean if there is at least one check and none failed."""

    checks: tuple[Check, ...]

    @property
    def clean(self) -> bool:
        return bool(self.checks) and all(check.status is not Status.FAILED for check in self.checks)


UNSERVED = {
    "document": ("document-not-searched", "encapsulated documents are not searched for names"),
    "label": ("slide-label", "the paper label of a slide, or an overview that shows it"),
    "audio": ("audio", "a voice is known by its sound, which nothing here changes"),
    "surface_scan": ("surface-scan", "a scan of the surface of a body may be a face, and nothing here makes one unknown"),
    "raw": ("raw-data", "raw data of a maker's own form, which nobody else can search"),
    "inventory": ("inventory", "a list of the patients and studies of an archive, to be made anew from what was released"),
    "non_medical": ("non-medical-class", "a storage class for security screening or for materials, not for patients"),
    "retired": ("retired-class", "a retired storage class that the standard no longer describes"),
    "private": ("private-class", "a private SOP class, of which nobody but its maker knows what it holds"),
    "other": ("class-unknown", "a SOP class that is no storage class known here"),
}
"""Kinds without a built-in profile -> code and words of their quarantine where no other profile matches."""


KINDS = (
    *("image", "capture", "seg", "map"),
    *("sr", "pr", "rt", "waveform", "registration", "surface", "measurement", "annotation", "protocol", "non_patient"),
    *UNSERVED,
)
"""Kinds of objects: with a picture or other samples, without pixels, and without a built-in profile."""


QUALITIES = ("good", "blurred", "dark", "bright", "empty", "pattern", "not_medical")


_TERMS = (
    "ANN AR ASMT AU BDUS BI BMD CFM CR CT CTPROTOCOL DG DMS DOC DX ECG EEG EMG EOG EPS ES FID GM HC HD IO IOL IVOCT IVUS "
    "KER KO LEN LS M3D MG MR NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PA PLAN POS PR PT PX REG RESP RF RG RTDOSE "
    "RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV SEG SM SMR SR SRF STAIN TEXTUREMAP TG US VA XA "
    "XAPROTOCOL XC"
)


MODALITIES = tuple(_TERMS.split())
"""Defined Terms of Modality (0008,0060), PS3.3 C.7.3.1.1.1."""
