"""``deidkit run``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deidkit.cli.options import PATH, json_option, key_option, load_keys, profile_options
from deidkit.errors import UsageError

if TYPE_CHECKING:
    from deidkit.batch.runner import Settings
    from deidkit.records import Outcome

ALL_RELEASED, SOME_HELD = 0, 3


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=PATH)
@click.option("--output", type=PATH, help="Output folder. Only its subfolder released/ may leave the institution.")
@profile_options
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Worker processes.")
@click.option("--resume", is_flag=True, help="Continue a run that was stopped.")
@key_option()
@json_option()
@click.option("--dry-run", is_flag=True, help="Print what would be done to each file; write nothing.")
@click.option("--write-maps", is_flag=True, help="Write maps of old and new identifiers to private/maps.")
@click.option(
    "--keep-rejected", is_flag=True, help="Keep files that failed verification in private/quarantine, for a reviewer."
)
@click.option("--evidence", is_flag=True, help="Draw each file before and after, in private/evidence.")
def run(
    inputs: tuple[Path, ...],
    output: Path | None,
    profile: str | None,
    profiles: tuple[Path, ...],
    workers: int,
    resume: bool,
    key: Path | None,
    as_json: bool,
    dry_run: bool,
    write_maps: bool,
    keep_rejected: bool,
    evidence: bool,
) -> int:
    """De-identify every file below INPUT and release those that pass every check.

    The exit code is 0 when every file was released and 3 when some were quarantined. A DICOMDIR is skipped.
    """
    keys = load_keys(key)
    from deidkit.batch.runner import Settings, plan

    settings = Settings(keys, profile, profiles, workers, resume, write_maps, keep_rejected, evidence)
    if dry_run:
        return _show_plan(plan(inputs, settings), as_json)
    if output is None:
        raise UsageError("--output DIR is missing; only --dry-run works without it")
    return _run(inputs, output, settings, as_json)


def _run(inputs: tuple[Path, ...], output: Path, settings: Settings, as_json: bool) -> int:
    from deidkit.batch import runner
    from deidkit.cli.progress import progress

    with progress() as on_progress:
        summary = runner.run(inputs, output, settings, on_progress)
    if as_json:
        click.echo(summary.model_dump_json())
    else:
        from deidkit.cli.tables import show_summary

        show_summary(summary)
    return summary.exit_code


def _show_plan(outcomes: Iterable[Outcome], as_json: bool) -> int:
    """One entry a file. Standard output is where the names of the inputs have to be; no value of any header is."""
    code = ALL_RELEASED
    for outcome in outcomes:
        if outcome.outcome not in {"released", "skipped"}:
            code = SOME_HELD
        if as_json:
            click.echo(json.dumps(outcome.model_dump(mode="json", exclude={"stamp", "output", "sha256", "attempt", "checks"})))
        else:
            from deidkit.cli.tables import show_plan

            show_plan(outcome)
    return code
