"""One opened DICOM object: header in memory, pixels left on disk and decoded frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset

from deidkit.errors import UnsupportedFile
from deidkit.image import Array, Frame
from deidkit.imaging.samples import are_a_picture
from deidkit.jpeg.huffman import Unsuitable
from deidkit.limits import Limits
from deidkit_dicom.carriers import carriers_of
from deidkit_dicom.display.black import black_of
from deidkit_dicom.display.lut import read_display
from deidkit_dicom.display.views import Views
from deidkit_dicom.part10.parts import Parts, take_apart
from deidkit_dicom.part10.syntaxes import EXPLICIT_LE, SYNTAXES, Syntax, registered_name
from deidkit_dicom.pixel_module import PixelModule, number
from deidkit_dicom.pixels.pixel_data import Pixels
from deidkit_dicom.stored_bits import values


class Once:
    """Loads words on first use and keeps them, for a frame and its views alike."""

    def __init__(self, pixels: Pixels, index: int) -> None:
        self._pixels = pixels
        self._index = index
        self._words: Array | None = None

    def __call__(self) -> Array:
        if self._words is None:
            self._words = self._pixels.load(self._index)
        return self._words

    def samples(self) -> Array:
        return values(self(), self._pixels.decoded)


class DicomImage:
    """See ``deidkit.image.Image``. Objects without pixels have ``pixels`` None and no frames."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.parts: Parts = take_apart(path, limits)
        self.header: Dataset = self.parts.header
        self.carriers = carriers_of(self.parts)
        self.pixels: Pixels | None = None
        self.syntax = _syntax(self.parts)
        if self.parts.pixel is not None:
            self.pixels = Pixels(self.parts, self.parts.pixel, self.syntax, limits)
            _correct(self.header, self.pixels.module)

    @property
    def contradictions(self) -> tuple[str, ...]:
        """See ``deidkit.image.Image``."""
        return self.pixels.contradictions if self.pixels else ()

    @property
    def frame_count(self) -> int:
        return self.pixels.module.frames if self.pixels else 0

    @property
    def is_picture(self) -> bool:
        floating = self.pixels is not None and self.pixels.module.floating
        return not floating and are_a_picture(self.header)

    def frame(self, index: int) -> Frame:
        """One frame, not yet decoded.

        Raises:
            IndexError: there is no such frame.
        """
        if self.pixels is None or not 0 <= index < self.frame_count:
            raise IndexError("frame index out of range")
        module = self.pixels.decoded
        once = Once(self.pixels, index)
        display = read_display(self.header, index, module.signed)
        views = Views(once, module, display, self.header)
        return Frame(index, module.shape, once.samples, views, black_of(module, display, self.header), once)

    def surplus(self, index: int) -> str:
        """See ``deidkit.interfaces.EncodedImage``. The fragments are looked at as a whole, with the first frame."""
        if self.pixels is None:
            return ""
        if self.is_picture and self.pixels.is_loose(index):
            return "unused bits that hold something"
        if self.syntax.native:
            return ""
        if not index and not self.pixels.is_plain:
            return "fragments or offsets that belong to no frame"
        try:
            return "" if self.pixels.is_bare(index) else "bytes that no sample needs"
        except Unsuitable:
            return "bytes that cannot be followed"

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))


def _correct(header: Dataset, module: PixelModule) -> None:
    """Makes the header true where the pixel data is not what it says."""
    if number(header, "NumberOfFrames", 1) != module.frames:
        header.NumberOfFrames = module.frames
    if module.samples > 1 and str(header.get("PhotometricInterpretation", "")).strip().upper() != module.photometric:
        header.PhotometricInterpretation = module.photometric


def _syntax(parts: Parts) -> Syntax:
    known = SYNTAXES.get(parts.syntax)
    if known is None and parts.pixel is None:
        return SYNTAXES[EXPLICIT_LE]
    if known is None:
        raise UnsupportedFile("transfer-syntax-unsupported", f"not read: {registered_name(parts.syntax)}")
    return known
