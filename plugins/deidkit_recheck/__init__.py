"""Looks at the written file with other eyes, and at pictures that the format did not make: is any text left?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_recheck.options import InspectionOptions, RecheckOptions


def _build(options: RecheckOptions) -> Any:
    from deidkit_recheck.verifier import Recheck

    return Recheck(options)


def _build_inspection(options: InspectionOptions) -> Any:
    from deidkit_recheck.inspection import Inspection

    return Inspection(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="verifier",
            name="recheck",
            options=RecheckOptions,
            build=_build,
            summary="renders the written file independently, reads it with another detector, and fails it for readable text",
            requires=("python:cv2",),
            reads=True,
        ),
        Component(
            kind="verifier",
            name="inspection",
            options=InspectionOptions,
            build=_build_inspection,
            summary="reads masks, label maps and maps of measurements, and fails the file for a word",
            requires=("python:cv2",),
            reads=True,
        ),
    ]
