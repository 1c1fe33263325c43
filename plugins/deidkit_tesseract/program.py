"""Runs the tesseract program on one picture in memory: pixels through a pipe in, its table of words through a pipe out.

No temporary file is ever written, because it would hold what the image shows.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deidkit.errors import EnvironmentFault, ItemError, StageTimeout
from deidkit.image import Box
from deidkit.nn.weights_used import note
from deidkit.processes import limit_processor_time
from deidkit.types import Deadline

TOO_LONG = ("tesseract-time-limit", "tesseract gave no answer within its time limit")
TILES = ("-c", "thresholding_method=1")
ORIENTING = 12
"""The page segmentation mode that also loads the data for orientation and script."""
INSTALL = "apt-get install tesseract-ocr   (macOS: brew install tesseract)"


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word: box in the picture's pixels, confidence in [0, 1], and which line it belongs to."""

    box: Box
    confidence: float
    line: tuple[int, int, int]
    text: str = field(repr=False)


class Program:
    """The installed tesseract with its settings.

    Raises:
        EnvironmentFault: the program or the data of a language is missing.
    """

    def __init__(self, languages: Sequence[str], psm: int, tiles: bool = True) -> None:
        path = shutil.which("tesseract")
        if path is None:
            raise EnvironmentFault(f"the program tesseract is not installed; run: {INSTALL}")
        folder, installed = _installed_languages(path)
        missing = sorted(set(languages) - installed)
        if missing:
            packages = " ".join(f"tesseract-ocr-{name}" for name in missing)
            raise EnvironmentFault(f"tesseract lacks language data; run: apt-get install {packages}")
        note(dict(_trained(folder, [*languages, *(["osd"] if psm == ORIENTING else [])])))
        self._command = (
            path,
            "stdin",
            "stdout",
            "-l",
            "+".join(languages),
            "--psm",
            str(psm),
            *(TILES if tiles else ()),
            "tsv",
        )

    def read(self, picture: NDArray[np.uint8], deadline: Deadline) -> list[Word]:
        """Words in a uint8 picture, (rows, columns) grey or (rows, columns, 3) RGB.

        Raises:
            StageTimeout: no answer before the deadline; the program was killed.
            ItemError: the program failed.
        """
        try:
            with subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            ) as started:
                answer = _answer(started, _portable_map(picture), deadline)
        except OSError:
            raise EnvironmentFault(f"the program tesseract cannot be started; run: {INSTALL}") from None
        if started.returncode == -signal.SIGXCPU:
            raise StageTimeout(*TOO_LONG)
        if started.returncode != 0:
            raise ItemError("tesseract-failed", f"tesseract ended with exit code {started.returncode}")
        return _words(answer.decode("utf-8", "replace"))


def _answer(started: subprocess.Popen[bytes], given: bytes, deadline: Deadline) -> bytes:
    limit_processor_time(started.pid, deadline.left())
    try:
        return started.communicate(given, timeout=max(0.01, deadline.remaining()))[0]
    except subprocess.TimeoutExpired:
        raise StageTimeout(*TOO_LONG) from None
    finally:
        started.kill()


def _installed_languages(path: str) -> tuple[Path, set[str]]:
    """The folder of language data, which newer versions quote in the heading, and the languages in it among other words."""
    try:
        listed = subprocess.run((path, "--list-langs"), capture_output=True, timeout=30, check=False, text=True)
    except (OSError, subprocess.TimeoutExpired):
        raise EnvironmentFault(f"the program tesseract cannot be started; run: {INSTALL}") from None
    folder = listed.stdout.partition('"')[2].partition('"')[0]
    return Path(folder or os.environ.get("TESSDATA_PREFIX") or "/nonexistent"), set(listed.stdout.split())


def _trained(folder: Path, languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """File name and hexadecimal SHA-256 of the data of each language, where it can be read."""
    for name in (f"{language}.traineddata" for language in languages):
        with suppress(OSError):
            yield name, hashlib.sha256((folder / name).read_bytes()).hexdigest()


def _portable_map(picture: NDArray[np.uint8]) -> bytes:
    """Netpbm bytes (P5 or P6): nothing to compress, read by every build of tesseract."""
    kind = b"P5" if picture.ndim == 2 else b"P6"
    return kind + b"\n%d %d\n255\n" % (picture.shape[1], picture.shape[0]) + np.ascontiguousarray(picture).tobytes()


def _words(table: str) -> list[Word]:
    """Rows of level 5 of tesseract's TSV: level page block par line word left top width height conf text."""
    words = []
    for row in table.splitlines():
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != "5" or not cells[11].strip():
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        confidence = min(1.0, max(0.0, float(cells[10]) / 100))
        line = (int(cells[2]), int(cells[3]), int(cells[4]))
        words.append(Word((left, top, left + width, top + height), confidence, line, cells[11].strip()))
    return words
