"""``deidkit doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deidkit.cli.options import PATH, json_option, key_option

if TYPE_CHECKING:
    from deidkit.components import Finding

HEALTHY, LACKING = 0, 4


@click.command()
@key_option()
@click.option("--output", type=PATH, help="Output folder whose free space is checked.")
@click.option("--profiles", type=PATH, multiple=True, help="Folder with profiles of the site; may be repeated.")
@json_option()
def doctor(key: Path | None, output: Path | None, profiles: tuple[Path, ...], as_json: bool) -> int:
    """List installed and missing programs, codecs and weights, and the codec of each transfer syntax.

    The exit code is 4 when something is missing that a profile needs. Optional parts that are absent do not count.
    """
    from deidkit.components import State
    from deidkit.doctor import examine

    found = examine(key, output, profiles)
    if as_json:
        for finding in found:
            click.echo(json.dumps(asdict(finding) | {"state": finding.state.value}))
    else:
        _show(found)
    return LACKING if any(finding.state is State.MISSING for finding in found) else HEALTHY


def _show(found: list[Finding]) -> None:
    from deidkit.cli.tables import show, table

    for area, group in groupby(found, key=lambda finding: finding.area):
        rows = [(finding.name, finding.state.value, finding.detail) for finding in group]
        show(table("", (area, "state", "detail"), rows))
    advice = [finding for finding in found if finding.install]
    for finding in advice:
        click.echo(f"{finding.name}: {finding.install}")
