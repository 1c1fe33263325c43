"""Recall, false coverage and speed of one detector.

    python benchmarks/detectors.py --detector rapidocr --images ../shared/data/images --output predictions.jsonl

IMAGES holds truth.json with clean/ and text/; where it is absent, synthetic phantoms and clouds stand in. An instance counts as
found when at least 85 % of its box is covered; logos and illegible text are left out. Recognised text is never written.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit.errors import ItemError
from deidkit.image import Box, Frame
from deidkit.imaging.boxes import covered, rasterise
from deidkit.item import reading
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit.testing.images import frame_of
from deidkit.testing.phantoms import NAMES, make
from deidkit.types import Context, Deadline, Labels

FOUND = 0.85
SHARED = Path(__file__).parents[2] / "shared" / "data" / "images"


@dataclass(frozen=True, slots=True)
class Sample:
    """A first frame with the boxes of its text by kind; ``None`` marks an image that cannot be read."""

    file: str
    frame: Frame | None
    truth: tuple[tuple[str, Box], ...]


@dataclass(slots=True)
class Score:
    hits: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    areas: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    failed: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, sample: Sample, boxes: list[Box]) -> None:
        assert sample.frame is not None
        if not sample.truth:
            self.areas.append(float(rasterise(boxes, sample.frame.shape).mean()))
        for number, (kind, box) in enumerate(sample.truth):
            self.hits[kind].append(covered(box, boxes) >= FOUND)
            if not self.hits[kind][-1]:
                self.missed.append(f"{sample.file} #{number} {kind} {list(box)}")


def real(root: Path) -> Iterator[Sample]:
    registry, limits = installed(), Limits()
    formats = {name: registry.build("format", name) for name in registry.names("format")}
    for entry in json.loads((root / "truth.json").read_text()).values():
        counted = [i for i in entry["instances"] if not i.get("logo") and i.get("legible", True)]
        truth = tuple((str(i["kind"]), _box(i["box"])) for i in counted)
        try:
            frame = reading.read(root / entry["file"], formats, limits)[1].frame(0)
            frame.view()
        except ItemError:
            frame = None
        yield Sample(entry["file"], frame, truth)


def _box(values: list[float]) -> Box:
    x0, y0, x1, y1 = (int(value) for value in values)
    return x0, y0, x1, y1


def synthetic(seeds: int = 6) -> Iterator[Sample]:
    for name in NAMES:
        for seed in range(seeds):
            phantom = make(name, seed)
            truth = tuple((text.kind, text.box) for text in phantom.texts if 0 in text.frames)
            yield Sample(f"{name}-{seed}", frame_of(phantom.samples[0]), truth)
    for seed in range(4 * seeds):
        yield Sample(f"clouds-{seed}", frame_of(_clouds(seed)), ())


def _clouds(seed: int) -> NDArray[np.uint8]:
    """A picture without text: blurred noise at several scales, (512, 640)."""
    rng = np.random.default_rng(seed)
    layers = [cv2.GaussianBlur(rng.random((512, 640), np.float32), (0, 0), s) for s in (1.5, 6.0, 40.0)]
    stretched = [(layer - layer.min()) / (layer.max() - layer.min()) for layer in layers]
    return np.asarray(np.sum(stretched, axis=0) / 3 * 255, np.uint8)


def measure(detector: Any, samples: Iterable[Sample], output: Path | None) -> Score:
    score, lines = Score(), []
    for sample in samples:
        if sample.frame is None:
            score.failed += 1
            continue
        for view in sample.frame.views:
            sample.frame.view(view)
        context = Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(120), _empty_header())
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            regions = detector.detect([sample.frame], context)[0]
        except ItemError:
            score.failed += 1
            regions = []
        score.wall.append(time.perf_counter() - wall)
        score.cpu.append(time.process_time() - cpu)
        score.add(sample, [region.box for region in regions])
        boxes = [{"box": list(region.box), "score": round(region.score, 4), "detector": region.detector} for region in regions]
        lines.append(json.dumps({"file": sample.file, "frame": 0, "boxes": boxes}))
    if output:
        output.write_text("".join(line + "\n" for line in lines))
    return score


def _empty_header() -> Any:
    from pydicom import Dataset

    return Dataset()


def report(score: Score) -> Mapping[str, Any]:
    rows = {kind: f"{sum(hits)} of {len(hits)} ({100 * np.mean(hits):.1f} %)" for kind, hits in sorted(score.hits.items())}
    return rows | {
        "clean area covered": f"{100 * np.mean(score.areas or [0]):.3f} % of {len(score.areas)} images",
        "clean images over 0.2 %": sum(area > 0.002 for area in score.areas),
        "seconds a frame, wall": f"{np.mean(score.wall):.2f} (most {max(score.wall):.2f})",
        "seconds a frame, this process": f"{np.mean(score.cpu):.2f}",
        "not read or not finished": score.failed,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", default="rapidocr")
    parser.add_argument("--options", default="{}", help="JSON")
    parser.add_argument("--images", type=Path, default=SHARED)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    detector = installed().build("detector", given.detector, json.loads(given.options))
    there = (given.images / "truth.json").exists()
    score = measure(detector, real(given.images) if there else synthetic(), given.output)
    print("\n".join(f"missed: {line}" for line in score.missed))
    print(f"{given.detector} on {'real images' if there else 'phantoms'}")
    print("\n".join(f"  {name:32s} {value}" for name, value in report(score).items()))


if __name__ == "__main__":
    main()
