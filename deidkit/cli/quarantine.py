"""``deidkit quarantine``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from deidkit.cli.options import PATH, json_option

HIDDEN = {"source", "duplicate_of", "stamp"}


@click.group()
def quarantine() -> None:
    """List quarantined items and release them under a reviewer's name."""


@quarantine.command("list")
@click.argument("folder", metavar="DIR", type=PATH)
@json_option()
def list_items(folder: Path, as_json: bool) -> None:
    """List the quarantined items of the run in DIR."""
    from deidkit.output import quarantine as store

    found = list(store.entries(folder))
    if as_json:
        for entry in found:
            click.echo(json.dumps(_shown(entry)))
        return
    from deidkit.cli.tables import show, table
    from deidkit.records import reason_code

    rows = [(e["item"], e["outcome"], e["profile"] or "", ", ".join(map(reason_code, e["reasons"])), _state(e)) for e in found]
    show(table(f"{len(rows)} items", ("item", "outcome", "profile", "reason", "rejected file"), rows))


@quarantine.command("show")
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("item")
@click.option("--source", is_flag=True, help="Also print the name of the input file, which may identify a person.")
def show_item(folder: Path, item: str, source: bool) -> None:
    """Print the record of ITEM as JSON."""
    from deidkit.output import quarantine as store

    entry = store.entry(folder, item)
    click.echo(json.dumps(entry if source else _shown(entry), indent=1))


@quarantine.command()
@click.argument("folder", metavar="DIR", type=PATH)
@click.argument("item")
@click.option(
    "--reviewer",
    required=True,
    metavar="NAME",
    help="Name of the person who reviewed the item and is responsible for its release.",
)
@click.option("--note", default="", help="Reason for the release; recorded in private/reviews.jsonl.")
def release(folder: Path, item: str, reviewer: str, note: str) -> None:
    """Release ITEM: move the rejected file to released/. Needs a run with --keep-rejected."""
    from deidkit.output import quarantine as store

    path = store.release(folder, item, reviewer, note)
    click.echo(f"released as {path.relative_to(folder).as_posix()}")


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in HIDDEN}


def _state(entry: dict[str, Any]) -> str:
    if entry.get("released_by"):
        return "released by review"
    return "kept" if entry.get("attempt") else "not kept"
