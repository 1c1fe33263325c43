"""Fills redacted regions with generated background instead of black."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_inpaint.options import InpaintOptions

if TYPE_CHECKING:
    import click

    from deidkit_inpaint.redactor import Inpaint


def _build(options: InpaintOptions) -> Inpaint:
    from deidkit_inpaint.redactor import Inpaint

    return Inpaint(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="redactor",
            name="inpaint",
            options=InpaintOptions,
            build=_build,
            summary="fills regions with generated background; not diagnostic, and never the default",
            requires=("python:cv2",),
            install="pip install opencv-python-headless",
        )
    ]


@hookimpl
def deidkit_commands() -> Sequence[click.Command]:
    from deidkit_inpaint.training.command import group

    return [group]
