"""What every redactor promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import clip, covered, rasterise
from deidkit.testing.contracts.base import Contract, fingerprint
from deidkit.testing.contracts.detector import frames_of
from deidkit.testing.images import apply
from deidkit.testing.phantoms import Phantom, make
from deidkit.types import Action, Context, Edit, Region

AWKWARD = {
    "one pixel": [(3, 4, 4, 5)],
    "the corner": [(0, 0, 2, 2)],
    "the far corner": [(-3, -2, 0, 0)],
    "one inside another": [(10, 10, 90, 60), (20, 20, 40, 30)],
    "twice the same": [(10, 10, 90, 60)] * 2,
    "a whole row": [(0, 7, 0, 8)],
}
"""Boxes; an end that is not positive counts from the far side, as does a negative start."""


def placed(box: Box, shape: tuple[int, int]) -> Box:
    rows, columns = shape
    x0, y0 = (start + size if start < 0 else start for start, size in ((box[0], columns), (box[1], rows)))
    x1, y1 = (end + size if end <= 0 else end for end, size in ((box[2], columns), (box[3], rows)))
    return (x0, y0, x1, y1)


def doomed(boxes: Sequence[Box]) -> list[Region]:
    return [Region(box, 0.9, "truth", "identity", Action.REDACT, "contract") for box in boxes]


class RedactorContract(Contract):
    """Patches cover every region whole, stay inside the frame and carry the frame's dtype; the ink is gone.

    ``phantoms`` are the pictures to work on; by default colour, MONOCHROME1 and signed ones.
    """

    kind = "redactor"
    phantoms: ClassVar[tuple[str, ...]] = ("us", "cr", "ct")

    def seen(self) -> Sequence[Phantom]:
        return [make(name) for name in self.phantoms]

    def check(self, edit: Edit, frame: Frame, boxes: Sequence[Box]) -> None:
        assert edit.frame == frame.index
        assert edit.method
        patches = [patch.box for patch in edit.patches]
        assert all(clip(box, frame.shape) == box for box in patches), "a patch is empty or beyond the frame"
        assert all(covered(box, patches) == 1.0 for box in boxes), "part of a region is not covered"
        for patch in edit.patches:
            if patch.samples is not None:
                x0, y0, x1, y1 = patch.box
                assert patch.samples.shape == frame.samples[y0:y1, x0:x1].shape
                assert patch.samples.dtype == frame.samples.dtype

    def test_covers_the_text_of_every_frame(self, component: Any, context: Callable[..., Context]) -> None:
        for phantom in self.seen():
            for frame in frames_of(phantom):
                boxes = phantom.boxes(frame.index, "phi")
                before = fingerprint(frame)
                edit = component.redact(frame, doomed(boxes), context(phantom.dataset))
                self.check(edit, frame, boxes)
                assert fingerprint(frame) == before, "the redactor changed the samples it was given"

    def test_the_ink_is_gone(self, component: Any, context: Callable[..., Context]) -> None:
        for phantom in self.seen():
            frame = frames_of(phantom)[0]
            boxes = phantom.boxes(0, "phi")
            result = apply(component.redact(frame, doomed(boxes), context(phantom.dataset)), frame)
            for box in boxes:
                assert shows(frame.samples, frame.samples, box) > 0.9, "the phantom's own text has to be visible"
                assert shows(frame.samples, result, box) < 0.3, "the strokes can still be seen in the output"

    def test_little_else_changes(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        frame = frames_of(phantom)[0]
        boxes = phantom.boxes(0, "phi")
        edit = component.redact(frame, doomed(boxes), context(phantom.dataset))
        far = ~rasterise([(x0 - 32, y0 - 32, x1 + 32, y1 + 32) for x0, y0, x1, y1 in boxes], frame.shape)
        assert np.array_equal(apply(edit, frame)[far], frame.samples[far]), "pixels far from any region changed"

    @pytest.mark.parametrize("name", AWKWARD)
    def test_awkward_regions(self, component: Any, context: Callable[..., Context], name: str) -> None:
        for phantom in self.seen():
            frame = frames_of(phantom)[0]
            boxes = [placed(box, frame.shape) for box in AWKWARD[name]]
            self.check(component.redact(frame, doomed(boxes), context(phantom.dataset)), frame, boxes)

    def test_no_regions_no_patches(self, component: Any, context: Callable[..., Context]) -> None:
        frame = frames_of(self.seen()[0])[0]
        assert component.redact(frame, [], context()).patches == ()

    def test_same_in_same_out(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        frame = frames_of(phantom)[0]
        regions = doomed(phantom.boxes(0, "phi"))
        first, second = (component.redact(frame, regions, context(phantom.dataset)) for _ in range(2))
        assert [patch.box for patch in first.patches] == [patch.box for patch in second.patches]
        assert np.array_equal(apply(first, frame), apply(second, frame))


def shows(original: Array, result: Array, box: Box) -> float:
    """How strongly the strokes of ``original`` show in ``result`` inside ``box``: absolute correlation, 0 on a flat fill."""
    x0, y0, x1, y1 = box
    strokes, seen = (
        part[y0:y1, x0:x1].reshape(y1 - y0, x1 - x0, -1).mean(-1, dtype=np.float64).ravel() for part in (original, result)
    )
    if strokes.std() == 0 or seen.std() == 0:
        return 0.0
    return float(abs(np.corrcoef(strokes, seen)[0, 1]))
