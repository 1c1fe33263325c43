"""Two classifiers that say different things of everything. Workers import this by name."""

from __future__ import annotations

from deidkit.components import Component, Options
from deidkit.hookspecs import hookimpl
from deidkit.image import Image
from deidkit.types import Label, Labels

SAYS = {"aaa": "CT", "zzz": "US"}


class Says:
    def __init__(self, modality: str) -> None:
        self._modality = modality

    def classify(self, image: Image) -> Labels:
        return Labels(Label(self._modality, 1.0), Label("image", 1.0))


@hookimpl
def deidkit_components() -> list[Component]:
    return [
        Component("classifier", name, Options, lambda options, modality=modality: Says(modality), f"says {modality}")
        for name, modality in SAYS.items()
    ]
