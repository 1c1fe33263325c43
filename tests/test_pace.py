"""Time limits of a cine: each detection and each frame that is looked at in between has all of one for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np

from deidkit import stages
from deidkit.limits import Limits
from deidkit.types import Context, Frame, Region

FRAMES, ROWS, COLUMNS = 24, 120, 160
LIMIT = 7.0


class Speckle:
    """Frames full of strokes that are new in each: many detections, and many passes over all frames."""

    frame_count = FRAMES

    def __init__(self, log: list[str]) -> None:
        self.log = log

    def frame(self, index: int) -> Frame:
        noise = np.random.default_rng(index).normal(size=(ROWS, COLUMNS)).astype(np.float32)
        picture = np.clip(90 + 500 * cv2.GaussianBlur(noise, (0, 0), 1.5), 0, 230).astype(np.uint8)

        def load() -> np.ndarray:
            self.log.append("decode")
            return picture

        return Frame(index, (ROWS, COLUMNS), load, {"default": np.asarray}, lambda _: (0,))

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))


def test_a_beat_comes_before_every_detection_and_every_decoding(monkeypatch: Any) -> None:
    log: list[str] = []

    def detect(frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        log.append("detect")
        assert context.deadline.remaining() > LIMIT - 1
        return [[Region((10, 10, 60, 30), 1.0, "toy", text="x")] for _ in frames]

    def beat(stage: str, frame: int, seconds: float) -> None:
        log.append("beat")
        assert stage.startswith("detect:")
        assert 0 <= frame < FRAMES
        assert seconds == LIMIT

    chain: Any = SimpleNamespace(
        detectors=[("toy", SimpleNamespace(detect=detect))], recognisers=[], limits=Limits(stage_seconds=LIMIT)
    )
    context: Any = Context(*[None] * 3, keys=None, deadline=None, header=None)  # type: ignore[arg-type]
    stages.detect(chain, Speckle(log), context, beat)  # type: ignore[arg-type]
    assert log.count("detect") > FRAMES // 2
    for stage in ("detect", "decode"):
        where = [at for at, what in enumerate(log) if what == stage]
        assert all("beat" in log[a:b] for a, b in zip([0, *where], where, strict=False))
