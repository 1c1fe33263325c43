"""Redactor that covers regions with black."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_blackbox.options import BlackboxOptions

if TYPE_CHECKING:
    from deidkit_blackbox.redactor import Blackbox


def build(options: BlackboxOptions) -> Blackbox:
    from deidkit_blackbox.redactor import Blackbox

    return Blackbox(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="redactor",
            name="blackbox",
            options=BlackboxOptions,
            build=build,
            summary="replaces each region with the value that displays as black",
        )
    ]
