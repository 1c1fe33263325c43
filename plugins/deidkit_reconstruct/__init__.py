"""Verifiers of the written pixels: nothing changed outside the masks, nothing can be recovered inside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.components import Component, parts
from deidkit.hookspecs import hookimpl
from deidkit_reconstruct.options import EqualityOptions, ReconstructOptions

if TYPE_CHECKING:
    import click

    from deidkit_reconstruct.attack.verifier import Reconstruct
    from deidkit_reconstruct.equality.verifier import Equality


def _equality(options: EqualityOptions) -> Equality:
    from deidkit_reconstruct.equality.verifier import Equality

    return Equality(options)


def _reconstruct(options: ReconstructOptions) -> Reconstruct:
    from deidkit_reconstruct.attack.reverse import ReverseModel
    from deidkit_reconstruct.attack.verifier import Reconstruct

    reader = None if options.reader == "none" else parts().build("detector", options.reader)
    return Reconstruct(options, reader, ReverseModel() if options.reverse else None)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="verifier",
            name="equality",
            options=EqualityOptions,
            build=_equality,
            summary="checks that samples outside the masks are unchanged and samples inside redacted regions are replaced",
        ),
        Component(
            kind="verifier",
            name="reconstruct",
            options=ReconstructOptions,
            build=_reconstruct,
            summary="attacks redacted regions with contrast views, neighbouring frames, the shape of the edit, and OCR",
            requires=("python:cv2",),
            install="pip install opencv-python-headless",
        ),
    ]


@hookimpl
def deidkit_commands() -> Sequence[click.Command]:
    from deidkit_reconstruct.training.command import group

    return [group]
