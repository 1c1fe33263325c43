"""Text detection with deidkit's own segmentation network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deidkit.components import Component, Trainable
from deidkit.hookspecs import hookimpl
from deidkit_dbnet.options import DBNetOptions


def _build(options: DBNetOptions) -> Any:
    from deidkit_dbnet.detector import DBNetDetector

    return DBNetDetector(options)


def _recipe(options: Mapping[str, Any]) -> Any:
    from deidkit_dbnet.training.recipe import DBNetRecipe

    return DBNetRecipe(**options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="detector",
            name="dbnet",
            options=DBNetOptions,
            build=_build,
            summary="finds text with a light segmentation network trained on synthetic text",
            requires=("python:onnxruntime", "python:cv2"),
            install="pip install onnxruntime opencv-python-headless",
        )
    ]


@hookimpl
def deidkit_recipes() -> Sequence[Trainable]:
    return [Trainable("dbnet", _recipe, Path(__file__).parent / "weights")]
