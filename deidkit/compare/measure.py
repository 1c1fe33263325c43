"""Runs one detector over many images in a process of its own: ``python -m deidkit.compare.measure DETECTOR``.

Reads paths and frame numbers as one JSON list from standard input, writes one JSON line an image to standard output. A process
of its own makes its peak memory its own, and lets a detector that crashes spoil only its own row.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deidkit.batch.supervisor import ROOMY, THREADS
from deidkit.errors import DeidkitError, EnvironmentFault, ItemError, RunError, UsageError
from deidkit.headers.quiet import quiet
from deidkit.image import Box
from deidkit.interfaces import Detector, Format
from deidkit.item import reading
from deidkit.keys import NO_KEYS
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit.types import Context, Deadline, Labels

KIB = 1024


@dataclass(frozen=True, slots=True)
class Prediction:
    """Boxes with scores of one image of ``shape`` (rows, columns); ``reason`` says why there are none."""

    boxes: tuple[Box, ...] = ()
    scores: tuple[float, ...] = ()
    shape: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """All predictions of one detector, in the order of the images; ``peak`` is in bytes."""

    detector: str
    predictions: tuple[Prediction, ...] = field(repr=False)
    peak: int = 0


def measure(detector: str, images: Sequence[tuple[Path, int]]) -> Measured:
    """Runs ``detector`` on one frame of each image, on one core.

    Raises:
        UsageError: there is no such detector. EnvironmentFault: it lacks something here. RunError: its process died.
    """
    request = json.dumps([[str(path), frame] for path, frame in images])
    command = [sys.executable, "-m", "deidkit.compare.measure", detector]
    environment = {**ROOMY, **os.environ, **dict.fromkeys(THREADS, "1")}  # as workers of a run start
    child = subprocess.run(command, input=request, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    *lines, last = [json.loads(line) for line in child.stdout.splitlines()] or [{}]
    if "error" in last:
        known: dict[int, type[DeidkitError]] = {2: UsageError, 4: EnvironmentFault}
        raise known.get(child.returncode, RunError)(last["error"])
    if child.returncode or len(lines) != len(images):
        raise RunError(f"the process of detector {detector!r} died on image {len(lines) + 1} of {len(images)}")
    return Measured(detector, tuple(_prediction(line) for line in lines), last["peak"])


def _prediction(line: dict[str, Any]) -> Prediction:
    boxes = tuple((box[0], box[1], box[2], box[3]) for box in line["boxes"])
    rows, columns = line["shape"]
    return Prediction(boxes, tuple(line["scores"]), (rows, columns), line["seconds"], line["reason"])


def _detect(detector: Detector, formats: dict[str, Format], path: Path, index: int) -> dict[str, Any]:
    line: dict[str, Any] = {"boxes": [], "scores": [], "shape": [0, 0], "seconds": 0.0, "reason": None}
    limits = Limits()
    try:
        _, image = reading.read(path, formats, limits)
        frame = image.frame(index)
        line["shape"] = list(frame.shape)
        context = Context(Labels(), "none", (), NO_KEYS, Deadline.after(limits.stage_seconds), image.header)
        started = time.perf_counter()
        regions = detector.detect([frame], context)[0]
        line["seconds"] = round(time.perf_counter() - started, 4)
        line["boxes"], line["scores"] = [region.box for region in regions], [region.score for region in regions]
    except ItemError as error:
        line["reason"] = str(error)
    except Exception as error:  # its text may hold identifiers
        line["reason"] = f"internal-error: {type(error).__name__}"
    return line


def _serve(name: str, request: list[tuple[str, int]]) -> Iterator[dict[str, Any]]:
    registry = installed()
    if registry.find("detector", name) is None:
        raise UsageError(f"there is no detector {name!r}; there are: {', '.join(registry.names('detector'))}")
    detector: Detector = registry.build("detector", name)
    formats: dict[str, Format] = {kind: registry.build("format", kind) for kind in registry.names("format")}
    for path, frame in request:
        yield _detect(detector, formats, Path(path), frame)
    yield {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else KIB)}


def main() -> int:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        with quiet():
            for line in _serve(sys.argv[1], json.load(sys.stdin)):
                answers.write(json.dumps(line) + "\n")
                answers.flush()
    except DeidkitError as error:
        answers.write(json.dumps({"error": str(error)}) + "\n")
        return error.exit_code
    finally:
        answers.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
