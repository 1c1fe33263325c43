"""Text detection with deidkit's own RetinaNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deidkit.components import Component, Trainable
from deidkit.hookspecs import hookimpl
from deidkit_retinanet.options import RetinaNetOptions


def _build(options: RetinaNetOptions) -> Any:
    from deidkit_retinanet.detector import RetinaNetDetector

    return RetinaNetDetector(options)


def _recipe(options: Mapping[str, Any]) -> Any:
    from deidkit_retinanet.training.recipe import RetinaNetRecipe

    return RetinaNetRecipe(**options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="detector",
            name="retinanet",
            options=RetinaNetOptions,
            build=_build,
            summary="finds text with a light RetinaNet trained on synthetic text",
            requires=("python:onnxruntime", "python:cv2"),
            install="pip install onnxruntime opencv-python-headless",
        )
    ]


@hookimpl
def deidkit_recipes() -> Sequence[Trainable]:
    return [Trainable("retinanet", _recipe, Path(__file__).parent / "weights")]
