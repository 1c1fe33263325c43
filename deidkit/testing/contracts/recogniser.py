"""What every recogniser promises."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from deidkit.image import Frame
from deidkit.imaging.boxes import grow
from deidkit.testing.contracts.base import Contract, assert_private, fingerprint
from deidkit.testing.contracts.detector import frames_of
from deidkit.testing.phantoms import Phantom, make
from deidkit.types import Context, Region


def drawn_regions(phantom: Phantom, frame: Frame) -> tuple[list[Region], list[str]]:
    """Unread regions around the text lines of a frame, and what they say."""
    texts = [text for text in phantom.texts if frame.index in text.frames]
    boxes = [grow(text.box, 4, frame.shape) or text.box for text in texts]
    return [Region(box, 1.0, "truth") for box in boxes], [text.text for text in texts]


class RecogniserContract(Contract):
    """The same regions in the same order, with text where something was read.

    ``similarity`` is the mean likeness of what was read to what was drawn, in [0, 1], that is asked for.
    """

    kind = "recogniser"
    phantoms: ClassVar[tuple[str, ...]] = ("ct", "capture")
    similarity: ClassVar[float] = 0.8

    def seen(self) -> Sequence[Phantom]:
        return [make(name) for name in self.phantoms]

    def test_regions_keep_their_boxes_and_order(self, component: Any, context: Callable[..., Context]) -> None:
        for phantom in self.seen():
            frame = frames_of(phantom)[0]
            regions, _ = drawn_regions(phantom, frame)
            before = fingerprint(frame)
            answer = component.read(frame, regions, context(phantom.dataset))
            assert [region.box for region in answer] == [region.box for region in regions]
            assert all(0.0 <= region.text_score <= 1.0 for region in answer)
            assert fingerprint(frame) == before, "the recogniser changed the samples"

    def test_no_regions_no_answer(self, component: Any, context: Callable[..., Context]) -> None:
        assert component.read(frames_of(self.seen()[0])[0], [], context()) == []

    def test_reads_what_was_drawn(self, component: Any, context: Callable[..., Context]) -> None:
        likeness = []
        for phantom in self.seen():
            frame = frames_of(phantom)[0]
            regions, texts = drawn_regions(phantom, frame)
            for region, text in zip(component.read(frame, regions, context(phantom.dataset)), texts, strict=True):
                read, drawn = (value.lower().replace(" ", "") for value in (region.text or "", text))
                likeness.append(difflib.SequenceMatcher(None, read, drawn).ratio())
        assert sum(likeness) / len(likeness) >= self.similarity

    def test_text_stays_out_of_sight(self, component: Any, context: Callable[..., Context]) -> None:
        for phantom in self.seen():
            frame = frames_of(phantom)[0]
            answer = component.read(frame, drawn_regions(phantom, frame)[0], context(phantom.dataset))
            assert_private("\n".join(f"{region.reason} {region!r}" for region in answer), phantom)
