"""What stands in bytes as base64 (RFC 4648, both alphabets) or as hexadecimal digits."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_MIXED = re.compile(rb"[a-z].*[A-Z]|[A-Z].*[a-z]|\d.*[A-Za-z]|[A-Za-z].*\d")
"""Base64 of a text mixes its letters; a word, and a number, does not."""
_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{10,}")
_PLAIN = bytes.maketrans(b"-_", b"+/")
QUARTET = 4


def decoded(data: bytes) -> bytes:
    """The bytes behind every run that may be encoded, with zeros between them. A run may begin within a longer one, so every
    beginning is tried.
    """
    return b"\0\0".join((*_from_base64(data), *_from_digits(data)))


def _from_base64(data: bytes) -> Iterator[bytes]:
    for run in _BASE64.finditer(data):
        if _MIXED.search(run.group()):
            letters = run.group().translate(_PLAIN)
            for start in range(QUARTET):
                part = letters[start:]
                part = part[:-1] if len(part) % QUARTET == 1 else part
                yield base64.b64decode(part + b"=" * (-len(part) % QUARTET))


def _from_digits(data: bytes) -> Iterator[bytes]:
    for run in _HEXADECIMAL.finditer(data):
        for start in (0, 1):
            digits = run.group()[start:]
            yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
