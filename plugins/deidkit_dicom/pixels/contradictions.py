"""Where the header tells the colours of frames otherwise than the frames do (PS3.5 8.2).

Such objects are common, and viewers that trust the one or the other show different colours. They leave as they came, but not
without a word.
"""

from __future__ import annotations

from deidkit.jpeg.segments import Info
from deidkit_dicom.codestream.j2k import component_transform, is_reversible
from deidkit_dicom.pixel_module import PixelModule

BY_PIXEL = ("jpeg", "jpegls", "j2k", "jxl")
"""Families whose codestreams tell how components are interleaved, so that Planar Configuration has to be 0 (PS3.5 8.2)."""

TRANSFORMS, TRANSFORMED = ("YBR_RCT", "YBR_ICT"), ("j2k", "jpegls", "jxl")
"""Terms that name a component transform, and families that may have one."""


def contradictions(data: bytes, module: PixelModule, info: Info | None, family: str) -> tuple[str, ...]:
    """One line for each contradiction of the header with the first frame, free of identifiers.

    Args:
        data: the codestream of that frame; empty for native bytes.
        info: what its own header says, where it has one.
    """
    if module.samples == 1:
        return ()
    found = [_colour(data, module, info, family), _planes(module, family)]
    return tuple(filter(None, found))


def _planes(module: PixelModule, family: str) -> str:
    if family in BY_PIXEL and module.planar:
        return "Planar Configuration says colour by plane; that has no meaning for frames of this transfer syntax"
    return ""


def _colour(data: bytes, module: PixelModule, info: Info | None, family: str) -> str:
    says = module.photometric
    if family not in TRANSFORMED and says in TRANSFORMS:
        return f"Photometric Interpretation says {says}, a component transform; frames of this transfer syntax have none"
    if family == "j2k":
        holds = _transform(data)
        if holds != (says if says in TRANSFORMS else ""):
            return f"Photometric Interpretation says {says}; the component transform of the frames is {holds or 'none'}"
    elif info is not None and info.colour and (info.colour == "RGB") != (says == "RGB"):
        return f"Photometric Interpretation says {says}; the frames hold {info.colour}"
    return ""


def _transform(data: bytes) -> str:
    if not component_transform(data):
        return ""
    return "YBR_RCT" if is_reversible(data) else "YBR_ICT"
