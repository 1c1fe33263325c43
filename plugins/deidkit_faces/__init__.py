"""Faces in photographs: a verifier that quarantines a picture in which one can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_faces.options import FacesOptions


def _build(options: FacesOptions) -> Any:
    from deidkit_faces.verifier import FacesVerifier

    return FacesVerifier(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="verifier",
            name="faces",
            options=FacesOptions,
            build=_build,
            summary="fails a written file that shows a face, and photographs if the network for faces is not installed",
            requires=("python:cv2",),
        )
    ]
