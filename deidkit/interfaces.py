"""The methods of each kind of component. All interfaces are structural; no base class is needed.

Arrays follow ``deidkit.types``: stored samples keep their dtype, display views are uint8, boxes are (x0, y0, x1, y1) half open
in stored pixels. Any method may raise ``ItemError`` to quarantine the file; any other exception quarantines it too, recorded by
its type alone because its message could hold an identifier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from deidkit.image import Frame, Image
from deidkit.types import Case, Check, Context, Edit, HeaderChange, Labels, Masks, Region

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.limits import Limits

__all__ = [
    "INTERFACES",
    "AttributeRules",
    "Classifier",
    "Detector",
    "EncodedImage",
    "Format",
    "Generator",
    "Policy",
    "Recogniser",
    "Redactor",
    "Scrubber",
    "SeveralOpinions",
    "Tagger",
    "Verifier",
]


@runtime_checkable
class EncodedImage(Protocol):
    """An ``Image`` that knows how its frames are encoded. Formats may leave this out."""

    def surplus(self, index: int) -> str:
        """What is stored with one frame that its samples do not need, in a few words free of identifiers; empty for nothing."""


@runtime_checkable
class Format(Protocol):
    def sniff(self, head: bytes) -> bool:
        """Whether the first 4,096 bytes look like this format."""

    def open(self, path: Path, limits: Limits) -> Image:
        """Reads the header and checks budgets; decodes nothing.

        Raises:
            UnreadableFile, UnsupportedFile, OverBudget.
        """

    def suffix(self, image: Image, edits: Sequence[Edit]) -> str:
        """File name suffix of what ``save`` will write, with its dot."""

    def save(self, image: Image, header: Dataset, edits: Sequence[Edit], path: Path) -> Masks:
        """Writes ``image`` with ``header`` in place of its own and ``edits`` applied, and says which boxes changed.

        Samples outside the returned boxes are bit for bit those of the input. ``path`` does not exist yet.
        """


@runtime_checkable
class Classifier(Protocol):
    def classify(self, image: Image) -> Labels: ...


@runtime_checkable
class SeveralOpinions(Protocol):
    """A ``Classifier`` that can tell what its sources say each for itself. Classifiers may leave this out."""

    def opinions(self, image: Image) -> Mapping[str, Labels]:
        """Source, such as ``header`` and ``pixels``, -> its labels."""


@runtime_checkable
class Detector(Protocol):
    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """One list of regions per frame, in the same order; boxes inside the frame."""


@runtime_checkable
class Recogniser(Protocol):
    def read(self, frame: Frame, regions: Sequence[Region], context: Context) -> list[Region]:
        """The same regions in the same order, with ``text`` and ``text_score`` filled in where something was read."""


@runtime_checkable
class Policy(Protocol):
    def decide(self, regions: Sequence[Region], context: Context) -> list[Region]:
        """The same boxes in the same order, each with its action KEEP or REDACT, a kind and a reason.

        A policy with an attribute ``reads`` that is False decides alike whatever the text says; then nothing is read for it.
        """


@runtime_checkable
class Redactor(Protocol):
    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:
        """Patches that cover every given region completely. Only regions to be redacted are passed in."""


@runtime_checkable
class Scrubber(Protocol):
    def scrub(self, header: Dataset, context: Context) -> list[HeaderChange]:
        """Changes ``header``, a deep copy, in place."""


@runtime_checkable
class AttributeRules(Protocol):
    """A ``Scrubber`` that can say what it does to one attribute and why. Scrubbers may leave this out."""

    def explain(self, attribute: str, header: Dataset, context: Context) -> Sequence[tuple[str, str]]:
        """(subject, words) without a value of the header, from the general to what happens in this one, which stays as it is.

        Nothing is kept of it: no map is opened or written.

        Raises:
            ValueError: ``attribute`` is none.
        """


@runtime_checkable
class Verifier(Protocol):
    def verify(self, case: Case) -> list[Check]:
        """At least one check. Never trusts what earlier stages say about the file: it looks at the written bytes."""


@runtime_checkable
class Generator(Protocol):
    def generate(self, n: int, seed: int, conditions: Mapping[str, Any]) -> Iterator[Image]: ...


@runtime_checkable
class Tagger(Protocol):
    """Finds persons, places and the like in text, for cleaning headers; for instance a network for named entities."""

    def tag(self, text: str) -> Sequence[tuple[int, int, str]]:
        """Spans as (start, end, kind), half open, in characters; kinds are those of ``deidkit.identity.harvest``."""


INTERFACES: dict[str, type] = {
    "format": Format,
    "classifier": Classifier,
    "detector": Detector,
    "recogniser": Recogniser,
    "policy": Policy,
    "redactor": Redactor,
    "scrubber": Scrubber,
    "verifier": Verifier,
    "generator": Generator,
    "tagger": Tagger,
}
"""Component kind -> the Protocol that what it builds has to satisfy."""
