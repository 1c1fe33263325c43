"""Text detection and reading with the PP-OCR networks of the rapidocr wheel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deidkit.components import Component
from deidkit.hookspecs import hookimpl
from deidkit_rapidocr.options import RapidOcrOptions, ReaderOptions

REQUIRES = ("python:rapidocr", "python:onnxruntime", "python:cv2")
INSTALL = "pip install rapidocr onnxruntime opencv-python-headless"


def _detector(options: RapidOcrOptions) -> Any:
    from deidkit_rapidocr.detector import RapidOcrDetector

    return RapidOcrDetector(options)


def _recogniser(options: ReaderOptions) -> Any:
    from deidkit_rapidocr.recogniser import RapidOcrRecogniser

    return RapidOcrRecogniser(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            "detector", "rapidocr", RapidOcrOptions, _detector, "lines of text found and read by PP-OCR", REQUIRES, INSTALL
        ),
        Component("recogniser", "rapidocr", ReaderOptions, _recogniser, "regions read by PP-OCR", REQUIRES, INSTALL),
    ]
