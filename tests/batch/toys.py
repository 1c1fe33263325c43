"""A toy plugin whose files say how their processing shall go wrong. Workers import it by name."""

from __future__ import annotations

import ctypes
import errno
import json
import math
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from pydicom import Dataset

from deidkit.components import Component, Options
from deidkit.errors import UnreadableFile
from deidkit.hookspecs import hookimpl
from deidkit.image import Frame
from deidkit.limits import Limits
from deidkit.types import Action, Case, Check, Context, Edit, HeaderChange, Masks, Patch, Region, Status

MAGIC = b"TOY1"
SIZE = 16
SECRET = "DOE^JANE"
SPAWNED = "3719.25"
STARVED_SECONDS = 3.0
PR_GET_DUMPABLE = 3
PAGES, PAGE_SECONDS = 1000, 0.02


def write_toy(path: Path, number: int, mode: str = "ok") -> None:
    pixels = np.full((SIZE, SIZE), number % 251, np.uint8).tobytes()
    path.write_bytes(MAGIC + json.dumps({"uid": f"1.2.3.{number}", "mode": mode}).encode() + b"\n" + pixels)


class ToyImage:
    is_picture = True

    def __init__(self, path: Path) -> None:
        self.path = path
        line, _, self._pixels = path.read_bytes()[len(MAGIC) :].partition(b"\n")
        fields = json.loads(line)
        self.mode = fields["mode"]
        self.header = Dataset()
        self.header.SOPInstanceUID = fields["uid"]
        self.header.PatientComments = self.mode
        self.frame_count = PAGES if self.mode == "pages" else 1
        self.carriers: tuple[str, ...] = ()
        self.contradictions: tuple[str, ...] = ()

    def frame(self, index: int) -> Frame:
        if self.mode == "pages":
            spin(PAGE_SECONDS)
        samples = np.frombuffer(self._pixels, np.uint8).reshape(SIZE, SIZE)
        return Frame(index, (SIZE, SIZE), lambda: samples, {"grey": lambda s: s}, lambda s: (0,))

    def frames(self) -> Iterator[Frame]:
        return map(self.frame, range(self.frame_count))


class ToyFormat:
    def sniff(self, head: bytes) -> bool:
        return head.startswith(MAGIC)

    def open(self, path: Path, limits: Limits) -> ToyImage:
        image = ToyImage(path)
        if image.mode == "unreadable":
            raise UnreadableFile("toy-damaged", "the toy says it is damaged")
        return image

    def suffix(self, image: ToyImage, edits: Sequence[Edit]) -> str:
        return ".toy"

    def save(self, image: ToyImage, header: Dataset, edits: Sequence[Edit], path: Path) -> Masks:
        if image.mode == "full":
            raise OSError(errno.ENOSPC, "no space")
        line = json.dumps({"uid": str(header.SOPInstanceUID), "mode": "ok"}).encode()
        path.write_bytes(MAGIC + line + b"\n" + bytes(SIZE * SIZE))
        if image.mode in {"readable", "dirty"}:
            path.chmod(0o644)
        return {edit.frame: tuple(patch.box for patch in edit.patches) for edit in edits}


def hang() -> None:
    time.sleep(3600)


def spawn() -> None:
    subprocess.Popen(["sleep", SPAWNED])
    hang()


def spin(seconds: float = math.inf) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def wait_without_processor(seconds: float) -> None:
    """What a busy machine does to a process, whatever the machine: it is runnable and gets no turn."""
    subprocess.Popen(["sh", "-c", f"sleep {seconds}; kill -CONT {os.getpid()}"], start_new_session=True)
    os.kill(os.getpid(), signal.SIGSTOP)


def complain() -> None:
    raise ValueError(SECRET)


def refuse_core_dumps() -> None:
    if leaves_core_dumps():
        raise UnreadableFile("toy-dumps", "this process may leave core dumps")


def leaves_core_dumps() -> bool:
    dumpable = sys.platform == "linux" and ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)
    return bool(resource.getrlimit(resource.RLIMIT_CORE)[0] or dumpable)


ACTS: dict[str, Callable[[], object]] = {
    "hang": hang,
    "abort": os.abort,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "spawn": spawn,
    "busy": spin,
    "busy program": lambda: subprocess.run([sys.executable, "-c", "while True: pass"], check=False),
    "starved": lambda: wait_without_processor(STARVED_SECONDS),
    "dumps": refuse_core_dumps,
    "raise": complain,
    "slow": lambda: time.sleep(0.02),
}
"""What the detector does before it answers, by the mode of the file."""


class ToyDetector:
    def detect(self, frames: Sequence[Frame], context: Context) -> list[list[Region]]:
        mode = str(context.header.PatientComments)
        ACTS.get(mode, lambda: None)()
        if mode == "outside":
            return [[Region((0, 0, 99, 99), 1.0, "toy")]]
        return [[Region((1, 1, 5, 4), 0.9, "toy", text=SECRET)] for _ in frames]


class ToyPolicy:
    def decide(self, regions: Sequence[Region], context: Context) -> list[Region]:
        return [Region(r.box, r.score, r.detector, "other", Action.REDACT, "everything") for r in regions]


class ToyRedactor:
    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:
        skip = context.header.PatientComments == "skip"
        return Edit(frame.index, () if skip else tuple(Patch(r.box) for r in regions), "toy")


class ToyScrubber:
    def scrub(self, header: Dataset, context: Context) -> list[HeaderChange]:
        header.SOPInstanceUID = context.keys.uid(header.SOPInstanceUID)
        return [HeaderChange("(0008,0018)", "U", "toy")]


class ToyVerifier:
    def verify(self, case: Case) -> list[Check]:
        dirty = case.before.header.PatientComments == "dirty"
        return [Check("toy", Status.FAILED if dirty else Status.PASSED, "as the toy says")]


MADE = {
    "format": ToyFormat,
    "detector": ToyDetector,
    "policy": ToyPolicy,
    "redactor": ToyRedactor,
    "scrubber": ToyScrubber,
    "verifier": ToyVerifier,
}


@hookimpl
def deidkit_components() -> list[Component]:
    return [Component(kind, "toy", Options, lambda options, made=made: made(), f"a toy {kind}") for kind, made in MADE.items()]


PLUGIN = SimpleNamespace(deidkit_components=deidkit_components)
