"""Options of the catalogue detector."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deidkit.components import Options


class CatalogOptions(Options):
    ultrasound: Literal["outside", "ignore"] = "outside"
    """What Sequence of Ultrasound Regions is used for: everything outside the regions is marked, or nothing."""

    builtin: bool = True
    """Whether the catalogue that comes with deidkit is used."""

    catalogues: tuple[str, ...] = Field(default=(), strict=False)
    """Paths of further catalogues, YAML files as ``deidkit catalog import`` writes them."""
