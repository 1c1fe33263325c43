"""Time limits of a cine: each detection and each frame that is looked at in between has all of one for itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom import Dataset

from deidkit import types
from deidkit.errors import StageTimeout
from deidkit.image import Frame
from deidkit.item import stages
from deidkit.item.time_limits import within
from deidkit.limits import Limits
from deidkit.types import Context, Deadline, Region

FRAMES, ROWS, COLUMNS = 24, 120, 160
LIMIT = 7.0


class Speckle:
    """Frames full of strokes that are new in each: many detections, and many passes over all frames."""

    frame_count = FRAMES
    header = Dataset()

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


def clocks(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The clock and the processor time that a Deadline sees, to be set."""
    now = {"clock": 100.0, "processor": 7.0}
    monkeypatch.setattr(types.time, "monotonic", lambda: now["clock"])
    monkeypatch.setattr(types, "processor_seconds", lambda: now["processor"])
    return now


def test_a_deadline_counts_work_and_not_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clocks(monkeypatch)
    deadline = Deadline(10.0, begun=now["clock"], spent=now["processor"])
    assert (deadline.left(), deadline.remaining()) == (10.0, 50.0)
    now.update(clock=130.0, processor=8.0)  # a busy machine: a second of work in half a minute
    deadline.check("detect")
    assert (deadline.left(), deadline.remaining()) == (9.0, 20.0)
    now.update(processor=17.0)
    assert deadline.left() == deadline.remaining() == 0.0
    with pytest.raises(StageTimeout, match="time-limit: detect passed"):
        deadline.check("detect")


def test_a_deadline_ends_waiting_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clocks(monkeypatch)
    deadline = Deadline(10.0, begun=now["clock"], spent=now["processor"])
    now.update(clock=149.0)
    deadline.check("detect")
    now.update(clock=150.0)
    with pytest.raises(StageTimeout):
        deadline.check("detect")


def test_threads_of_others_do_not_use_up_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clocks(monkeypatch)
    deadline = Deadline(10.0, begun=now["clock"], spent=now["processor"])
    now.update(clock=109.0, processor=77.0)
    assert deadline.left() == 1.0


def test_an_item_has_a_limit_for_all_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    now, heard = clocks(monkeypatch), []
    beat = within(Deadline(10.0, now["clock"], now["processor"]), lambda *told: heard.append(told))
    for frame in range(3):
        beat("detect", frame, 4.0)
        now.update(clock=now["clock"] + 3.5, processor=now["processor"] + 3.5)
    assert heard == [("detect", 0, 4.0), ("detect", 1, 4.0), ("detect", 2, 3.0)]
    with pytest.raises(StageTimeout, match="item-time-limit"):
        beat("verify", -1, 4.0)
    assert len(heard) == 3
