"""Walks the structure of a DICOM dataset without recursion: nesting and lying lengths are found before pydicom sees them.

Encodings follow PS3.5 sections 7.1 (elements), 7.5 (sequences) and 6.2.2 (UN of undefined length is implicit little endian).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from struct import Struct

from pydicom.datadict import dictionary_VR
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

from deidkit.errors import OverBudget, UnreadableFile
from deidkit.limits import Limits
from deidkit_dicom.part10.source import Source

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
KNOWN = frozenset(str(vr).encode() for vr in VR if len(str(vr)) == 2)
LONG = frozenset(str(vr).encode() for vr in EXPLICIT_VR_LENGTH_32)
FIRST_READ = 64 * 1024


def is_letters(vr: bytes | None) -> bool:
    """Whether two bytes could be a VR (PS3.5 6.2), known or not."""
    return vr is not None and all(0x41 <= letter <= 0x5A for letter in vr)


@cache
def is_sequence_tag(tag: int) -> bool:
    """Whether the data dictionary gives ``tag`` the VR SQ."""
    try:
        return dictionary_VR(tag) == "SQ"
    except KeyError:
        return False


@dataclass(slots=True)
class Element:
    """Where one element lies; ``vr`` is None when it is coded implicitly."""

    tag: int
    vr: bytes | None
    length: int
    value: int
    implicit: bool


@dataclass(slots=True)
class Structure:
    """The growing window of a dataset and what was met inside its sequences. ``left`` elements and items may still come."""

    source: Source
    little: bool
    limits: Limits
    left: int = field(init=False)
    buffer: bytearray = field(default_factory=bytearray, repr=False)
    nested: set[int] = field(default_factory=set)
    _short: Struct = field(init=False)
    _explicit: Struct = field(init=False)
    _long: Struct = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.limits.elements
        order = "<" if self.little else ">"
        self._short = Struct(order + "HHL")
        self._explicit = Struct(order + "HH2sH")
        self._long = Struct(order + "L")

    def need(self, end: int) -> None:
        """Makes bytes up to ``end`` available in ``buffer``."""
        have = len(self.buffer)
        if end <= have:
            return
        if end > self.source.size:
            raise UnreadableFile("header-truncated", "the file ends inside its header")
        most = self.limits.header_bytes
        if end > most:
            raise OverBudget("header-too-large", f"the header is larger than {most} bytes")
        upto = min(self.source.size, most, max(end, 2 * have, FIRST_READ))
        self.buffer += self.source.read(have, upto - have)

    def count(self) -> None:
        """Takes one element or item into account. Raises OverBudget for one too many, before anything makes an object of it."""
        self.left -= 1
        if self.left < 0:
            raise OverBudget("header-too-large", f"the header has more than {self.limits.elements} elements and items")

    def is_implicit(self, position: int, assumed: bool, end: int | None = None) -> bool:
        """Whether the dataset at ``position`` is coded implicitly, judged by the two bytes where an explicit VR would stand."""
        if position + 6 > (self.source.size if end is None else end):
            return assumed
        self.need(position + 6)
        a, b = self.buffer[position + 4], self.buffer[position + 5]
        return not (0x40 < a < 0x5B and 0x40 < b < 0x5B)

    def item(self, position: int) -> tuple[int, int]:
        """Tag and length of the item or delimiter at ``position``."""
        self.need(position + 8)
        group, element, length = self._short.unpack_from(self.buffer, position)
        return group << 16 | element, length

    def element(self, position: int, implicit: bool) -> Element:
        self.need(position + 8)
        group, number, vr, length = self._explicit.unpack_from(self.buffer, position)
        tag = group << 16 | number
        if implicit or tag >> 16 == 0xFFFE:
            return self._implicit(position, tag)
        if vr not in KNOWN:
            return self._of_unknown_vr(position, Element(tag, vr, length, position + 8, False))
        if vr not in LONG:
            return Element(tag, vr, length, position + 8, False)
        self.need(position + 12)
        return Element(tag, vr, self._long.unpack_from(self.buffer, position + 8)[0], position + 12, False)

    def _implicit(self, position: int, tag: int) -> Element:
        return Element(tag, None, self._short.unpack_from(self.buffer, position)[2], position + 8, True)

    def _of_unknown_vr(self, position: int, explicit: Element) -> Element:
        """An element whose VR PS3.5 does not know: with a length of two bytes, or none at all, as in elements that careless
        editors put in coded implicitly. What follows says which; two letters are taken for a VR.

        Raises:
            UnreadableFile: neither leads to another element.
        """
        implicit = self._implicit(position, explicit.tag)
        for element in (explicit,) if is_letters(explicit.vr) else (implicit, explicit):
            if element.length == UNDEFINED or self._leads_on(element):
                return element
        raise UnreadableFile("vr-unknown", "an element has a VR that PS3.5 does not know, and no length that leads to the next")

    def _leads_on(self, element: Element) -> bool:
        """Whether another element, or the end of the file, is where ``element`` ends."""
        end = element.value + element.length
        if end + 8 > self.source.size:
            return end == self.source.size
        group, number, vr, _ = self._explicit.unpack(self.source.read(end, 8))
        if group == ITEM >> 16 or vr in KNOWN:
            return True
        length = self._long.unpack(self.source.read(end + 4, 4))[0]
        return (group << 16 | number) > element.tag and end + 8 + int(length) <= self.source.size

    def end_of(self, element: Element, level: int = 0) -> int:
        """Position after ``element``, having walked through everything nested in it.

        Raises:
            UnreadableFile: lengths that contradict each other or the size of the file.
            OverBudget: nested deeper than allowed.
        """
        if element.length == UNDEFINED:
            if self.holds_items(element):
                implicit = element.implicit or element.vr == b"UN"
                return self.walk(element.value, None, implicit, level)
            return self.skip_fragments(element.value)
        end = element.value + element.length
        if end > self.source.size:
            raise UnreadableFile("length-lie", "an element claims more bytes than the file has")
        if element.vr == b"SQ" or (element.vr is None and is_sequence_tag(element.tag)):
            self.walk(element.value, end, element.implicit, level)
        elif element.vr in (None, b"UN") and element.length >= 8:
            self._probe(element, end, level)
        return end

    def holds_items(self, element: Element) -> bool:
        """Whether the items of an element of undefined length are datasets rather than fragments."""
        return element.vr in (b"SQ", b"UN") or (element.vr is None and element.tag != 0x7FE00010)

    def _probe(self, element: Element, end: int, level: int) -> None:
        """Looks into an unknown value that begins like a sequence: pydicom may parse it as one."""
        if self.item(element.value)[0] != ITEM:
            return
        try:
            self.walk(element.value, end, True, level)
        except UnreadableFile:
            return

    def skip_fragments(self, position: int) -> int:
        """Position after the sequence delimiter that ends a value made of fragments."""
        while True:
            tag, length = self.item(position)
            position += 8
            if tag == SEQUENCE_END:
                return position
            if tag != ITEM or length == UNDEFINED or position + length > self.source.size:
                raise UnreadableFile("fragments-malformed", "an encapsulated value is not made of fragments")
            position += length

    def walk(self, start: int, end: int | None, implicit: bool, level: int = 0) -> int:
        """Position after the sequence whose first item is at ``start``; ``end`` None when it ends with a delimiter."""
        # Frames alternate: sequence, item, sequence, item ... each with its end and its coding.
        stack: list[tuple[int | None, bool]] = [(end, implicit)]
        position = start
        self._check_depth(level + 1)
        while stack:
            bound, implicit = stack[-1]
            in_sequence = len(stack) % 2 == 1
            if bound is not None and position >= bound:
                if position > bound:
                    raise UnreadableFile("length-lie", "a sequence holds more than its length says")
                stack.pop()
                continue
            self.count()
            tag, length = self.item(position)
            if bound is None and tag == (SEQUENCE_END if in_sequence else ITEM_END):
                position += 8
                stack.pop()
            elif in_sequence:
                if tag != ITEM:
                    raise UnreadableFile("sequence-malformed", "a sequence holds something else than items")
                position += 8
                item_end = None if length == UNDEFINED else position + length
                stack.append((item_end, implicit or self.is_implicit(position, implicit, item_end)))
            else:
                position = self._step(stack, self.element(position, implicit), level + (len(stack) + 1) // 2)
        return position

    def _step(self, stack: list[tuple[int | None, bool]], element: Element, level: int) -> int:
        """Goes over one element of an item, or into it when it is a sequence."""
        self.nested.add(element.tag)
        if element.vr is not None and element.vr not in KNOWN and not is_letters(element.vr):
            # pydicom, which parses items, would take the VR for a part of the length.
            raise UnreadableFile("vr-unknown", "an element within a sequence has a VR that PS3.5 does not know")
        undefined = element.length == UNDEFINED
        if undefined and not self.holds_items(element):
            return self.skip_fragments(element.value)
        if undefined or element.vr == b"SQ" or (element.vr is None and is_sequence_tag(element.tag)):
            self._check_depth(level + 1)
            end = None if undefined else element.value + element.length
            stack.append((end, element.implicit or element.vr == b"UN"))
            return element.value
        return self.end_of(element, level)

    def _check_depth(self, depth: int) -> None:
        if depth > self.limits.depth:
            raise OverBudget("nesting-too-deep", f"sequences are nested more than {self.limits.depth} deep")
