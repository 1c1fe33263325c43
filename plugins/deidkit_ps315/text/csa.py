"""Siemens CSA headers (private group 0029): named items with VRs of their own inside one element of bytes.

The format is described by NiBabel (``nibabel.nicom.csareader``) and the SPM developers: for the version that begins with SV10 a
count of tags at byte 8; per tag a name of 64 bytes, VM, a VR of 4 bytes, a type number, the number of items and a check number;
per item four lengths, then the value, NUL-terminated and padded to four bytes. All numbers are little endian, 32 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

MAGIC = b"SV10"
COUNT = struct.Struct("<II")
TAG = struct.Struct("<64si4siii")
ITEM = struct.Struct("<iiii")
CHECKS = frozenset({77, 205})
MOST_TAGS = 128
MOST_ITEMS = 8192


class Item(NamedTuple):
    """One value of a CSA header: the name and VR of its tag, and where its text stands in the element's bytes."""

    name: str
    vr: str
    start: int
    end: int


def items(value: bytes) -> Iterator[Item]:
    """The non-empty values of a CSA header. Nothing where ``value`` is none; it ends early where the header is damaged."""
    second = value.startswith(MAGIC)
    position = 8 if second else 0
    if len(value) < position + COUNT.size:
        return
    count, check = COUNT.unpack_from(value, position)
    if not 1 <= count <= MOST_TAGS or check not in CHECKS:
        return
    position += COUNT.size
    first = None
    for _ in range(count):
        if position + TAG.size > len(value):
            return
        name, _vm, vr, _type, number, check = TAG.unpack_from(value, position)
        position += TAG.size
        if check not in CHECKS or not 0 <= number <= MOST_ITEMS:
            return
        for _ in range(number):
            if position + ITEM.size > len(value):
                return
            lengths = ITEM.unpack_from(value, position)
            position += ITEM.size
            first = lengths[0] if first is None else first
            length = lengths[1] if second else lengths[0] - first
            length = lengths[0] if not second and not 0 <= length <= len(value) - position else length
            if not 0 <= length <= len(value) - position:
                return
            text = value[position : position + length].partition(b"\0")[0]
            if text:
                yield Item(_word(name), _word(vr), position, position + len(text))
            position += length + -length % 4


def _word(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("latin-1")
