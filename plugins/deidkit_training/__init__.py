"""Training of networks: data, loop, export, model card, promotion gate. Needs the `train` extra."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.hookspecs import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def deidkit_commands() -> Sequence[click.Command]:
    from deidkit_training.command import group

    return [group]
