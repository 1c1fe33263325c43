"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from deidkit.errors import KeyFileError
from deidkit.keys import ENVIRONMENT, Keys, load_key_file

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

PATH = click.Path(path_type=Path)


def key_option() -> Decorator:
    return click.option(
        "--key", type=PATH, envvar=ENVIRONMENT, help=f"Site key file. Default: the environment variable {ENVIRONMENT}."
    )


def profile_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--profile`` and ``--profiles``."""
    folders = click.option("--profiles", type=PATH, multiple=True, help="Folder with profiles of the site; may be repeated.")
    one = click.option(
        "--profile", metavar="NAME|FILE", help="Use this profile for every file. Default: selected by the file's labels."
    )
    return one(folders(function))


def json_option() -> Decorator:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")


def load_keys(path: Path | None) -> Keys:
    """Raises KeyFileError when no key is given; none is ever made silently."""
    if path is None:
        raise KeyFileError(f"no key: give --key FILE or set {ENVIRONMENT}; create a key with: deidkit keys new FILE")
    return load_key_file(path)
