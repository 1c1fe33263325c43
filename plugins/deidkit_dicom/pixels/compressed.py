"""How the pixel data of a compressed object leaves: untouched, with some frames encoded anew, or decoded altogether."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import Dataset

from deidkit.image import Array, Box
from deidkit.jpeg.bare import bare_jpeg
from deidkit.jpeg.huffman import Unsuitable
from deidkit.types import Masks
from deidkit_dicom.codestream.dct import blank
from deidkit_dicom.codestream.j2k import is_reversible
from deidkit_dicom.options import DicomOptions
from deidkit_dicom.part10.syntaxes import EXPLICIT_LE, HTJ2K, J2K, JPEGXL, SYNTAXES, Syntax
from deidkit_dicom.part10.write import Writer
from deidkit_dicom.pixels.encode import CHOICE, attributes, can_hold, encode
from deidkit_dicom.pixels.fills import Fills
from deidkit_dicom.pixels.pixel_data import Pixels
from deidkit_dicom.pixels.sample_layout import packed
from deidkit_dicom.stored_bits import cleared


@dataclass(frozen=True, slots=True)
class Plan:
    """``syntax`` of the output; ``recode`` says that every frame is decoded and encoded, not only edited ones.

    ``dct`` says that edited frames are blanked in the DCT domain and stay what they are, ``anew`` that frames which cannot be
    followed to their end, so that nobody can tell what else they hold, are encoded like edited ones. So are ``loose`` ones, in
    which unused bits are cleared.
    """

    syntax: Syntax
    recode: bool
    dct: bool = False
    anew: bool = False
    loose: frozenset[int] = frozenset()


def loose_frames(pixels: Pixels) -> frozenset[int]:
    """Frames of a picture whose unused bits are cleared, for which they have to be encoded anew.

    Frames that lost something already hold no bits beside their samples that anybody put there.
    """
    if not pixels.module.unused_bits or (pixels.syntax.uid in (J2K, HTJ2K) and not is_reversible(pixels.encoded(0))):
        return frozenset()
    return frozenset(index for index in range(pixels.module.frames) if pixels.is_loose(index))


def plan(
    pixels: Pixels, fills: Fills, clear: int, options: DicomOptions, anew: bool = False, loose: frozenset[int] = frozenset()
) -> Plan:
    """The least change that still leads to a legal object. With ``anew`` some frame cannot be followed to its end."""
    same = pixels.syntax
    if same.leaves:
        wanted = CHOICE.get(options.lossless, "")
        return Plan(SYNTAXES[wanted if can_hold(wanted, pixels.decoded) else same.leaves], recode=True, loose=loose)
    if not len(fills) and not clear and not anew and not loose:
        return Plan(same, recode=False)
    if (
        not anew
        and not loose
        and options.dct
        and options.lossless == "same"
        and not clear
        and fills.blank_only
        and _levels(pixels)
    ):
        return Plan(same, recode=False, dct=True)
    wanted = same.same if options.lossless == "same" else CHOICE.get(options.lossless, "")
    target = SYNTAXES[wanted] if wanted and can_hold(wanted, pixels.decoded) else SYNTAXES[EXPLICIT_LE]
    # An irreversible colour transform is named by the Photometric Interpretation, which one lossless frame would make false.
    mixed = pixels.module.photometric not in (pixels.decoded.photometric, "YBR_RCT")
    if mixed and options.lossless == "same":
        target = SYNTAXES[EXPLICIT_LE]
    return Plan(target, recode=target is not same or bool(clear) or mixed, anew=anew, loose=loose)


def describe(header: Dataset, pixels: Pixels, chosen: Plan) -> None:
    """Makes the image pixel module and the account of lossy compression true for what is going to be written."""
    if not chosen.recode or _keeps_layout(pixels, chosen):
        return
    photometric, planar = attributes(chosen.syntax.uid, pixels.decoded)
    header.PhotometricInterpretation = photometric
    header.BitsAllocated, header.HighBit = pixels.decoded.allocated, pixels.decoded.high_bit
    if pixels.decoded.samples > 1:
        header.PlanarConfiguration = planar
    lossy = _is_lossy(pixels, header)
    if lossy and str(header.get("LossyImageCompression", "") or "") != "01":
        header.LossyImageCompression = "01"
    if header.get("LossyImageCompression") == "01" and pixels.syntax.lossy_method and lossy:
        if "LossyImageCompressionMethod" not in header:
            header.LossyImageCompressionMethod = pixels.syntax.lossy_method
        if "LossyImageCompressionRatio" not in header:
            packed = sum(length for spans in pixels.spans for _, length in spans)
            full = pixels.decoded.frame_bits // 8 * pixels.decoded.frames
            header.LossyImageCompressionRatio = f"{full / max(packed, 1):.4g}"


def _keeps_layout(pixels: Pixels, chosen: Plan) -> bool:
    """Whether native bytes of the input stay native bytes of the output."""
    return pixels.syntax.raw and chosen.syntax.native


def _is_lossy(pixels: Pixels, header: Dataset) -> bool:
    """Whether the frames of the input have lost something: by their syntax, by their wavelet, or by what the header says."""
    if pixels.syntax.uid in (J2K, HTJ2K):
        return not is_reversible(pixels.encoded(0))
    if pixels.syntax.uid == JPEGXL:
        return str(header.get("LossyImageCompression", "") or "") != "00"
    return pixels.syntax.always_lossy


def write_compressed(writer: Writer, pixels: Pixels, fills: Fills, chosen: Plan) -> Masks:
    """Writes the pixel data element, and says which boxes changed."""
    module = pixels.module if _keeps_layout(pixels, chosen) else pixels.decoded
    if chosen.syntax.native:
        frames = packed((_words(pixels, fills, index, chosen) for index in range(module.frames)), module)
        writer.native(
            "OB" if module.allocated <= 8 and not chosen.syntax.implicit else "OW",
            (module.frame_bits * module.frames + 7) // 8,
            frames,
        )
        return fills.masks
    if not len(fills) and not chosen.recode and not chosen.anew and not chosen.loose and _is_clean(pixels):
        fragments = pixels.element.fragments
        assert fragments is not None  # noqa: S101
        start = pixels.element.offset
        writer.verbatim(pixels.element.vr, pixels.source.chunks(start, fragments.end - start))
        return {}
    small = module.frame_bits // 8 * module.frames < 1 << 31
    masks = fills.masks
    writer.encapsulated(_frames(pixels, fills, chosen, masks), module.frames, with_table=small)
    return masks


def _frames(pixels: Pixels, fills: Fills, chosen: Plan, masks: dict[int, tuple[Box, ...]]) -> Iterator[bytes]:
    """Encoded frames in order. What blanking in the DCT domain may change goes into ``masks``.

    Raises:
        Unsuitable: a frame cannot be followed, and is not to be encoded anew.
    """
    levels = _levels(pixels)
    photometric = attributes(chosen.syntax.uid, pixels.decoded)[0] if chosen.recode else pixels.module.photometric
    for index in range(pixels.module.frames):
        if chosen.dct and index in fills:
            data, masks[index] = blank(pixels.alone(index), masks[index], levels)
            yield bare_jpeg(data)
            continue
        kept = None if chosen.recode or index in fills or index in chosen.loose else _bare(pixels, index, chosen.anew)
        yield kept or encode(_words(pixels, fills, index, chosen), pixels.decoded, chosen.syntax.uid, photometric)


def _bare(pixels: Pixels, index: int, anew: bool) -> bytes | None:
    """One frame as it leaves, or None when it is to be encoded anew."""
    try:
        return pixels.bare(index)
    except Unsuitable:
        if anew:
            return None
        raise


def _words(pixels: Pixels, fills: Fills, index: int, chosen: Plan) -> Array:
    words = pixels.load_whole(index)
    words = fills.apply(index) if index in fills else words
    return cleared(words, pixels.decoded) if index in chosen.loose else words


def _levels(pixels: Pixels) -> tuple[str, ...]:
    """Where black lies in each component of an 8-bit DCT frame; empty for frames of another kind."""
    if not pixels.syntax.dct or pixels.module.allocated != 8 or pixels.module.signed:
        return ()
    if pixels.module.samples == 1:
        known = {"MONOCHROME1": ("high",), "MONOCHROME2": ("low",)}
        return known.get(pixels.module.photometric, ())
    return ("low",) * 3 if pixels.decoded.photometric == "RGB" else ("low", "middle", "middle")


def _is_clean(pixels: Pixels) -> bool:
    """Whether the encapsulated value can be copied as it is: frames alone, in fragments that every reader assigns alike."""
    fragments, spans = pixels.element.fragments, pixels.spans
    if not pixels.is_plain or any(length % 2 for frame in spans for _, length in frame):
        return False
    if fragments is not None and not fragments.table and 1 < len(spans) < len(fragments.spans):
        return False
    return all(pixels.is_bare(index) for index in range(pixels.module.frames))
