"""Text detection with the tesseract program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component, Finding
from deidkit.hookspecs import hookimpl
from deidkit_tesseract.options import TesseractOptions


def _build(options: TesseractOptions) -> Any:
    from deidkit_tesseract.detector import TesseractDetector

    return TesseractDetector(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="detector",
            name="tesseract",
            options=TesseractOptions,
            build=_build,
            summary="finds and reads words with the program Tesseract",
            requires=("program:tesseract",),
            install="apt-get install tesseract-ocr",
        )
    ]


@hookimpl
def deidkit_checks() -> Sequence[Finding]:
    from deidkit_tesseract.installation import findings

    return list(findings())
