"""Names the places of an object, other than its pixels, that may hold text."""

from __future__ import annotations

from pydicom import Dataset

from deidkit_dicom.part10.parts import Parts
from deidkit_dicom.pixel_module import overlay_groups

NESTED = {
    0x00880200: "icon",
    0x00700001: "graphics",
    0x00420011: "document",
    0x7FE00010: "icon",
}
TOP = {
    **NESTED,
    0x0040A730: "structured-text",
    0x54000100: "waveform",
    0x00700080: "graphics",
    0x00204000: "comment",
    0x00104000: "comment",
    0x7FE00008: "float-pixels",
    0x7FE00009: "float-pixels",
}
EXECUTABLE = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")


def carriers_of(parts: Parts) -> tuple[str, ...]:
    """Sorted names; ``preamble-executable`` for a preamble that a system would run as a program."""
    found = {name for tag, name in TOP.items() if tag in parts.header}
    found |= {name for tag, name in NESTED.items() if tag in parts.nested}
    found |= _planes(parts.header)
    if parts.preamble.strip(b"\0"):
        found.add("preamble")
    if parts.preamble.startswith(EXECUTABLE):
        found.add("preamble-executable")
    if parts.padding:
        found.add("trailing")
    return tuple(sorted(found))


def _planes(header: Dataset) -> set[str]:
    found = {"overlay"} if overlay_groups(header) else set()
    if any(0x5000 <= tag >> 16 <= 0x501E for tag in header.keys()):  # noqa: SIM118
        found.add("curve")
    return found
