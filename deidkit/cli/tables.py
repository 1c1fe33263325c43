"""Tables for people, drawn with rich on standard output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from deidkit.records import Outcome, RunSummary


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> Table:
    """A table of text; ``numbers`` names the columns to align to the right."""
    made = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*(escape(str(cell)) for cell in row))
    return made


def show(*tables: Table) -> None:
    """Prints tables, each below its title, which is as long as it is and not as wide as the table."""
    console = Console(highlight=False)
    for made in tables:
        if made.title:
            console.print(f"[bold]{escape(str(made.title))}[/bold]")
        made.title = None
        console.print(made)


def show_summary(summary: RunSummary) -> None:
    """Counts of a run, and why items were held back."""
    results = [("released", summary.released), ("quarantined", summary.quarantined), ("failed", summary.failed)]
    if summary.skipped:
        results.append(("skipped", summary.skipped))
    resumed = f", {summary.resumed} of them from an earlier run" if summary.resumed else ""
    title = f"{summary.inputs} files in {summary.seconds:.1f} s{resumed}"
    show(table(title, ("outcome", "files"), results, numbers=("files",)))
    sections: dict[str, Mapping[str, int]] = {
        "why not released": summary.reasons,
        "warnings": summary.warnings,
        "profiles": summary.profiles,
        "dangling references": summary.dangling,
    }
    for name, counts in sections.items():
        if counts:
            show(table("", (name, "files"), counts.items(), numbers=("files",)))


def show_plan(outcome: Outcome) -> None:
    """What would be done to one file: boxes with reasons, tags with actions, no values."""
    Console(highlight=False).print(f"[bold]{escape(outcome.source)}[/bold]  profile {outcome.profile or 'none'}")
    for reason in outcome.reasons:
        Console(highlight=False).print(f"  would be {outcome.outcome}: {escape(reason)}")
    if outcome.plan is None:
        return
    regions = [(r.frame, " ".join(map(str, r.box)), r.action, r.kind, r.reason, r.detector) for r in outcome.plan.regions]
    if regions:
        show(table("", ("frame", "box", "action", "class", "reason", "detector"), regions, numbers=("frame",)))
    changes = Counter((change.path, change.action, change.source) for change in outcome.plan.changes)
    if changes:
        show(table("", ("tag", "action", "rule"), changes))
