"""``deidkit profiles``: what profiles there are, what one of them does, and whether a file is a good one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deidkit.item.explanation import Explanation
    from deidkit.profiles.model import Origin
    from deidkit.profiles.profile_set import Profile, ProfileSet
    from deidkit.profiles.selection import Choice
    from deidkit.types import Label, Labels

_FOLDERS = click.option(
    "--profiles",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with profiles of the site; may be repeated.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")


EXPLAINED, QUARANTINED = 0, 3
_BY = {
    "contradicting": "the site's setting for contradicting labels",
    "unsure": "the site's setting for unsure labels",
    "rule": "a rule of the site's site.yaml",
    "match": "match",
}


@click.group()
def profiles() -> None:
    """List, show, check and explain profiles."""


def _load(folders: tuple[Path, ...]) -> ProfileSet:
    from deidkit.profiles.profile_set import ProfileSet
    from deidkit.registry import installed

    return ProfileSet.load(installed(), folders)


def _echo_json(data: Any) -> None:
    import json

    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


def _row(profile: Profile) -> dict[str, Any]:
    from deidkit.profiles.model import plain

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
    """List all profiles, their layers and what they match."""
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
@click.option("--attributes", is_flag=True, help="List the header attributes that it changes, each with its action and rule.")
@_FOLDERS
@_JSON
def show(name: str, attributes: bool, folders: tuple[Path, ...], as_json: bool) -> None:
    """Show the profile NAME with its parents merged in and all defaults filled in."""
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
    """Check profile FILES and print every problem as file:line:column. The exit code is 2 when there is one."""
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
            click.echo(f"{path}: valid, profile {profile.name}, digest {profile.digest}")
    if bad:
        raise SystemExit(2)


@profiles.command()
def schema() -> None:
    """Print a JSON Schema of profiles, with the options of all installed components, for editors."""
    from deidkit import registry
    from deidkit.profiles import profile_set as profile

    _echo_json(profile.schema(registry.installed()))


@profiles.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--attribute",
    default="",
    metavar="ATTRIBUTE",
    help="Also explain what happens to this header attribute: KEYWORD or gggg,eeee.",
)
@_FOLDERS
@_JSON
def explain(file: Path, attribute: str, folders: tuple[Path, ...], as_json: bool) -> int:
    """Explain which profile FILE gets and why, and which rule decides about one of its attributes. No value is printed.

    The exit code is 3 when FILE would be quarantined because of its labels.
    """
    from deidkit.errors import ItemError, UsageError
    from deidkit.item.explanation import as_data
    from deidkit.item.explanation import explain as explained
    from deidkit.registry import installed

    try:
        told = explained(file, installed(), _load(folders), attribute)
    except ItemError as error:
        if as_json:
            _echo_json({"refusal": str(error)})
        else:
            _say("quarantined", str(error))
        return QUARANTINED
    except OSError:
        raise UsageError("FILE cannot be read") from None
    if as_json:
        _echo_json(as_data(told))
    else:
        for subject, words in _told(told):
            _say(subject, words)
    return QUARANTINED if told.refusal else EXPLAINED


def _say(subject: str, words: str) -> None:
    click.echo(f"{subject:16}  {words}")


def _told(told: Explanation) -> Iterator[tuple[str, str]]:
    from deidkit.item.explanation import contradiction

    for source, said in told.opinions.items():
        yield f"labels by {source}", _spoken(said)
    yield "labels", f"{_spoken(told.labels)}, by {told.classifier or 'no classifier'}"
    yield "contradiction", contradiction(told) or "none"
    if told.refusal:
        yield "quarantined", told.refusal
    if told.choice is not None:
        yield from _chosen(told.choice)
    for scrubber, lines in told.attribute.items():
        origin = told.choice.profile.origins.get("scrub") if told.choice else None
        yield "scrubber", f"{scrubber}, of {_place(origin)}" if origin else scrubber
        yield from lines


def _spoken(said: Labels) -> str:
    from deidkit.item.explanation import NAMES, word

    found: dict[str, Label] = {name: getattr(said, name) for name in NAMES}
    parts = [
        f"{name} {word(name, label) or 'unsure'} {label.confidence:.2f}"
        for name, label in found.items()
        if label.value is not None or label.confidence
    ]
    return ", ".join(parts) or "none"


def _chosen(choice: Choice) -> Iterator[tuple[str, str]]:
    profile = choice.profile
    yield "profile", f"{profile.name}, {profile.layer.value}, {profile.source}"
    match = " and ".join(f"{name} {' or '.join(sorted(words))}" for name, words in (choice.match or {}).items())
    asked = f", in the layer {choice.layer.value}" if choice.layer else ""
    yield "selected by", f"{_BY[choice.by]}{': ' if match else ''}{match}{asked}"
    if choice.outdone:
        yield "less specific", ", ".join(choice.outdone)
    if choice.weaker:
        yield "weaker layers", ", ".join(choice.weaker)
    given: dict[str, list[str]] = {}
    for key, origin in profile.origins.items():
        given.setdefault(_place(origin), []).append(key)
    for place, keys in given.items():
        yield "from", f"{place}: {', '.join(keys)}"


def _place(origin: Origin) -> str:
    return f"{origin.profile}, {origin.layer.value}, {origin.source}"
