"""What an image is: modality, kind and manufacturer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_modality.options import ModalityOptions

if TYPE_CHECKING:
    import click


def _build(options: ModalityOptions) -> Any:
    from deidkit_modality.classifier import ModalityClassifier

    return ModalityClassifier(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="classifier",
            name="modality",
            options=ModalityOptions,
            build=_build,
            summary="labels modality, kind, manufacturer and quality by header rules and by a network that has to agree",
        )
    ]


@hookimpl
def deidkit_commands() -> Sequence[click.Command]:
    from deidkit_modality.training.command import group

    return [group]
