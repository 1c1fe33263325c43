"""Text detection with deidkit's own RetinaNet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_retinanet.options import RetinaNetOptions


def _build(options: RetinaNetOptions) -> Any:
    from deidkit_retinanet.detector import RetinaNetDetector

    return RetinaNetDetector(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="detector",
            name="retinanet",
            options=RetinaNetOptions,
            build=_build,
            summary="text found by a light RetinaNet trained on synthetic text",
            requires=("python:onnxruntime", "python:cv2"),
            install="pip install onnxruntime opencv-python-headless",
        )
    ]
