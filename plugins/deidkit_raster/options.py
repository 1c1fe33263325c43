"""Options of the raster format."""

from __future__ import annotations

from pydantic import Field

from deidkit.components import Options


class RasterOptions(Options):
    png_level: int = Field(default=6, ge=0, le=9)
    """zlib level of written PNG and TIFF files, from 0 (fast) to 9 (small)."""
