"""DICOM Part 10 files: read frame by frame, written back with only the redacted samples changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deidkit.components import Codec, Component
from deidkit.hookspecs import hookimpl
from deidkit_dicom.options import DicomOptions

if TYPE_CHECKING:
    from deidkit_dicom.format import DicomFormat


def build(options: DicomOptions) -> DicomFormat:
    from deidkit_dicom.format import DicomFormat

    return DicomFormat(options)


def codecs() -> Sequence[Codec]:
    from deidkit_dicom.part10.syntaxes import codecs

    return codecs()


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="format",
            name="dicom",
            options=DicomOptions,
            build=build,
            summary="DICOM Part 10 files, native and compressed, single and multi-frame",
            codecs=codecs,
        )
    ]
