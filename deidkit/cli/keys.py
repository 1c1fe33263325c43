"""``deidkit keys``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from deidkit.cli.options import PATH, json_option
from deidkit.keys import Keys, load_key_file, new_key_file


@click.group()
def keys() -> None:
    """Make and check site keys.

    New UIDs, pseudonyms and date shifts are derived from the key: the same key gives the same ones, another key others. Whoever
    has the key can link the output to patients, so keep it where the originals are.
    """


@keys.command()
@click.argument("file", type=PATH)
@json_option()
def new(file: Path, as_json: bool) -> None:
    """Write a new random key to FILE, readable by its owner alone. Never overwrites."""
    _say("made", new_key_file(file), as_json)


@keys.command()
@click.argument("file", type=PATH)
@json_option()
def check(file: Path, as_json: bool) -> None:
    """Check that FILE is a whole key that nobody else can read, and print its fingerprint."""
    _say("good", load_key_file(file), as_json)


def _say(what: str, key: Keys, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"key": what, "fingerprint": key.fingerprint()}))
    else:
        click.echo(f"{what} key, fingerprint {key.fingerprint()}")
