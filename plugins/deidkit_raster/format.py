"""The raster format: sniff, open, save."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.errors import InvariantBroken, ItemError, UnreadableFile
from deidkit.types import Edit, Masks
from deidkit_raster.image import RasterImage
from deidkit_raster.options import RasterOptions
from deidkit_raster.probe import kind_of
from deidkit_raster.save import save

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.image import Image
    from deidkit.limits import Limits


DICOM_MAGIC = (128, b"DICM")


class RasterFormat:
    """See ``deidkit.interfaces.Format``."""

    def __init__(self, options: RasterOptions) -> None:
        self._level = options.png_level
        # Both quote tags and texts of the file.
        logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
        logging.getLogger("PIL").setLevel(logging.CRITICAL + 1)
        warnings.filterwarnings("ignore", module=r"PIL(\.|$)")

    def sniff(self, head: bytes) -> bool:
        """A DICOM file whose preamble begins a TIFF (PS3.10 7.1) is DICOM; its preamble is dropped on writing."""
        return bool(kind_of(head)) and head[DICOM_MAGIC[0] :][: len(DICOM_MAGIC[1])] != DICOM_MAGIC[1]

    def open(self, path: Path, limits: Limits) -> RasterImage:
        """Reads the structure; decodes nothing.

        Raises:
            UnreadableFile, UnsupportedFile, OverBudget.
        """
        try:
            return RasterImage(path, limits)
        except (ItemError, MemoryError):
            raise
        except Exception:
            raise UnreadableFile("file-malformed", "the file cannot be opened") from None

    def suffix(self, image: Image, edits: Sequence[Edit]) -> str:
        """``.tif`` for TIFF, ``.jpg`` for a JPEG that is neither edited nor turned, else ``.png``."""
        raster = _own(image)
        if raster.probe.kind == "tiff":
            return ".tif"
        edited = any(edit.patches for edit in edits)
        return ".jpg" if not edited and raster.bare is not None else ".png"

    def save(self, image: Image, header: Dataset, edits: Sequence[Edit], path: Path) -> Masks:  # noqa: ARG002
        """Writes samples and nothing else.

        Raises:
            InvariantBroken: ``image`` was not opened by this format, or an edit does not fit it.
            UnreadableFile: the pixels cannot be decoded.
        """
        return save(_own(image), edits, path, self._level)


def _own(image: Image) -> RasterImage:
    if not isinstance(image, RasterImage):
        raise InvariantBroken("format-mismatch", "the image was opened by another format")
    return image
