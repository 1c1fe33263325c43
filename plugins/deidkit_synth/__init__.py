"""Synthetic text and images, with truth: the command `deidkit synth` and the generator `tiles`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

from deidkit.components import Component, Finding, State
from deidkit.hookspecs import hookimpl
from deidkit_synth.options import TileOptions

if TYPE_CHECKING:
    import click


def _build(options: TileOptions) -> Any:
    from deidkit_synth.generator import TileGenerator

    return TileGenerator(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="generator",
            name="tiles",
            options=TileOptions,
            build=_build,
            summary="training tiles with synthetic text and its truth for every pixel",
            requires=("python:PIL", "python:cv2"),
            install="pip install pillow opencv-python-headless",
        )
    ]


@hookimpl
def deidkit_checks() -> Sequence[Finding]:
    """The font families of wheels, with which any machine draws the same; without them only those of the system are there."""
    families = sorted(point.name.replace("_", " ") for point in metadata.entry_points(group="fontpkg.family"))
    if families:
        return [Finding("fonts", "families of wheels", State.OK, ", ".join(families))]
    return [
        Finding(
            "fonts", "families of wheels", State.ABSENT, "deidkit synth needs fonts", "pip install 'deidkit-imaging[synth]'"
        )
    ]


@hookimpl
def deidkit_commands() -> Sequence[click.Command]:
    from deidkit_synth.command import synth

    return [synth]
