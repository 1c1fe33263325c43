"""The codes verifier: a code that can be decoded in the written file fails it."""

from __future__ import annotations

from collections.abc import Iterator

from deidkit.image import Box
from deidkit.imaging.boxes import union
from deidkit.nn.looks import telling_views
from deidkit.types import Case, Check, Status
from deidkit_codes.options import CodesCheckOptions
from deidkit_codes.reading import boxes_of, codes_in, grey

NAME = "codes"


class CodesVerifier:
    """Looks at every frame of the written file as its format shows it. ``recheck`` proves that other libraries show the same.

    No code is ever kept: people cannot read what it says, so that no reviewer sees what was let out.
    """

    def __init__(self, options: CodesCheckOptions) -> None:
        self._options = options

    def verify(self, case: Case) -> list[Check]:
        """One check; a failed one says in which frame and around which box, never what the code says.

        Raises:
            StageTimeout: the stage's time is over.
        """
        frame, found = next(((index, boxes) for index, boxes in self._seen(case) if boxes), (0, []))
        measured = {"frames": float(case.after.frame_count)}
        if found:
            place = dict(zip(("frame", "x0", "y0", "x1", "y1"), map(float, (frame, *union(found))), strict=True))
            return [Check(NAME, Status.FAILED, "a barcode or matrix code can still be decoded", measured | place)]
        return [Check(NAME, Status.PASSED, "no barcode or matrix code can be decoded", measured)]

    def _seen(self, case: Case) -> Iterator[tuple[int, list[Box]]]:
        """Every view of every frame with the boxes of what is decoded in it."""
        for frame in case.after.frames():
            for view in telling_views(frame, self._options.views):
                case.context.deadline.check(NAME)
                codes = codes_in(grey(view))
                yield frame.index, [box for code in codes if code.decoded for box in boxes_of(code.quad, 0, frame.shape)]
