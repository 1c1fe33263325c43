"""The rendering check: does the format show what another library shows of the same file?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from deidkit.image import Box, Frame
from deidkit.imaging.boxes import union
from deidkit.types import Case, Check, Status
from deidkit_recheck.frames import Composites
from deidkit_recheck.pairs import Pairs
from deidkit_recheck.rendered import Rendered

NAME = "rendering"
MOST_PLACES = 20
"""Boxes that a record names one by one."""


@dataclass(slots=True)
class Comparison:
    """All frames of one file compared. ``frames`` is how many the library shows; ``composites`` are made of its pictures."""

    frames: int = 0
    differing: tuple[int, Box] | None = None
    doubtful: bool = False
    composites: Composites = field(default_factory=Composites)


def compare(case: Case, pairs: Pairs, *, compose: bool) -> Comparison:
    """Compares the default view and the windows of every frame with the library's pictures; composes these where asked to.

    Raises:
        StageTimeout: the stage's time is over.
        ItemError: the format cannot show a frame.
    """
    found = Comparison()
    for frame, rendered in pairs.all():
        case.context.deadline.check(NAME)
        if compose:
            found.composites.add(next(iter(rendered.pictures().values())) if rendered else frame.view())
        if rendered:
            found.frames += 1
            found.doubtful |= rendered.doubtful
            box = _differing(frame, rendered) if found.differing is None else None
            found.differing = (frame.index, box) if box else found.differing
    return found


def _differing(frame: Frame, rendered: Rendered) -> Box | None:
    """Where a view that claims to be a display of the frame is none: the first one, and those named after windows."""
    claimed = [name for number, name in enumerate(frame.views) if number == 0 or name.startswith("window")]
    boxes = (rendered.differing(frame.view(name)) for name in claimed)
    return next((box for box in boxes if box), None)


def verdict(case: Case, pairs: Pairs, found: Comparison) -> Check:
    """FAILED where the renderings differ, or where the library cannot show what deidkit itself wrote anew.

    WARNED where only one rendering exists (the readers look at that one), or where a file contradicts itself about its colours.
    """
    frames = {"frames": float(found.frames)}
    if pairs.frame_count not in (None, case.after.frame_count):
        return Check(NAME, Status.FAILED, "the file holds another number of frames than the format shows", frames)
    if found.differing:
        detail = "the format shows a frame otherwise than another library"
        return Check(NAME, Status.FAILED, detail, frames | place(*found.differing))
    if pairs.unrendered:
        broken = pairs.unrendered.supported and any(case.masks.values())
        return Check(NAME, Status.FAILED if broken else Status.WARNED, str(pairs.unrendered), frames)
    if found.doubtful:
        return Check(NAME, Status.WARNED, "header and codestream tell different colour spaces; both were read", frames)
    return Check(NAME, Status.PASSED, "another library shows the same pictures", frames)


def place(frame: int, box: Box | None) -> dict[str, float]:
    """Where a reviewer has to look: a box in stored pixels of a frame, -1 for an overlay or a picture made of all frames."""
    return dict(zip(("frame", "x0", "y0", "x1", "y1"), map(float, (frame, *box)), strict=True)) if box else {}


def places(frame: int, boxes: Sequence[Box]) -> dict[str, float]:
    """The box around all of ``boxes`` and, where there are several, each of the first ``MOST_PLACES``, numbered from 1."""
    if not boxes:
        return {}
    several = boxes[:MOST_PLACES] if len(boxes) > 1 else ()
    corners = ("x0", "y0", "x1", "y1")
    single = {
        f"{corner}_{n}": float(value) for n, box in enumerate(several, 1) for corner, value in zip(corners, box, strict=True)
    }
    return place(frame, union(boxes)) | single
