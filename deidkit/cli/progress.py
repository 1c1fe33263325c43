"""Progress of a run on standard error, and only when that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    from deidkit.batch.runner import Progress

PHASES = {"index": "reading headers", "items": "de-identifying"}


@contextmanager
def progress() -> Iterator[Callable[[Progress], None] | None]:
    """Gives what ``deidkit.run`` calls with its progress; None when nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        _rate_column(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, bars.TaskID] = {}

        def on_progress(step: Progress) -> None:
            if step.phase not in tasks:
                tasks[step.phase] = shown.add_task(PHASES.get(step.phase, step.phase), total=step.total)
            shown.update(tasks[step.phase], completed=step.done)

        yield on_progress


def _rate_column() -> ProgressColumn:
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} files/s" if task.speed else "")

    return Rate()
