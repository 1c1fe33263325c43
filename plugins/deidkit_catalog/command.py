"""``deidkit catalog``: takes over device rules of other tools."""

from __future__ import annotations

from pathlib import Path

import click

from deidkit.errors import UsageError


@click.group("catalog")
def catalog() -> None:
    """Import catalogues of device signatures."""


@catalog.command("import")
@click.argument("script", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--format",
    "kind",
    type=click.Choice(["ctp", "deid"]),
    required=True,
    help="Format of SCRIPT: a CTP script or a pydicom/deid recipe.",
)
@click.option("--source", help="Source that is recorded with each rule. Default: the name of the script.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="YAML file to write the catalogue to."
)
def import_(script: Path, kind: str, source: str | None, output: Path) -> None:
    """Import the rules of SCRIPT into a catalogue. Rules without an image size are listed and not imported."""
    from deidkit_catalog.importing import import_rules
    from deidkit_catalog.model import write_catalogue

    try:
        text = script.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the script is not UTF-8 text") from None
    made, skipped = import_rules(text, kind, source or script.name)
    if output.exists():
        raise UsageError("the output exists already")
    output.write_text(write_catalogue(made), "utf-8")
    for line in skipped:
        click.echo(f"not taken over: {line}", err=True)
    click.echo(f"{len(made.signatures)} signatures written, {len(skipped)} rules not taken over", err=True)
