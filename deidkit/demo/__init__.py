"""The demonstration: de-identifies synthetic images with invented patients, and draws the result."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.errors import UsageError

if TYPE_CHECKING:
    from deidkit.batch.runner import Progress
    from deidkit.records import RunSummary
    from deidkit.testing.phantoms import Phantom

SHEET = "before-after.png"


@dataclass(frozen=True, slots=True)
class Shown:
    """One file of the demonstration: ``after`` is None when it was not released."""

    name: str
    before: Path
    after: Path | None
    planted: int
    found: int
    drawn: int
    profile: str | None
    regions: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What ``run`` did: the run's own summary, one entry a file, and where the picture lies."""

    summary: RunSummary
    files: tuple[Shown, ...]
    sheet: Path


def run(
    folder: Path,
    *,
    seed: int = 0,
    workers: int = 1,
    only: Sequence[str] = (),
    on_progress: Callable[[Progress], None] | None = None,
) -> Demonstration:
    """Writes phantoms, de-identifies them with a throw-away key and draws them before and after.

    Args:
        folder: a new or empty folder; gets input/, output/ and the contact sheet.
        only: names of ``deidkit.testing.phantoms.NAMES`` to make; all when empty.

    Raises:
        UsageError: the folder is not empty. EnvironmentFault: as ``deidkit.run``.
    """
    from deidkit.batch import runner
    from deidkit.demo.sheet import draw_sheet
    from deidkit.keys import new_key_file
    from deidkit.testing.phantoms import NAMES, write_all

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("the folder for the demonstration is not empty; choose another with --output")
    inputs, output = folder / "input", folder / "output"
    inputs.mkdir(parents=True)
    phantoms = write_all(inputs, seed, tuple(only) or NAMES)
    settings = runner.Settings(new_key_file(folder / "throw-away.key"), workers=workers)
    summary = runner.run([inputs], output, settings, on_progress)
    files = tuple(_read_back(output, phantoms))
    draw_sheet(files, folder / SHEET)
    return Demonstration(summary, files, folder / SHEET)


def _read_back(output: Path, phantoms: dict[Path, Phantom]) -> list[Shown]:
    from deidkit.output.layout import Layout
    from deidkit.testing.phantoms import leaks

    lines = [json.loads(line) for line in Layout(output).manifest.read_text(encoding="ascii").splitlines()]
    outcomes = {line["source"]: line for line in lines}
    shown = []
    for path, phantom in phantoms.items():
        line = outcomes[path.name]
        after = output / line["output"] if line["output"] else None
        left = leaks(after.read_bytes(), phantom.planted) if after else ()
        shown.append(
            Shown(
                phantom.name,
                path,
                after,
                len(phantom.planted),
                len(left),
                len(phantom.texts),
                line["profile"],
                line["regions"],
                tuple(line["reasons"]),
            )
        )
    return shown
