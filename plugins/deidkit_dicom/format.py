"""The DICOM format: sniff, open, save."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import Dataset, config

from deidkit.errors import InvariantBroken, ItemError, UnreadableFile
from deidkit.jpeg.huffman import Unsuitable
from deidkit.types import Edit, Masks
from deidkit_dicom.image import DicomImage
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10.parts import PIXEL_DATA, looks_like_dicom
from deidkit_dicom.part10.syntaxes import EXPLICIT_LE, SYNTAXES
from deidkit_dicom.part10.write import ICON, Writer, released_header
from deidkit_dicom.pixel_module import overlay_groups
from deidkit_dicom.pixels.compressed import Plan, describe, loose_frames, plan, write_compressed
from deidkit_dicom.pixels.fills import Fills
from deidkit_dicom.pixels.pixel_data import Pixels

if TYPE_CHECKING:
    from deidkit.image import Image
    from deidkit.limits import Limits


def silence_pydicom() -> None:
    """Keeps pydicom's messages out of logs and terminals, because they quote header values."""
    config.settings.reading_validation_mode = config.IGNORE
    config.settings.writing_validation_mode = config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")


class DicomFormat:
    """See ``deidkit.interfaces.Format``."""

    def __init__(self, options: DicomOptions) -> None:
        self._options = options
        silence_pydicom()

    def sniff(self, head: bytes) -> bool:
        return looks_like_dicom(head)

    def open(self, path: Path, limits: Limits) -> DicomImage:
        """Reads header and structure; decodes nothing. Native samples are looked at where their length contradicts the header.

        Raises:
            UnreadableFile, UnsupportedFile, OverBudget.
        """
        try:
            return DicomImage(path, limits)
        except (ItemError, MemoryError):
            raise
        except OSError:
            raise UnreadableFile("file-unreadable", "the file cannot be read") from None
        except Exception:
            raise UnreadableFile("header-undecodable", "the header cannot be decoded") from None

    def suffix(self, image: Image, edits: Sequence[Edit]) -> str:  # noqa: ARG002
        return ".dcm"

    def save(self, image: Image, header: Dataset, edits: Sequence[Edit], path: Path) -> Masks:
        """Writes a Part 10 file. Only edited frames change, unless the transfer syntax has to.

        Raises:
            InvariantBroken: ``image`` was not opened by this format, or an edit does not fit it.
            UnreadableFile: a frame that has to be decoded cannot be, or the header cannot be written.
        """
        if not isinstance(image, DicomImage):
            raise InvariantBroken("format-mismatch", "the image was opened by another format")
        try:
            return self._save(image, header, edits, path)
        except (ItemError, OSError, MemoryError):
            raise
        except Exception:
            raise UnreadableFile("header-undecodable", "a value of the header cannot be decoded") from None

    def _save(self, image: DicomImage, header: Dataset, edits: Sequence[Edit], path: Path) -> Masks:
        may_drop_document = image.pixels is not None or self._options.documents == "remove"
        nested_icons = bool(image.parts.nested & {ICON, PIXEL_DATA})
        out = released_header(header, nested_icons, may_drop_document)
        if image.pixels is not None:
            return self._save_pixels(image, image.pixels, out, edits, path)
        syntax = image.syntax if image.syntax.native and not image.syntax.leaves else SYNTAXES[EXPLICIT_LE]
        with Writer(path, out, syntax) as writer:
            writer.begin()
            writer.end()
        return {}

    def _save_pixels(self, image: DicomImage, pixels: Pixels, out: Dataset, edits: Sequence[Edit], path: Path) -> Masks:
        module = pixels.module
        pair = 2 if module.subsampled and (pixels.syntax.native or pixels.syntax.raw) else 1
        fills = Fills(edits, pixels.decoded, image.frame, pair)
        clear = module.overlay_bits if module.overlay_bits and not overlay_groups(out) else 0
        if pixels.syntax.native:
            with Writer(path, out, SYNTAXES[pixels.syntax.leaves or pixels.syntax.uid]) as writer:
                writer.begin()
                element = pixels.element
                frames = pixels.native.written(fills, clear, picture=image.is_picture)
                writer.native(element.vr, pixels.native.length, frames, element.tag)
                writer.end()
            return fills.masks
        loose = loose_frames(pixels) if image.is_picture else frozenset()
        chosen = plan(pixels, fills, clear, self._options, loose=loose)
        try:
            return _write(pixels, fills, chosen, out, path)
        except Unsuitable:
            path.unlink(missing_ok=True)
        chosen = plan(pixels, fills, clear, self._options, anew=True, loose=loose)
        return _write(pixels, fills, chosen, out, path)


def _write(pixels: Pixels, fills: Fills, chosen: Plan, out: Dataset, path: Path) -> Masks:
    describe(out, pixels, chosen)
    with Writer(path, out, chosen.syntax) as writer:
        writer.begin()
        masks = write_compressed(writer, pixels, fills, chosen)
        writer.end()
    return masks
