"""Detector that knows where devices write: ultrasound region calibration, and a catalogue of device signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_catalog.options import CatalogOptions

if TYPE_CHECKING:
    import click

    from deidkit_catalog.detector import CatalogDetector


def build(options: CatalogOptions) -> CatalogDetector:
    from deidkit_catalog.detector import CatalogDetector

    return CatalogDetector(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="detector",
            name="catalog",
            options=CatalogOptions,
            build=build,
            summary="areas outside the ultrasound image, and boxes of known devices",
        )
    ]


@hookimpl
def deidkit_commands() -> Sequence[click.Command]:
    from deidkit_catalog.command import catalog

    return [catalog]
