"""``deidkit detect``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deidkit.cli.options import PATH
from deidkit.errors import UsageError

if TYPE_CHECKING:
    from deidkit.api import Found

ALL_READ, SOME_UNREADABLE = 0, 3


@dataclass(frozen=True, slots=True)
class _Chosen:
    name: str
    options: Any


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=PATH)
@click.option("--detector", metavar="NAME", help="Detector to use. Default: the detectors of --profile.")
@click.option(
    "--option", "options", multiple=True, metavar="NAME=VALUE", help="Option of --detector; VALUE is JSON. May be repeated."
)
@click.option("--profile", default="base", show_default=True, metavar="NAME", help="Profile whose detectors are used.")
def detect(inputs: tuple[Path, ...], detector: str | None, options: tuple[str, ...], profile: str) -> int:
    """Print the text boxes that detectors find, one JSON line for each frame.

    A line has the file, the frame, and the boxes in stored pixels with their scores, but no recognised text. The exit code is 3
    when a file could not be read.
    """
    from deidkit import api
    from deidkit.batch import inputs as sources

    paths = [source.path for source in sources.find(inputs)]
    chosen = [_one(detector, options)] if detector else _of_profile(profile)
    code = ALL_READ
    for frames in zip(*(api.detect(paths, one.name, one.options) for one in chosen), strict=True):
        if any(found.reason is not None for found in frames):
            code = SOME_UNREADABLE
        click.echo(json.dumps(_line(frames)))
    return code


def _line(frames: Iterable[Found]) -> dict[str, Any]:
    """One record from what every detector says of one frame."""
    found = list(frames)
    line: dict[str, Any] = {"file": str(found[0].path), "frame": found[0].frame, "boxes": list(_boxes(found))}
    reasons = [one.reason for one in found if one.reason is not None]
    return line | {"error": reasons[0]} if reasons else line


def _boxes(found: Sequence[Found]) -> Iterator[dict[str, Any]]:
    from deidkit.imaging.fusion import corroborated

    for region in corroborated((region for one in found for region in one.regions), found[0].shape):
        yield {"box": list(region.box), "score": round(region.score, 4), "detector": region.detector}


def _of_profile(name: str) -> list[_Chosen]:
    from deidkit.profiles.profile_set import ProfileSet
    from deidkit.registry import installed

    uses = ProfileSet.load(installed()).get(name).detect
    if not uses:
        raise UsageError(f"profile {name} has no detectors; give --detector NAME")
    return [_Chosen(use.name, use.options) for use in uses]


def _one(name: str, given: tuple[str, ...]) -> _Chosen:
    from pydantic import ValidationError

    from deidkit.registry import installed

    component = installed().find("detector", name)
    if component is None:
        raise UsageError(f"there is no detector {name!r}; there are: {', '.join(installed().names('detector'))}")
    try:
        return _Chosen(name, component.options.model_validate_json(json.dumps(dict(map(_option, given)))))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise UsageError(f"detector {name} refuses its options: {problems}") from None


def _option(item: str) -> tuple[str, Any]:
    name, equals, value = item.partition("=")
    if not equals:
        raise UsageError("--option takes NAME=VALUE")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
