"""A detector, a redactor, a profile and a command for deidkit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_example.options import FillOptions, MarginOptions


def _margin(options: MarginOptions) -> Any:
    from deidkit_example.margin import MarginDetector

    return MarginDetector(options)


def _fill(options: FillOptions) -> Any:
    from deidkit_example.fill import FillRedactor

    return FillRedactor(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component("detector", "example_margin", MarginOptions, _margin, "lines of text in the margins"),
        Component("redactor", "example_fill", FillOptions, _fill, "fills regions with the median of their surroundings"),
    ]


@hookimpl
def deidkit_profiles() -> Sequence[Path]:
    return [Path(__file__).parent / "profiles"]


@click.command("example")
def example() -> None:
    """Say hello from a third party."""
    click.echo("hello from deidkit-example")


@hookimpl
def deidkit_commands() -> Sequence[click.Command]:
    return [example]
