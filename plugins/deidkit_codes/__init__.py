"""Barcodes and matrix codes: found, redacted, and looked for again in the written file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_codes.options import CodesCheckOptions, CodesOptions

REQUIRES = ("python:zxingcpp", "python:cv2")
INSTALL = "pip install zxing-cpp opencv-python-headless"


def _detector(options: CodesOptions) -> Any:
    from deidkit_codes.detector import CodesDetector

    return CodesDetector(options)


def _verifier(options: CodesCheckOptions) -> Any:
    from deidkit_codes.verifier import CodesVerifier

    return CodesVerifier(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="detector",
            name="codes",
            options=CodesOptions,
            build=_detector,
            summary="barcodes and matrix codes, such as Code 39, Code 128, EAN, ITF, QR, Data Matrix, PDF417 and Aztec",
            requires=REQUIRES,
            install=INSTALL,
        ),
        Component(
            kind="verifier",
            name="codes",
            options=CodesCheckOptions,
            build=_verifier,
            summary="fails a written file in which a barcode or matrix code can be decoded",
            requires=REQUIRES,
            install=INSTALL,
        ),
    ]
