"""Decides which text identifies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_policy.options import PolicyOptions


def _build(options: PolicyOptions) -> Any:
    from deidkit_policy.policy import TextPolicy

    return TextPolicy(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="policy",
            name="policy",
            options=PolicyOptions,
            build=_build,
            summary="redacts all text except the classes that the profile retains; identifiers are always redacted",
        )
    ]
