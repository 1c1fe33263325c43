"""Canaries: words that occur nowhere else, one for each carrier of each file, and the search for them in what was written."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

CONSONANTS, VOWELS, LAST = "BCDFGHJKLMNPQRSTVWXZ", "AEIOU", "HJKQVWXZ"
MARK, DIGITS = "ZUQAX", "7719377193"
"""How a canary begins as a word, and as a component of a UID. Words have vowels, as names do, and no medical ending."""
LETTERS = (VOWELS, CONSONANTS, VOWELS, CONSONANTS, VOWELS, LAST)
UID_DIGITS = 6
LONGEST_INFLATED = 1 << 22

_WORD = re.compile(MARK.encode() + rb"([A-Z]{%d})?" % len(LETTERS), re.IGNORECASE)
_UID = re.compile(DIGITS.encode() + rb"(\d{%d})?" % UID_DIGITS)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{12,}")
_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{18,}")
_ZLIB = re.compile(rb"[\x18\x28\x38\x48\x58\x68\x78][\x01\x5e\x9c\xda]")
DAMAGED = -1
"""Stands for a canary of which a mutation has left no more than its beginning."""


@dataclass(slots=True)
class Canaries:
    """Hands out canaries and knows who got which: the carrier, and the number of the file."""

    places: list[tuple[str, int]] = field(default_factory=list)

    def word(self, carrier: str, file: int) -> str:
        number, letters = self._next(carrier, file), ""
        for alphabet in reversed(LETTERS):
            number, place = divmod(number, len(alphabet))
            letters = alphabet[place] + letters
        return MARK + letters

    def uid(self, carrier: str, file: int) -> str:
        return f"1.2.826.0.1.{DIGITS}{self._next(carrier, file):0{UID_DIGITS}}"

    def _next(self, carrier: str, file: int) -> int:
        self.places.append((carrier, file))
        return len(self.places) - 1

    def carrier(self, number: int) -> str:
        return self.places[number][0] if 0 <= number < len(self.places) else "a damaged canary"


def found(data: bytes) -> set[int]:
    """Numbers of the canaries that ``data`` holds: plain in any case, in every second byte, in swapped bytes, deflated, in
    base64 or hexadecimal digits, or in the highest four bits of words.
    """
    return {number for form in _forms(data) for number in _numbers(form)}


def _numbers(data: bytes) -> Iterator[int]:
    for match in _WORD.finditer(data):
        yield _number((match[1] or b"").decode().upper())
    for match in _UID.finditer(data):
        yield int(match[1]) if match[1] else DAMAGED


def _number(letters: str) -> int:
    if not letters or any(letter not in alphabet for letter, alphabet in zip(letters, LETTERS, strict=True)):
        return DAMAGED
    number = 0
    for letter, alphabet in zip(letters, LETTERS, strict=True):
        number = number * len(alphabet) + alphabet.index(letter)
    return number


def _forms(data: bytes) -> Iterator[bytes]:
    for plain in (data, *inflated(data)):
        yield plain
        yield plain[0::2]
        yield plain[1::2]
        even = np.frombuffer(plain[: len(plain) // 2 * 2], "<u2")
        yield even.byteswap().tobytes()
        yield b"\n".join(_from_text(plain))
        yield from _high_bits(plain)


def _from_text(data: bytes) -> Iterator[bytes]:
    for run in _BASE64.finditer(data):
        for start in range(4):
            part = run.group()[start:]
            part = part[:-1] if len(part) % 4 == 1 else part
            yield base64.b64decode(part + b"=" * (-len(part) % 4))
    for run in _HEXADECIMAL.finditer(data):
        for start in (0, 1):
            part = run.group()[start:]
            yield binascii.unhexlify(part[: len(part) // 2 * 2])


def _high_bits(data: bytes) -> Iterator[bytes]:
    for start in (0, 1):
        even = data[start:][: (len(data) - start) // 2 * 2]
        nibbles = np.frombuffer(even, np.uint8)[1::2] >> 4
        for first in (0, 1):
            pairs = nibbles[first:][: (len(nibbles) - first) // 2 * 2].reshape(-1, 2)
            yield (pairs[:, 0] << 4 | pairs[:, 1]).tobytes()


def inflated(data: bytes) -> Iterator[bytes]:
    """What every zlib stream in ``data`` holds, PNG image data as one, and the data set of a deflated DICOM file."""
    starts = [(match.start(), zlib.MAX_WBITS) for match in _ZLIB.finditer(data)]
    if data[128:132] == b"DICM" and b"1.2.840.10008.1.2.1.99" in data[:1024]:
        starts += [(_data_set(data), -zlib.MAX_WBITS)]
    if data.startswith(b"\x89PNG"):
        data += b"".join(part[8:-4] for part in png_chunks(data) if part[4:8] == b"IDAT")
        starts += [(match.start(), zlib.MAX_WBITS) for match in _ZLIB.finditer(data)]
    for start, bits in starts:
        try:
            plain = zlib.decompressobj(bits).decompress(data[start:], LONGEST_INFLATED)
        except zlib.error:
            continue
        if len(plain) > len(MARK):
            yield plain


def _data_set(data: bytes) -> int:
    return 144 + int.from_bytes(data[140:144], "little")


def png_chunks(data: bytes) -> list[bytes]:
    """The chunks of a PNG file, each with its length, name and checksum; what follows the last whole one is left out."""
    chunks, position = [], 8
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if end > len(data):
            break
        chunks.append(data[position:end])
        position = end
    return chunks
