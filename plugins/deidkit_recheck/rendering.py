"""The library that renders a written file, chosen by the file's own first bytes and not by the format that wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from deidkit_recheck.rendered import Picture, Rendered, Unrendered

DICM = slice(128, 132)
RASTER = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
GROUPS = (b"\x02\0", b"\x08\0", b"\0\x02", b"\0\x08")
"""First bytes of data sets without a preamble: group 0002 or 0008 in either byte order."""


class Rendering(Protocol):
    """All frames of one file. ``library`` is its name."""

    library: str
    frame_count: int

    def frames(self) -> Iterator[Rendered]:
        """All frames in order.

        Raises:
            Unrendered: one cannot be shown.
        """

    def frame(self, index: int) -> Rendered:
        """One frame.

        Raises:
            Unrendered: it cannot be shown.
        """

    def overlays(self) -> Iterator[Picture]:
        """Planes of bits that a viewer lays over the frames, white on black."""

    def close(self) -> None: ...


def rendering_of(path: Path) -> Rendering:
    """Opens the file.

    Raises:
        Unrendered: no library here shows it.
    """
    with path.open("rb") as stream:
        head = stream.read(DICM.stop)
    if head[DICM] == b"DICM" or head.startswith(GROUPS):
        from deidkit_recheck.dicom_rendering import DicomRendering

        return DicomRendering(path)
    if head.startswith(RASTER):
        from deidkit_recheck.raster_rendering import RasterRendering

        return RasterRendering(path)
    raise Unrendered("neither pydicom nor Pillow reads files of this kind; only the format shows them", supported=False)
