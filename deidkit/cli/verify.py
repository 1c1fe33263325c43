"""``deidkit verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deidkit.cli.options import PATH, json_option, key_option, load_keys, profile_options

if TYPE_CHECKING:
    from deidkit.records import Outcome

CLEAN, NOT_CLEAN = 0, 3


@click.command()
@click.argument("before", type=PATH)
@click.argument("after", type=PATH)
@profile_options
@key_option()
@json_option()
def verify(before: Path, after: Path, profile: str | None, profiles: tuple[Path, ...], key: Path | None, as_json: bool) -> int:
    """Check whether AFTER is a clean version of BEFORE. Any tool may have made AFTER.

    The verifiers of the profile for BEFORE run on both files. The exit code is 0 when AFTER is proven clean, and 3 otherwise.
    """
    from deidkit import api
    from deidkit.errors import UsageError

    if not (before.is_file() and after.is_file()):
        raise UsageError("BEFORE and AFTER must be files")
    outcome = api.verify(before, after, key=load_keys(key), profile=profile, folders=profiles)
    if as_json:
        click.echo(outcome.model_dump_json(include={"outcome", "profile", "labels", "checks", "reasons", "seconds"}))
    else:
        _show(outcome)
    return CLEAN if outcome.outcome == "released" else NOT_CLEAN


def _show(outcome: Outcome) -> None:
    from deidkit.cli.tables import show, table

    if outcome.checks:
        rows = [(check.name, check.status, check.detail) for check in outcome.checks]
        show(table(f"profile {outcome.profile}", ("check", "result", "detail"), rows))
    if outcome.outcome == "released":
        click.echo("clean")
        return
    click.echo("not proven clean:")
    for reason in outcome.reasons:
        click.echo(f"  {reason}")
