"""How many frames an object has, where its pixel data holds more than Number of Frames (0028,0008) counts.

Frames beyond that number are never cut: they count when the rest of the object says or shows that they are frames of it, and
the object is refused when it does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag

from deidkit.errors import UnreadableFile

MULTI_FRAME = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{end}"
    for end in (
        *("2.1", "2.2", "3", "3.1", "4.1", "4.3", "4.4", "5", "6.2", "6.3", "7.1", "7.2", "7.3", "7.4"),
        *("12.1", "12.1.1", "12.2", "12.2.1", "12.3", "13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5"),
        *("14.1", "14.2", "20", "30", "66.4", "66.7", "66.8", "77.1.1.1", "77.1.2.1", "77.1.4.1", "77.1.5.1", "77.1.5.2"),
        *("77.1.5.4", "77.1.5.5", "77.1.5.6", "77.1.5.8", "77.1.6", "77.1.8", "77.1.9", "77.2"),
        *("128.1", "130", "481.1", "481.2", "481.23", "481.24", "601.2"),
    )
)
"""Storage classes whose IOD has the Multi-frame module (PS3.3 A.1), so that objects have as many frames as there are."""

FRAME_POINTER = "FrameIncrementPointer"
VECTORS = ("FrameTimeVector", "GridFrameOffsetVector", "SliceLocationVector", "FrameLabelVector")
PER_FRAME = "PerFrameFunctionalGroupsSequence"


def told(header: Dataset) -> set[int]:
    """The numbers of frames that attributes with one value or item for each frame imply."""
    try:
        return {number for number in _lengths(header) if number}
    except Exception:
        raise UnreadableFile("pixel-module-invalid", "an attribute with a value for each frame cannot be read") from None


def _lengths(header: Dataset) -> Iterator[int]:
    pointers = header.get(FRAME_POINTER)
    pointers = [pointers] if isinstance(pointers, int) else list(pointers or ())
    named = [name for name in map(keyword_for_tag, pointers) if name.endswith("Vector")]
    for keyword in dict.fromkeys((*VECTORS, *named)):
        if keyword in header:
            yield header[keyword].VM
    if PER_FRAME in header:
        yield len(header[PER_FRAME].value or ())


def check_more_frames(header: Dataset, found: int, shown: bool, tables: frozenset[int] = frozenset()) -> None:
    """Returns when the object surely has ``found`` frames, more than Number of Frames says.

    Args:
        shown: the samples look like frames of this size, one below the other.
        tables: numbers of frames that offset tables tell.

    Raises:
        UnreadableFile: something else in the object contradicts, or nothing else says so.
    """
    witnesses = told(header) | tables
    if witnesses - {found}:
        why = "other parts of the object tell another number"
    elif not witnesses and not (shown and str(header.get("SOPClassUID", "")) in MULTI_FRAME):
        why = "nothing else says that they belong to it"
    else:
        return
    raise UnreadableFile("frames-uncounted", f"the pixel data holds more frames than the header counts, and {why}")
