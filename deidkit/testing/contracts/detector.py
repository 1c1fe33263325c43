"""What every detector promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from deidkit.errors import StageTimeout
from deidkit.image import Array, Frame
from deidkit.imaging.boxes import covered
from deidkit.testing.contracts.base import Contract, assert_inside, assert_private, fingerprint, header_fingerprint
from deidkit.testing.images import frame_of
from deidkit.testing.phantoms import Phantom, make
from deidkit.types import Context

ODD_FRAMES: dict[str, Array] = {
    "one pixel": np.zeros((1, 1), np.uint8),
    "one row": np.arange(300, dtype=np.uint16)[None],
    "all black": np.zeros((64, 80), np.uint16),
    "all the same, signed": np.full((40, 64), -1000, np.int16),
    "noise in colour": np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8),
}


def frames_of(phantom: Phantom) -> list[Frame]:
    dataset = phantom.dataset
    window = (float(dataset.WindowCenter), float(dataset.WindowWidth)) if "WindowWidth" in dataset else None
    negative = dataset.PhotometricInterpretation == "MONOCHROME1"
    return [frame_of(samples, index, negative=negative, window=window) for index, samples in enumerate(phantom.samples)]


class DetectorContract(Contract):
    """Boxes lie inside their frames, one list a frame in the order given; inputs stay as they were; same in, same out.

    ``phantoms`` are those to look at. ``recall`` is the share of their identifying text lines of which at least 85 % of the box
    has to be covered; 0 for detectors that do not look for text.
    """

    kind = "detector"
    phantoms: ClassVar[tuple[str, ...]] = ("us", "ct", "cr")
    recall: ClassVar[float] = 0.9

    def seen(self) -> Sequence[Phantom]:
        return [make(name) for name in self.phantoms]

    def test_one_list_a_frame_in_the_order_given(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = next((p for p in self.seen() if p.frame_count > 1), self.seen()[0])
        frames = frames_of(phantom)[:2][::-1]
        told = context(phantom.dataset)
        together = component.detect(frames, told)
        assert len(together) == len(frames)
        assert together == [component.detect([frame], told)[0] for frame in frames]

    def test_no_frames_no_lists(self, component: Any, context: Callable[..., Context]) -> None:
        assert component.detect([], context()) == []

    def test_boxes_lie_inside_and_inputs_stay(self, component: Any, context: Callable[..., Context]) -> None:
        for phantom in self.seen():
            frame = frames_of(phantom)[0]
            before, header = fingerprint(frame), header_fingerprint(phantom.dataset)
            regions = component.detect([frame], context(phantom.dataset))[0]
            assert_inside(regions, frame)
            assert fingerprint(frame) == before, "the detector changed the samples"
            assert header_fingerprint(phantom.dataset) == header, "the detector changed the header"

    def test_same_in_same_out(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        told = context(phantom.dataset)
        assert component.detect(frames_of(phantom)[:1], told) == component.detect(frames_of(phantom)[:1], told)

    @pytest.mark.parametrize("name", ODD_FRAMES)
    def test_odd_frames_do_no_harm(self, component: Any, context: Callable[..., Context], name: str) -> None:
        frame = frame_of(ODD_FRAMES[name])
        assert_inside(component.detect([frame], context())[0], frame)

    def test_finds_the_text_that_was_drawn(self, component: Any, context: Callable[..., Context]) -> None:
        lines, found = 0, 0
        for phantom in self.seen():
            boxes = [region.box for region in component.detect(frames_of(phantom)[:1], context(phantom.dataset))[0]]
            shares = [covered(box, boxes) for box in phantom.boxes(0, "phi")]
            lines, found = lines + len(shares), found + sum(share >= 0.85 for share in shares)
        assert found >= self.recall * lines, f"{found} of {lines} identifying lines were covered"

    def test_reasons_hold_no_text(self, component: Any, context: Callable[..., Context]) -> None:
        for phantom in self.seen():
            regions = component.detect(frames_of(phantom)[:1], context(phantom.dataset))[0]
            assert_private("\n".join(f"{region.reason} {region.kind} {region!r}" for region in regions), phantom)

    def test_a_deadline_in_the_past_is_a_timeout_or_an_answer(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        frames = frames_of(phantom)[:1]
        try:
            answer = component.detect(frames, context(phantom.dataset, seconds=0.0))
        except StageTimeout as error:
            assert_private(str(error), phantom)
        else:
            assert len(answer) == 1
