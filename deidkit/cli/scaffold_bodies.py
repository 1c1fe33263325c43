"""What a generated plugin does at first: as little as its contract allows, so that it runs and can be grown."""

from __future__ import annotations

from dataclasses import dataclass

NO_FIELDS = """\
    example: int = Field(default=1, ge=1, le=9)
    \"\"\"Describe each option here; `deidkit plugins show` prints it.\"\"\""""


@dataclass(frozen=True, slots=True)
class Body:
    """``code`` is the component module, ``fields`` its options, ``settings`` the class variables of its contract test."""

    summary: str
    code: str
    settings: str
    fields: str = NO_FIELDS


HEAD = '''\
"""The $kind itself."""

from __future__ import annotations

'''

CLASSIFIER = Body(
    "says nothing yet",
    HEAD
    + '''\
from deidkit.image import Image
from deidkit.types import Labels

from deidkit_$name.options import Options$camel


class $camel:
    """Leaves every label open, so that the strictest profile applies."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def classify(self, image: Image) -> Labels:
        return Labels()
''',
    "    knows = {}",
)

DETECTOR = Body(
    "rows with strong contrast",
    HEAD
    + '''\
from collections.abc import Iterator, Sequence

import numpy as np

from deidkit.image import Box, Frame
from deidkit.types import Context, Region

from deidkit_$name.options import Options$camel


class $camel:
    """Marks bands of rows in which neighbouring pixels differ strongly."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        return [[Region(box, 0.5, "$name") for box in self._bands(frame)] for frame in frames]

    def _bands(self, frame: Frame) -> Iterator[Box]:
        view = frame.view()
        grey = view if view.ndim == 2 else view.max(axis=2)
        steps = np.abs(np.diff(grey.astype(np.int16), axis=1)) >= self._options.step
        busy = np.concatenate(([False], steps.sum(axis=1) >= self._options.strokes, [False]))
        edges = np.flatnonzero(np.diff(busy.astype(np.int8)))
        for top, bottom in zip(edges[::2], edges[1::2]):
            yield (0, int(top), frame.shape[1], int(bottom))
''',
    "    recall = 0.0  # the share of drawn lines that has to be covered: raise it as the detector learns to see",
    """\
    step: int = Field(default=96, ge=1, le=255)
    \"\"\"Least difference between neighbouring pixels of the 8-bit view.\"\"\"
    strokes: int = Field(default=12, ge=1)
    \"\"\"Least number of such differences in a row.\"\"\"""",
)

POLICY = Body(
    "redacts everything",
    HEAD
    + '''\
from collections.abc import Sequence
from dataclasses import replace

from deidkit.types import Action, Context, Region

from deidkit_$name.options import Options$camel


class $camel:
    """Redacts every region."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def decide(self, regions: Sequence[Region], context: Context) -> list[Region]:
        return [replace(region, action=Action.REDACT, kind="text", reason="everything is redacted") for region in regions]
''',
    '    phantom_name = "us"',
)

RECOGNISER = Body(
    "reads nothing yet",
    HEAD
    + '''\
from collections.abc import Sequence

from deidkit.image import Frame
from deidkit.types import Context, Region

from deidkit_$name.options import Options$camel


class $camel:
    """Returns every region unread, which the policy then redacts."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def read(self, frame: Frame, regions: Sequence[Region], context: Context) -> list[Region]:
        return list(regions)
''',
    "    similarity = 0.0  # mean likeness of what is read to what was drawn: raise it as the recogniser learns to read",
)

REDACTOR = Body(
    "black boxes with a margin",
    HEAD
    + '''\
from collections.abc import Sequence

from deidkit.image import Frame
from deidkit.imaging.boxes import grow
from deidkit.types import Context, Edit, Patch, Region

from deidkit_$name.options import Options$camel


class $camel:
    """Covers every region and a margin around it with what displays as black."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:
        boxes = [grow(region.box, self._options.margin, frame.shape) for region in regions]
        return Edit(frame.index, tuple(Patch(box) for box in boxes if box is not None), "$name")
''',
    '    phantoms = ("us", "cr", "ct")',
    """\
    margin: int = Field(default=2, ge=0, le=64)
    \"\"\"Pixels added on every side.\"\"\"""",
)

SCRUBBER = Body(
    "removes one attribute",
    HEAD
    + '''\
from deidkit.types import Context, HeaderChange
from pydicom import Dataset

from deidkit_$name.options import Options$camel

COMMENTS = 0x00204000


class $camel:
    """Removes Image Comments."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def scrub(self, header: Dataset, context: Context) -> list[HeaderChange]:
        if COMMENTS not in header:
            return []
        del header[COMMENTS]
        return [HeaderChange("(0020,4000)", "X", "$name")]
''',
    "    clears = frozenset()  # kinds of planted identifier that have to be gone afterwards",
)

TAGGER = Body(
    "words after a title",
    HEAD
    + '''\
import re
from collections.abc import Sequence

from deidkit_$name.options import Options$camel

TITLED = re.compile(r"\\b(?:Dr|Mr|Mrs|Ms|Prof)\\.? +((?:[^\\W\\d_]+[ -]?){1,3})")


class $camel:
    """Takes up to three words after a title for a name."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def tag(self, text: str) -> Sequence[tuple[int, int, str]]:
        return [(found.start(1), found.end(1), "name") for found in TITLED.finditer(text)]
''',
    "    # finds maps texts to what has to be found in them",
)

VERIFIER = Body(
    "frames keep their size",
    HEAD
    + '''\
from deidkit.types import Case, Check, Status

from deidkit_$name.options import Options$camel


class $camel:
    """Fails when a frame was lost or changed its size."""

    def __init__(self, options: Options$camel) -> None:
        self._options = options

    def verify(self, case: Case) -> list[Check]:
        sizes = [[frame.shape for frame in image.frames()] for image in (case.before, case.after)]
        status = Status.PASSED if sizes[0] == sizes[1] else Status.FAILED
        return [Check("$name", status, "number and size of frames", {"frames": float(len(sizes[1]))})]
''',
    "    catches = frozenset()  # names from deidkit.testing.contracts.SABOTAGES that it has to notice",
)

BODIES = {
    "classifier": CLASSIFIER,
    "detector": DETECTOR,
    "policy": POLICY,
    "recogniser": RECOGNISER,
    "redactor": REDACTOR,
    "scrubber": SCRUBBER,
    "tagger": TAGGER,
    "verifier": VERIFIER,
}
