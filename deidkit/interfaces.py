"""The methods of each kind of component. All interfaces are structural; no base class is needed.

Stored samples keep their dtype. Display views are uint8. Boxes are (x0, y0, x1, y1), half open, in stored pixels. Any method
may raise ``ItemError`` to quarantine the file. Any other exception also quarantines it; then only the type of the exception is
recorded, because its message could contain an identifier.
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
    """Optional methods of an ``Image`` that knows how its frames are encoded."""

    def surplus(self, index: int) -> str:
        """Describe the stored bytes that the samples of a frame do not need. No identifiers; empty if there are none."""


@runtime_checkable
class Format(Protocol):
    """Reads and writes one file format."""

    def sniff(self, head: bytes) -> bool:
        """Return whether the first 4,096 bytes of a file are of this format."""

    def open(self, path: Path, limits: Limits) -> Image:
        """Read the header and check budgets. Pixels are not decoded yet.

        Raises:
            UnreadableFile, UnsupportedFile, OverBudget.
        """

    def suffix(self, image: Image, edits: Sequence[Edit]) -> str:
        """Return the suffix, with its dot, of the file that ``save`` writes."""

    def save(self, image: Image, header: Dataset, edits: Sequence[Edit], path: Path) -> Masks:
        """Write ``image`` with ``header`` and ``edits``, and return the boxes that changed.

        Samples outside the returned boxes equal those of the input bit for bit. ``path`` does not exist yet.
        """


@runtime_checkable
class Classifier(Protocol):
    """Labels files before a profile is selected."""

    def classify(self, image: Image) -> Labels:
        """Return the labels of an image, with confidences."""


@runtime_checkable
class SeveralOpinions(Protocol):
    """Optional method of a ``Classifier`` that has several sources."""

    def opinions(self, image: Image) -> Mapping[str, Labels]:
        """Return the labels of each source, such as ``header`` and ``pixels``."""


@runtime_checkable
class Detector(Protocol):
    """Finds regions, usually of text, in the pixels."""

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        """Return one list of regions for each frame, in the same order. Boxes are inside the frame."""


@runtime_checkable
class Recogniser(Protocol):
    """Reads the text in regions."""

    def read(self, frame: Frame, regions: Sequence[Region], context: Context) -> list[Region]:
        """Return the same regions in the same order, with ``text`` and ``text_score`` where text was read."""


@runtime_checkable
class Policy(Protocol):
    """Decides which regions are redacted and which are retained."""

    def decide(self, regions: Sequence[Region], context: Context) -> list[Region]:
        """Return the same boxes in the same order, each with the action KEEP or REDACT, a kind and a reason.

        If the policy has an attribute ``reads`` that is False, it does not use the text, and no text is read for it.
        """


@runtime_checkable
class Redactor(Protocol):
    """Replaces regions of the pixels."""

    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:
        """Return patches that cover every given region completely. All given regions are to be redacted."""


@runtime_checkable
class Scrubber(Protocol):
    """De-identifies headers."""

    def scrub(self, header: Dataset, context: Context) -> list[HeaderChange]:
        """Change ``header``, a deep copy, in place, and return the changes."""


@runtime_checkable
class AttributeRules(Protocol):
    """Optional method of a ``Scrubber`` that can explain its rules."""

    def explain(self, attribute: str, header: Dataset, context: Context) -> Sequence[tuple[str, str]]:
        """Explain what happens to one attribute, as pairs of subject and words.

        The pairs go from general rules to what happens in this header. They contain no header value. The header is not changed,
        and no map is opened or written.

        Raises:
            ValueError: ``attribute`` is not an attribute.
        """


@runtime_checkable
class Verifier(Protocol):
    """Checks a written file."""

    def verify(self, case: Case) -> list[Check]:
        """Return at least one check. Read the written file; do not trust what earlier stages report about it."""


@runtime_checkable
class Generator(Protocol):
    """Creates synthetic images."""

    def generate(self, n: int, seed: int, conditions: Mapping[str, Any]) -> Iterator[Image]:
        """Yield ``n`` synthetic images."""


@runtime_checkable
class Tagger(Protocol):
    """Finds persons, places and similar entities in text, for cleaning headers."""

    def tag(self, text: str) -> Sequence[tuple[int, int, str]]:
        """Return spans (start, end, kind), half open, in characters. Kinds are those of ``deidkit.identity.harvest``."""


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
"""Kind of component -> the Protocol of the objects that it builds."""
