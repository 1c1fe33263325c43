"""PS3.15 Annex E for headers: a scrubber, and a sweep of the written bytes that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deidkit.components import Component, parts
from deidkit.hookspecs import hookimpl
from deidkit_ps315.options import Ps315Options, SweepOptions

if TYPE_CHECKING:
    from deidkit.interfaces import Scrubber, Verifier


def _scrubber(options: Any) -> Scrubber:
    from deidkit_ps315.scrub.scrubber import Ps315

    return Ps315(options, parts().build("tagger", options.tagger) if options.tagger else None)


def _sweep(options: Any) -> Verifier:
    from deidkit_ps315.sweep.verifier import Sweep

    return Sweep(options)


@hookimpl
def deidkit_components() -> tuple[Component, ...]:
    return (
        Component("scrubber", "ps315", Ps315Options, _scrubber, "PS3.15 Table E.1-1, every row and option, at any depth"),
        Component("verifier", "sweep", SweepOptions, _sweep, "no removed identifier is left in the written bytes"),
    )
