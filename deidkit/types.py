"""Records that stages pass to each other: small frozen dataclasses over numpy arrays.

Boxes are ``(x0, y0, x1, y1)`` in stored pixels of one frame, half open: ``samples[y0:y1, x0:x1]``. Recognised text and
identifiers are kept out of ``repr`` so that no log line or traceback shows them.
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
    """What the policy decided for one region."""

    UNDECIDED = "undecided"
    KEEP = "keep"
    REDACT = "redact"


@dataclass(frozen=True, slots=True)
class Region:
    """One piece of text (or of anything else to be judged) in a frame.

    ``score`` is the detector's own confidence in [0, 1]; ``kind`` the class that the policy gave; ``reason`` why it was kept or
    redacted, free of identifiers. ``text`` is None while nobody has read the region. A ``hint`` is too uncertain to count
    unless another detector of the profile found something in the same place, or it is no larger than a letter; see
    ``deidkit.imaging.fusion``. Detectors give hints only when an option asks.
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
    """Whether the view of this name shows the values of the default view in another window: worth a look only where it shows
    what the views before it hide. Any other one shows something else, and is always looked at.
    """
    return view.rstrip("0123456789") in ("default", "full", "window", "band")


@dataclass(frozen=True, slots=True)
class Patch:
    """One rectangle to replace: by ``samples`` (its shape and the frame's dtype), or by black when they are None."""

    box: Box
    samples: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Edit:
    """What a redactor wants changed in one frame. ``generated`` says that pixels were invented rather than blanked.

    ``record`` "seg" asks for a segmentation object of the generated patches beside the image.
    """

    frame: int
    patches: tuple[Patch, ...]
    method: str
    generated: bool = False
    record: Literal["block", "seg"] = "block"


Masks = Mapping[int, tuple[Box, ...]]
"""Frame index -> the boxes that really changed in the written file, as reported by ``Format.save``."""


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of a classifier with its probability in [0, 1]; ``value`` None means unsure."""

    value: str | None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Labels:
    """What a classifier says of one image.

    ``modality`` is a DICOM Modality defined term (US, CT, MR, CR, DX, MG, XA, RF, NM, PT, ES, OP, XC, SM, IO, ...) or ``OT``;
    ``kind`` one of ``deidkit.types.KINDS``. ``conflict`` says that sources contradict.
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
    """One attribute that the scrubber changed: where and how, never the value.

    ``path`` is a tag path such as ``(0008,1140)[0].(0008,1155)``; ``action`` a code of PS3.15 Table E.1-1 (X, Z, D, U, C) or a
    plugin's own word; ``source`` the row, option or rule that asked for it.
    """

    path: str
    action: str
    source: str


@dataclass(frozen=True, slots=True)
class Identifier:
    """One known value that points at a person, an institution or a study. ``keyword`` is the DICOM keyword it came from."""

    kind: str
    keyword: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Everything known to identify this patient and study; ``scope`` says how many objects it was gathered from."""

    items: frozenset[Identifier] = field(default=frozenset(), repr=False)
    scope: int = 1

    def of(self, *kinds: str) -> Iterator[Identifier]:
        return (item for item in self.items if item.kind in kinds)

    def merged(self, other: Identifiers) -> Identifiers:
        return Identifiers(self.items | other.items, self.scope + other.scope)


PATIENCE = 5.0
"""How many times its limit work may take on the clock: that it waits for a processor of a busy machine is not its fault."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When work has to be given up: after ``seconds``, or later where it got no processor.

    What counts is the processor time of this process and of the programs that it has waited for, where that is less than the
    time on the clock; after PATIENCE times ``seconds`` on the clock it is over whatever the work was waiting for.
    """

    seconds: float
    begun: float = field(default_factory=time.monotonic)
    spent: float = field(default_factory=processor_seconds)

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(seconds)

    def left(self) -> float:
        """Seconds of work that may still be done, never below zero."""
        on_clock = time.monotonic() - self.begun
        if on_clock >= PATIENCE * self.seconds:
            return 0.0
        return max(0.0, self.seconds - min(on_clock, processor_seconds() - self.spent))

    def remaining(self) -> float:
        """Seconds on the clock after which it is over whatever happens, for programs and answers that are waited for."""
        end = self.begun + PATIENCE * self.seconds
        return max(0.0, end - time.monotonic()) if self._may_go_on() else 0.0

    def check(self, stage: str) -> None:
        """Raises StageTimeout once the time is over."""
        if not self._may_go_on():
            raise StageTimeout("time-limit", f"{stage} passed its time limit")

    def _may_go_on(self) -> bool:
        return time.monotonic() - self.begun < self.seconds or self.left() > 0


@dataclass(frozen=True, slots=True)
class Context:
    """What every stage may know about the item at hand. ``header`` is the original one, not to be changed.

    ``detectors`` are the component names of the profile's detect stage, so that a verifier can pick another family.
    """

    labels: Labels
    profile: str
    detectors: tuple[str, ...]
    keys: Keys = field(repr=False)
    deadline: Deadline
    header: Dataset = field(repr=False)
    identifiers: Identifiers = field(default=Identifiers(), repr=False)


class Status(str, Enum):
    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One result of a verifier. ``detail`` and ``measured`` are free of identifiers; anything but FAILED lets the item out."""

    name: str
    status: Status
    detail: str = ""
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a verifier may look at. ``path`` is the written temporary file; ``after`` was opened from it.

    ``edits_known`` False says that ``masks``, ``regions`` and ``changes`` are empty because nobody knows them: two files are
    compared, whoever made the second one. ``companions`` are further objects written to go out beside the file.
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
    """The checks of one item taken together: released only when there is at least one and none failed."""

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
"""Kinds that no built-in profile is for: code and words with which they are quarantined where no other profile matches."""


KINDS = (
    *("image", "capture", "seg", "map"),
    *("sr", "pr", "rt", "waveform", "registration", "surface", "measurement", "annotation", "protocol", "non_patient"),
    *UNSERVED,
)
"""What an object is: with a picture, with other samples, without pixels, and what is never released unasked."""


QUALITIES = ("good", "blurred", "dark", "bright", "empty", "pattern", "not_medical")


_TERMS = (
    "ANN AR ASMT AU BDUS BI BMD CFM CR CT CTPROTOCOL DG DMS DOC DX ECG EEG EMG EOG EPS ES FID GM HC HD IO IOL IVOCT IVUS "
    "KER KO LEN LS M3D MG MR NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PA PLAN POS PR PT PX REG RESP RF RG RTDOSE "
    "RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV SEG SM SMR SR SRF STAIN TEXTUREMAP TG US VA XA "
    "XAPROTOCOL XC"
)


MODALITIES = tuple(_TERMS.split())
"""Defined Terms of Modality (0008,0060), PS3.3 C.7.3.1.1.1."""
