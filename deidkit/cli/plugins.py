"""``deidkit plugins``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deidkit.cli.options import json_option
from deidkit.errors import UsageError

if TYPE_CHECKING:
    from deidkit.components import Component
    from deidkit.registry import Registry

KINDS = ("classifier", "detector", "policy", "recogniser", "redactor", "scrubber", "tagger", "verifier")


@click.group()
def plugins() -> None:
    """List components and show their options; start a plugin."""


@plugins.command("list")
@click.option("--kind", help="List only components of this kind.")
@json_option()
def list_components(kind: str | None, as_json: bool) -> None:
    """List every component, its plugin, and its missing requirements."""
    from deidkit.registry import discover

    registry = discover()
    found = registry.components(kind)
    if as_json:
        for component in found:
            click.echo(json.dumps(_record(registry, component)))
        return
    from deidkit.cli.tables import show, table

    rows = [(c.kind, c.name, registry.owner(c), ", ".join(registry.missing(c)) or c.summary) for c in found]
    show(table("", ("kind", "name", "from", "summary, or missing requirements"), rows))
    for name, why in sorted(registry.broken.items()):
        click.echo(f"broken: {name} ({registry.owner_of(name)}): {why}", err=True)


@plugins.command("show")
@click.argument("name")
@json_option()
def show_component(name: str, as_json: bool) -> None:
    """Show the component or plugin NAME with its options and defaults."""
    from deidkit.registry import discover

    registry = discover()
    found = [component for component in registry.components() if name in (component.name, registry.plugin_of(component))]
    if not found:
        raise UsageError(f"no component or plugin has that name; there are: {', '.join(registry.plugin_names())}")
    for component in found:
        record = _record(registry, component) | {"options": component.options.model_json_schema().get("properties", {})}
        if as_json:
            click.echo(json.dumps(record))
        else:
            _show(record)


def _record(registry: Registry, component: Component) -> dict[str, Any]:
    return {
        "kind": component.kind,
        "name": component.name,
        "plugin": registry.plugin_of(component),
        "from": registry.owner(component),
        "summary": component.summary,
        "missing": list(registry.missing(component)),
        "install": component.install,
    }


def _show(record: dict[str, Any]) -> None:
    from deidkit.cli.tables import show, table

    click.echo(f"{record['kind']} {record['name']}: {record['summary']}")
    click.echo(f"  from {record['from']}, plugin {record['plugin']}")
    if record["missing"]:
        click.echo(f"  needs {', '.join(record['missing'])}; install with: {record['install']}")
    rows = [
        (name, json.dumps(field.get("default")), " ".join(field.get("description", "").split()))
        for name, field in record["options"].items()
    ]
    if rows:
        show(table("", ("option", "default", "meaning"), rows))


@plugins.command()
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="Kind of component to create.")
@click.option(
    "--into", type=click.Path(path_type=Path), default=Path(), help="Folder to write to. Default: the current folder."
)
def new(name: str, kind: str, into: Path) -> None:
    """Create a plugin project with one component of --kind, its options and its contract tests."""
    from deidkit.cli.scaffold import write

    folder = write(name, kind, into)
    click.echo(f"wrote {folder.name}; next: pip install -e {folder.name} && pytest {folder.name}")
