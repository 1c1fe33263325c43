"""PS3.15 Annex E for headers: a scrubber, and a sweep of the written bytes that proves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from deidkit.components import Component, Parts, parts
from deidkit.hookspecs import hookimpl
from deidkit_ps315.options import Ps315Options, SweepOptions

if TYPE_CHECKING:
    from deidkit.interfaces import Scrubber, Verifier

VISUAL = "recognizable_visual_features"
"""The option that needs faces removed from pixels (PS3.15 E.3.2); only a component of this family can keep such a promise."""


def _scrubber(options: Any) -> Scrubber:
    from deidkit_ps315.scrub.scrubber import Ps315

    return Ps315(options, parts().build("tagger", options.tagger) if options.tagger else None)


def _sweep(options: Any) -> Verifier:
    from deidkit_ps315.sweep.verifier import Sweep

    return Sweep(options)


def check_options(options: Ps315Options, registry: Parts) -> Sequence[tuple[str, str]]:
    """See ``deidkit.components.Component``: an option that only pixels can keep needs a component that works on pixels."""
    able = any(component.family == VISUAL for kind in ("detector", "redactor") for component in registry.components(kind))
    if VISUAL not in options.clean or able:
        return []
    return [("clean", f"clean {VISUAL!r} is refused: no installed plugin can do it (a detector or redactor of that family)")]


@hookimpl
def deidkit_components() -> tuple[Component, ...]:
    return (
        Component(
            "scrubber",
            "ps315",
            Ps315Options,
            _scrubber,
            "PS3.15 Table E.1-1, every row and option, at any depth",
            check=check_options,
        ),
        Component("verifier", "sweep", SweepOptions, _sweep, "no removed identifier is left in the written bytes"),
    )
