"""``deidkit profiles``: what profiles there are, what one of them does, and whether a file is a good one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from deidkit.profile import Profile, ProfileSet

_FOLDERS = click.option(
    "--profiles",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A site's folder of profiles; may be given several times.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable on stdout.")


@click.group()
def profiles() -> None:
    """List, show and check profiles."""


def _load(folders: tuple[Path, ...]) -> ProfileSet:
    from deidkit.profile import ProfileSet
    from deidkit.registry import installed

    return ProfileSet.load(installed(), folders)


def _echo_json(data: Any) -> None:
    import json

    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def _row(profile: Profile) -> dict[str, Any]:
    from deidkit.profile_model import plain

    return {
        "profile": profile.name,
        "layer": profile.layer.value,
        "summary": profile.summary,
        "match": plain(profile.match),
        "extends": profile.extends,
        "replaces": profile.replaces,
        "digest": profile.digest,
        "file": str(profile.source),
    }


@profiles.command("list")
@_FOLDERS
@_JSON
def list_profiles(folders: tuple[Path, ...], as_json: bool) -> None:
    """All profiles, where they come from and what they match."""
    rows = [_row(profile) for profile in _load(folders)]
    if as_json:
        _echo_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("profile", "layer", "matches", "summary")
    for row in rows:
        match = "; ".join(f"{name}: {', '.join(words)}" for name, words in (row["match"] or {}).items())
        table.add_row(row["profile"], row["layer"], match or "by name only", row["summary"])
    Console().print(table)


@profiles.command()
@click.argument("name")
@click.option(
    "--attributes", is_flag=True, help="The header attributes it changes, each with its action and the rule behind it."
)
@_FOLDERS
@_JSON
def show(name: str, attributes: bool, folders: tuple[Path, ...], as_json: bool) -> None:
    """What the profile NAME does, its parents merged in and all defaults filled in."""
    profile = _load(folders).get(name)
    if attributes:
        _show_attributes(profile, as_json)
        return
    data = _row(profile) | {key: value for key, value in profile.content().items() if key != "name"}
    if as_json:
        _echo_json(data)
        return
    import yaml

    click.echo(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120), nl=False)


def _show_attributes(profile: Profile, as_json: bool) -> None:
    from deidkit.registry import installed

    rows: list[dict[str, str]] = []
    for use in profile.scrub:
        resolved = getattr(installed().build("scrubber", use.name, use.options), "resolved", None)
        if resolved is None:
            click.echo(f"scrubber {use.name!r} does not list its attributes", err=True)
            continue
        keys = ("tag", "keyword", "action", "source")
        rows += [dict(zip(keys, map(str, row), strict=True)) | {"scrubber": use.name} for row in resolved()]
    if as_json:
        _echo_json(rows)
        return
    for row in rows:
        click.echo(f"{row['tag']:13} {row['action']:6} {row['keyword']:50} {row['source']}".rstrip())


@profiles.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@_FOLDERS
def check(files: tuple[Path, ...], folders: tuple[Path, ...]) -> None:
    """Check profile FILES; prints every problem as file:line:column and ends with 2 when there is one."""
    from deidkit.errors import ProfileError

    known = _load(folders)
    bad = False
    for path in files:
        try:
            profile = known.read(path)
        except ProfileError as error:
            bad = True
            click.echo(str(error))
        else:
            click.echo(f"{path}: good, profile {profile.name}, digest {profile.digest}")
    if bad:
        raise SystemExit(2)


@profiles.command()
def schema() -> None:
    """JSON Schema of profiles with the options of everything installed, for editors."""
    from deidkit import profile, registry

    _echo_json(profile.schema(registry.installed()))
