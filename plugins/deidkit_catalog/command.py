"""``deidkit catalog``: takes over device rules of other tools."""

from __future__ import annotations

from pathlib import Path

import click

from deidkit.errors import UsageError


@click.group("catalog")
def catalog() -> None:
    """Catalogues of device signatures."""


@catalog.command("import")
@click.argument("script", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--format", "kind", type=click.Choice(["ctp", "deid"]), required=True, help="CTP script or pydicom/deid recipe.")
@click.option("--source", help="Where the rules come from; stands beside each of them. Default: the name of the script.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Catalogue to write (YAML).")
def import_(script: Path, kind: str, source: str | None, output: Path) -> None:
    """Reads SCRIPT and writes a catalogue. Rules that name no image size are listed, not taken over."""
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
