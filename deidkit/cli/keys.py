"""``deidkit keys``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from deidkit.cli.options import PATH, json_option, key_option, load_keys
from deidkit.errors import UsageError
from deidkit.keys import Keys, load_key_file, new_key_file

ALL_KNOWN, SOME_UNKNOWN = 0, 3


@click.group()
def keys() -> None:
    """Create and check site keys; look up the patient of a pseudonym.

    New UIDs, pseudonyms and date shifts are derived from the key. The same key always gives the same ones. Whoever has the key
    can link the output to patients, so protect it like the original images.
    """


@keys.command()
@click.argument("file", type=PATH)
@json_option()
def new(file: Path, as_json: bool) -> None:
    """Create a random key in FILE, readable by its owner only. An existing file is never overwritten."""
    _say("created", new_key_file(file), as_json)


@keys.command()
@click.argument("file", type=PATH)
@json_option()
def check(file: Path, as_json: bool) -> None:
    """Check that FILE is a valid key that no other user can read, and print its fingerprint."""
    _say("valid", load_key_file(file), as_json)


@keys.command()
@click.argument("map_file", metavar="MAP", type=PATH)
@click.argument("pseudonyms", metavar="PSEUDONYM...", nargs=-1, required=True)
@key_option()
@json_option()
def reidentify(map_file: Path, pseudonyms: tuple[str, ...], key: Path | None, as_json: bool) -> int:
    """Print the original Patient ID of each PSEUDONYM (a new Patient ID or name) from the encrypted MAP.

    MAP is the file that the profile's option map_file names. The output identifies patients, so show it only to people who may
    know them. The exit code is 3 when the map does not contain a pseudonym.
    """
    site_key = load_keys(key)
    if not map_file.is_file():
        raise UsageError("MAP does not exist; it is the map_file of the profile that the run used")
    from deidkit.identity.vault import Vault

    with Vault(map_file, site_key) as vault:
        found = [(new, vault.reidentify("patient", new)) for new in pseudonyms]
    for new, old in found:
        if as_json:
            click.echo(json.dumps({"pseudonym": new, "patient": old}))
        else:
            click.echo(f"{_plain(new)}\t{'not in the map' if old is None else _plain(old)}")
    return ALL_KNOWN if all(old is not None for _, old in found) else SOME_UNKNOWN


def _plain(text: str) -> str:
    """One line without control characters, which an ID may hold and a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def _say(what: str, key: Keys, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"key": what, "fingerprint": key.fingerprint()}))
    else:
        click.echo(f"Key {what}, fingerprint {key.fingerprint()}")
