"""The pixel data of one object, decoded frame by frame."""

from __future__ import annotations

from dataclasses import replace

from pydicom import Dataset

from deidkit.errors import OverBudget, UnreadableFile, UnsupportedFile
from deidkit.image import Array
from deidkit.limits import Limits
from deidkit_dicom.codestream.inspect import HEAD, bare, begins_frame, check_codestream, check_single, colour_of
from deidkit_dicom.display.floats import read_float_module
from deidkit_dicom.part10.fragments import Spans, group
from deidkit_dicom.part10.parts import PIXEL_DATA, Parts, PixelElement
from deidkit_dicom.part10.syntaxes import JPEGXL_RECOMPRESSION, Syntax
from deidkit_dicom.pixel_module import WITHOUT_SUBSAMPLING, PixelModule, read_module
from deidkit_dicom.pixels.contradictions import contradictions
from deidkit_dicom.pixels.counting import check_more_frames
from deidkit_dicom.pixels.decode import decode, plugins_for
from deidkit_dicom.pixels.extent import measure
from deidkit_dicom.pixels.native import Native
from deidkit_dicom.pixels.raw import decode_raw, is_whole
from deidkit_dicom.stored_bits import cleared


class Pixels:
    """The pixel data of one object.

    Args:
        parts: the file taken apart; its pixel element is not None.
        syntax: its transfer syntax.
    """

    def __init__(self, parts: Parts, element: PixelElement, syntax: Syntax, limits: Limits) -> None:
        self.source = parts.source
        self.element = element
        self.syntax = syntax
        floating = element.tag != PIXEL_DATA
        if floating and not syntax.native:
            raise UnsupportedFile("float-pixels-compressed", "no transfer syntax compresses floating point pixel data")
        self.module: PixelModule = (
            read_float_module(parts.header, element.tag, limits)
            if floating
            else _as_held(read_module(parts.header, limits), syntax)
        )
        self.spans: tuple[Spans, ...] = ()
        self.contradictions: tuple[str, ...] = ()
        _check_photometric(self.module.photometric, syntax)
        if syntax.native:
            self._measure(parts.header, limits)
            self.native = self._native(self.module)
        else:
            self._encapsulated(parts, limits)
        self.decoded: PixelModule = self.module.decoded(self._colour())

    def _native(self, module: PixelModule) -> Native:
        return Native(module, self.source, self.element, self.syntax)

    def _measure(self, header: Dataset, limits: Limits) -> None:
        """Compares the length of native pixel data with the header, and corrects the module where that is wrong."""
        if self.element.length is None:
            raise UnreadableFile("pixels-encapsulated", "the transfer syntax says native, the pixel data is encapsulated")

        def load(module: PixelModule, index: int) -> Array:
            return self._native(module).load(index)

        extent = measure(self.module, header, self.source, self.element.offset, self.element.length, load)
        self.module, self.contradictions = extent.module, extent.corrections
        limits.check_frames(self.module.frames)

    def _encapsulated(self, parts: Parts, limits: Limits) -> None:
        """Assigns fragments to frames, and counts these where there are more than the header says."""
        if self.element.fragments is None:
            raise UnreadableFile("pixels-not-encapsulated", "compressed pixel data is not encapsulated")
        plugins_for(self.syntax)
        extended = parts.offsets.get(0x7FE00001, b"")
        self.has_extended_table = bool(extended)
        grouped = group(self.element.fragments, self.module.frames, self._begins, extended)
        self.spans = grouped.frames
        if any(sum(length for _, length in spans) > limits.frame_bytes for spans in self.spans):
            raise OverBudget("frame-too-large", "a compressed frame is larger than a decoded one may be")
        found = len(self.spans)
        if found > self.module.frames:
            limits.check_frames(found)
            for index in range(found):
                check_codestream(self.encoded(index), self.module, self.syntax.family)
            check_more_frames(parts.header, found, shown=True, tables=grouped.tables)
            self.module = replace(self.module, frames=found)
            self.contradictions = (f"Number of Frames says fewer than the {found} frames of the pixel data",)

    def _begins(self, span: tuple[int, int]) -> bool:
        if self.syntax.raw:
            return is_whole(self.source.read(*span), self.module, self.syntax.family)
        return begins_frame(self.source.read(span[0], min(HEAD, span[1])), self.module, self.syntax.family)

    def _colour(self) -> str:
        """Colour space of the samples, from the first frame for those that are encoded."""
        if self.syntax.native or self.syntax.raw:
            self.contradictions += contradictions(b"", self.module, None, self.syntax.family)
            return WITHOUT_SUBSAMPLING.get(self.module.photometric, self.module.photometric)
        data = self.encoded(0)
        info = check_codestream(data, self.module, self.syntax.family)
        self.contradictions += contradictions(data, self.module, info, self.syntax.family)
        if info is not None and info.precision <= self.module.high_bit:
            # A codestream without bits that high holds samples alone, wherever the header says that they lie.
            self.module = replace(self.module, high_bit=self.module.stored - 1)
        return colour_of(self.module.photometric, info, self.syntax.family)

    def encoded(self, index: int) -> bytes:
        """The fragments of one compressed frame, joined."""
        return b"".join(self.source.read(*span) for span in self.spans[index])

    def alone(self, index: int) -> bytes:
        """The fragments of one compressed frame, joined, which hold no other frame.

        Raises:
            UnreadableFile: they do, and that one would get lost.
        """
        data = self.encoded(index)
        check_single(data, self.module, self.syntax.family)
        return data

    def bare(self, index: int) -> bytes:
        """One compressed frame without anything that its samples do not need.

        Raises:
            Unsuitable: that cannot be told for this frame.
            UnreadableFile: as ``alone`` does.
        """
        return bare(self.alone(index), self.module, self.syntax.family)

    def is_bare(self, index: int) -> bool:
        """Whether there is nothing of that kind in the frame. Raises as ``bare`` does."""
        data = self.encoded(index)
        return bare(data, self.module, self.syntax.family) is data

    def is_loose(self, index: int) -> bool:
        """Whether unused bits of a frame hold something that is cleared when a picture is written; see ``cleared``.

        Codestreams without bits so high are not decoded for that. Raises as ``load`` does.
        """
        if self.module.floating or not self.module.unused_bits or self.syntax.always_lossy:
            return False
        if not (self.syntax.native or self.syntax.raw):
            info = check_codestream(self.encoded(index), self.module, self.syntax.family)
            if info is not None and info.precision <= self.module.stored:
                return False
        words = self.load(index)
        return cleared(words, self.decoded) is not words

    @property
    def is_plain(self) -> bool:
        """Whether the encapsulated value holds its frames and nothing else: no stray fragment, no wrong table."""
        fragments = self.element.fragments
        if fragments is None or not fragments.closed or self.has_extended_table:
            return False
        if tuple(span for spans in self.spans for span in spans) != fragments.spans:
            return False
        starts = [spans[0][0] - 8 - fragments.first for spans in self.spans]
        table = [int.from_bytes(fragments.table[place : place + 4], "little") for place in range(0, len(fragments.table), 4)]
        return not table or (table == starts and len(fragments.table) == 4 * len(starts))

    def load(self, index: int) -> Array:
        """Words of one frame, ``(rows, columns[, samples])``; ``decoded`` says where the samples are in them.

        Raises:
            UnreadableFile: the frame cannot be decoded, or differs from what the header says.
        """
        if self.syntax.native:
            return self.native.load(index)
        return self._decoded(self.encoded(index))

    def load_whole(self, index: int) -> Array:
        """The same of a compressed frame that is going to be written anew.

        Raises:
            UnreadableFile: as ``load`` and ``alone`` do.
        """
        return self._decoded(self.alone(index))

    def _decoded(self, data: bytes) -> Array:
        if self.syntax.raw:
            return decode_raw(data, self.module, self.syntax.family)
        info = check_codestream(data, self.module, self.syntax.family)
        if colour_of(self.module.photometric, info, self.syntax.family) != self.decoded.photometric:
            raise UnreadableFile("frames-differ", "frames of one object differ in their colour space")
        return decode(data, self.module, self.syntax)


def _as_held(module: PixelModule, syntax: Syntax) -> PixelModule:
    """Codecs hold whole bytes; only native words of 12 bits are packed."""
    return replace(module, allocated=16) if module.allocated == 12 and not (syntax.native or syntax.raw) else module


def _check_photometric(photometric: str, syntax: Syntax) -> None:
    """Raises for terms that have a meaning in other transfer syntaxes only."""
    only = {"XYB": syntax.family == "jxl", "YBR_PARTIAL_422": syntax.native or syntax.raw}
    if not only.get(photometric, True):
        raise UnsupportedFile(
            "photometric-unsupported", f"Photometric Interpretation: {photometric} is not read in this syntax"
        )
    if syntax.family == "jxl" and photometric.startswith("YBR_FULL") and syntax.uid != JPEGXL_RECOMPRESSION:
        raise UnsupportedFile("photometric-unsupported", "Photometric Interpretation: YBR_FULL is not read in JPEG XL")
