"""One opened DICOM object: header in memory, pixels left on disk and decoded frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset

from deidkit.errors import OverBudget, UnreadableFile, UnsupportedFile
from deidkit.limits import Limits
from deidkit.types import Array, Frame
from deidkit_dicom.black import black_of
from deidkit_dicom.carriers import carriers_of
from deidkit_dicom.codestream import check_codestream, colour_of, strip_markers
from deidkit_dicom.decode import decode, plugins_for
from deidkit_dicom.fragments import Spans, group
from deidkit_dicom.lut import read_display
from deidkit_dicom.module import PixelModule, read_module
from deidkit_dicom.native import Native
from deidkit_dicom.part10 import PIXEL_DATA, Parts, PixelElement, take_apart
from deidkit_dicom.syntaxes import EXPLICIT_LE, SYNTAXES, Syntax
from deidkit_dicom.views import Views


class Once:
    """Loads samples on first use and keeps them, for a frame and its views alike."""

    def __init__(self, pixels: Pixels, index: int) -> None:
        self._pixels = pixels
        self._index = index
        self._samples: Array | None = None

    def __call__(self) -> Array:
        if self._samples is None:
            self._samples = self._pixels.load(self._index)
        return self._samples


class Pixels:
    """The pixel data of one object.

    Args:
        parts: the file taken apart; its pixel element is not None.
        syntax: its transfer syntax.
    """

    def __init__(self, parts: Parts, element: PixelElement, syntax: Syntax, limits: Limits) -> None:
        if element.tag != PIXEL_DATA:
            raise UnsupportedFile("float-pixel-data", "float pixel data is not searched for text, so it is not passed on")
        self.source = parts.source
        self.element = element
        self.syntax = syntax
        self.module: PixelModule = read_module(parts.header, limits)
        self.spans: tuple[Spans, ...] = ()
        if syntax.native:
            self.native = Native(self.module, parts.source, element, syntax.little)
            self.decoded = self.module.decoded("YBR_FULL" if self.module.subsampled else self.module.photometric)
        else:
            self.decoded = self._encapsulated(parts, limits)

    def _encapsulated(self, parts: Parts, limits: Limits) -> PixelModule:
        if self.element.fragments is None:
            raise UnreadableFile("pixels-not-encapsulated", "compressed pixel data is not encapsulated")
        plugins_for(self.syntax)
        extended = parts.offsets.get(0x7FE00001, b"")
        self.has_extended_table = bool(extended)
        self.spans = group(self.element.fragments, self.module.frames, self.syntax.family, parts.source, extended)
        if any(sum(length for _, length in spans) > limits.frame_bytes for spans in self.spans):
            raise OverBudget("frame-too-large", "a compressed frame is larger than a decoded one may be")
        info = check_codestream(self.encoded(0), self.module, self.syntax.family)
        return self.module.decoded(colour_of(self.module.photometric, info, self.syntax.family))

    def encoded(self, index: int) -> bytes:
        """The fragments of one compressed frame, joined."""
        return b"".join(self.source.read(*span) for span in self.spans[index])

    def bare(self, index: int) -> bytes:
        """One compressed frame without anything that its samples do not need."""
        return strip_markers(self.encoded(index), self.module, self.syntax.family)

    def is_bare(self, index: int) -> bool:
        """Whether there is nothing of that kind in the frame."""
        data = self.encoded(index)
        return strip_markers(data, self.module, self.syntax.family) is data

    def load(self, index: int) -> Array:
        """Stored samples of one frame, ``(rows, columns[, samples])``.

        Raises:
            UnreadableFile: the frame cannot be decoded, or differs from what the header says.
        """
        if self.syntax.native:
            return self.native.load(index)
        data = self.encoded(index)
        info = check_codestream(data, self.module, self.syntax.family)
        if colour_of(self.module.photometric, info, self.syntax.family) != self.decoded.photometric:
            raise UnreadableFile("frames-differ", "frames of one object differ in their colour space")
        return decode(data, self.module, self.syntax)


class DicomImage:
    """See ``deidkit.interfaces.Image``. Objects without pixels have ``pixels`` None and no frames."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.parts: Parts = take_apart(path, limits)
        self.header: Dataset = self.parts.header
        self.carriers = carriers_of(self.parts)
        self.pixels: Pixels | None = None
        self.syntax = _syntax(self.parts)
        if self.parts.pixel is not None:
            self.pixels = Pixels(self.parts, self.parts.pixel, self.syntax, limits)

    @property
    def frame_count(self) -> int:
        return self.pixels.module.frames if self.pixels else 0

    def frame(self, index: int) -> Frame:
        """One frame, not yet decoded.

        Raises:
            IndexError: there is no such frame.
        """
        if self.pixels is None or not 0 <= index < self.frame_count:
            raise IndexError("frame index out of range")
        module = self.pixels.decoded
        load = Once(self.pixels, index)
        display = read_display(self.header, index, module.signed)
        return Frame(
            index, module.shape, load, Views(load, module, display, self.header), black_of(module, display, self.header)
        )

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))


def _syntax(parts: Parts) -> Syntax:
    known = SYNTAXES.get(parts.syntax)
    if known is None and parts.pixel is None:
        return SYNTAXES[EXPLICIT_LE]
    if known is None:
        raise UnsupportedFile("transfer-syntax-unsupported", "the transfer syntax is private, retired, or a video")
    return known
