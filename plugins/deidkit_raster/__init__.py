"""PNG, JPEG and TIFF files: every sample kept, every byte of metadata dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_raster.options import RasterOptions

if TYPE_CHECKING:
    from deidkit_raster.format import RasterFormat


def build(options: RasterOptions) -> RasterFormat:
    from deidkit_raster.format import RasterFormat

    return RasterFormat(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="format",
            name="raster",
            options=RasterOptions,
            build=build,
            summary="PNG, JPEG and TIFF with 8 or 16 bits, multi-page TIFF",
        )
    ]
