"""Options of the catalogue detector."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class CatalogOptions(Options):
    ultrasound: Literal["outside", "ignore"] = "outside"
    """Use of Sequence of Ultrasound Regions: mark everything outside the regions, or ignore it."""

    builtin: bool = True
    """Use the catalogue that comes with deidkit."""

    catalogues: tuple[str, ...] = Field(default=(), strict=False)
    """Paths of further catalogues: YAML files from ``deidkit catalog import``."""
