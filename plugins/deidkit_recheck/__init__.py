"""Looks at the written file with other eyes, and at pictures that the format did not make: is any text left?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_recheck.options import RecheckOptions


def _build(options: RecheckOptions) -> Any:
    from deidkit_recheck.verifier import Recheck

    return Recheck(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="verifier",
            name="recheck",
            options=RecheckOptions,
            build=_build,
            summary="renders the written file anew and has another detector read it; text that it can read fails the file",
            requires=("python:cv2",),
            reads=True,
        )
    ]
